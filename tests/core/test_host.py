"""The host is described once, with what this process may use."""

import os
import platform

import numpy as np

from learnsys import __version__
from learnsys.core.host import this_host


def test_describes_this_process():
    host = this_host()
    assert host.python == platform.python_version()
    assert host.versions["numpy"] == np.__version__
    assert host.versions["learnsys"] == __version__
    assert 1 <= host.cores <= os.cpu_count()
    assert host.memory_bytes > 2**27
    assert host.cpu


def test_cores_are_those_it_may_use():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        this_host.cache_clear()
        assert this_host().cores == 1
    finally:
        os.sched_setaffinity(0, allowed)
        this_host.cache_clear()
