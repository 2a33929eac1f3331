"""One made benchmark and one job for the tests of decisions."""

import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.machines.decide.evidence import look
from learnsys.machines.decide.fitted import fit_for

MEASURED = ("ash/c2.2", "birch/c4.4")


@pytest.fixture(scope="session")
def benchmark():
    return made.benchmark()


@pytest.fixture(scope="session")
def truth():
    return made.speed(np.random.default_rng(99))


@pytest.fixture(scope="session")
def fingerprint(truth):
    return made.job(truth, MEASURED)


@pytest.fixture(scope="session")
def evidence(benchmark, fingerprint):
    return look(fingerprint, fit_for(benchmark, MEASURED))


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A store of the test's own."""
    monkeypatch.setenv("LEARNSYS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
