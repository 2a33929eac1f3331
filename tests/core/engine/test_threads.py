"""What is particular to threads: nothing is copied, and a round ends before its error is told."""

import threading
import time

import pytest
from tests.core.engine.workers import Number

from learnsys.core.engine import local


def test_values_are_shared_and_not_copied():
    value = [1, 2]
    with local(2) as engine:
        (got, shared), *_ = engine.workers(Number, [value], engine.put(value)).call("get")
        assert got is shared is value
        assert engine.stats.cpu_s == 0, "there are no other processes"


def test_slots_run_at_once_and_no_more():
    running, most = set(), []

    def task(item):
        running.add(item)
        most.append(len(running))
        time.sleep(0.01)
        running.discard(item)

    for slots in (1, 3):
        most.clear()
        with local(slots) as engine:
            engine.map(task, range(9))
        assert max(most) <= slots
    barrier = threading.Barrier(3)
    with local(3) as engine:
        engine.map(lambda item: barrier.wait(10), range(3))  # ends only if all three run at once


def test_no_worker_runs_on_after_an_error():
    ended = []

    def task(item):
        if item == 0:
            raise ValueError("at once")
        time.sleep(0.05)
        ended.append(item)

    with local(2) as engine:
        with pytest.raises(ValueError, match="at once"):
            engine.map(task, range(3))
        assert sorted(ended) == [1, 2]


def test_threads_end_with_the_engine():
    before = set(threading.enumerate())
    with local(2) as engine:
        engine.map(abs, range(5))
        ours = set(threading.enumerate()) - before
        assert any(thread.name.startswith("learnsys") for thread in ours)
    assert not any(thread.is_alive() for thread in ours)
