"""BLAS is held while an engine is open, and let go after the last."""

import subprocess
import sys

import pytest

from learnsys.core.engine.one_thread import one_thread
from learnsys.core.errors import MissingExtra

SCRIPT = """
import numpy as np, scipy.linalg
from threadpoolctl import threadpool_info
from learnsys.core.engine import local
def threads(): return sorted({library["num_threads"] for library in threadpool_info()})
print(threads())
one, other = local(1), local(1, "processes")
print(threads())
one.close(); one.close()
print(threads())
other.close()
print(threads())
try:
    with local(1): raise KeyError
except KeyError:
    print(threads())
"""


def test_limits_come_back_when_the_last_engine_closes(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[2]", "[1]", "[1]", "[2]", "[2]"]


LATE = """
import numpy as np
from threadpoolctl import threadpool_info
from learnsys.core.engine import local
def threads(): return sorted({library["num_threads"] for library in threadpool_info()})
first = local(1)
import sklearn.utils._openmp_helpers  # brings an OpenMP that the first engine could not hold
assert len(threadpool_info()) > 2 and threads() == [1, 2]
second = local(1)
print(threads(), second.map(lambda _: threads(), [0]))  # OpenMP counts apart in every thread
first.close()
print(threads())
second.close()
print(threads())
"""


def test_a_library_that_comes_late_is_held_by_the_next_engine(monkeypatch):
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "2")
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["[1] [[1]]", "[1]", "[2]"], done.stderr


def test_the_missing_library_is_named(monkeypatch):
    from learnsys.core.engine import one_thread as module

    monkeypatch.setattr(module, "_holders", module._Holders())
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with (
        pytest.raises(MissingExtra, match=r"threadpoolctl is not installed; pip install 'learnsys\[convex\]'"),
        one_thread(),
    ):
        pass
