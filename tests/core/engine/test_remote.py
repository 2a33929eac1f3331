"""Hosts start when they are needed, serve all groups, and forget."""

import gc

import pytest
from tests.core.engine.workers import Census, Descent, Number, die_once, scaled, shards


def test_workers_share_at_most_slots_processes(remote_engine):
    pids = remote_engine.workers(Descent, shards(5)).call("pid")
    assert pids == [pids[0], pids[1], pids[0], pids[1], pids[0]]
    assert pids[0] != pids[1]
    assert remote_engine.workers(Descent, shards(1)).call("pid") == pids[:1], "the next group uses the same"


def test_values_that_cannot_travel_are_told_and_the_engine_goes_on(remote_engine):
    group = remote_engine.workers(Number, [1, 2])
    restarts = remote_engine.stats.restarts
    for method, args in (("same", [(letter for letter in "ab")]), ("generate", ())):
        with pytest.raises(TypeError, match="cannot pickle 'generator' object"):
            group.call(method, *args)
        assert group.call("get") == [(1,), (2,)]
    assert remote_engine.stats.restarts == restarts


def test_dropped_groups_are_forgotten_by_their_hosts(remote_engine):
    before = remote_engine.workers(Census, [0, 1]).call("groups")
    groups = [remote_engine.workers(Number, [0, 1]) for _ in range(3)]
    assert remote_engine.workers(Census, [0, 1]).call("groups") == [n + 3 for n in before]
    del groups
    gc.collect()
    assert remote_engine.workers(Census, [0, 1]).call("groups") == before


def test_cpu_seconds_of_other_processes_count(remote_engine):
    before = remote_engine.stats.cpu_s
    remote_engine.map(sum, [range(2_000_000)] * 2)
    assert remote_engine.stats.cpu_s - before > 0.01


def test_a_map_survives_what_a_round_survives(remote_engine, tmp_path):
    restarts = remote_engine.stats.restarts
    assert remote_engine.map(die_once, [tmp_path / name for name in "abc"]) == ["a", "b", "c"]
    assert remote_engine.stats.restarts > restarts
    assert remote_engine.map(scaled, range(3), remote_engine.put(2)) == [0, 2, 4]
