"""Engines that all tests of this room share."""

import pytest

from learnsys.core import engine


@pytest.fixture(scope="session")
def threads():
    with engine.local(slots=2) as opened:
        yield opened


@pytest.fixture(scope="session")
def processes():
    with engine.local(slots=2, kind="processes") as opened:
        yield opened
