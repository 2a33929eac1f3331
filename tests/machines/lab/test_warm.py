"""Touching memory leaves no trace in this process."""

import resource

from learnsys.machines.lab.warm import warm


def test_the_touched_memory_is_given_back():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    warm(64 << 20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >= 64 << 10


def test_nothing_is_nothing():
    warm(0)
