"""Runs gather under a name; two jobs never mix; nothing is lost."""

import subprocess
import sys

import msgspec
import pytest
from tests.machines.measure.test_noise import run

from learnsys.core.errors import Incompatible
from learnsys.core.fingerprint import Fingerprint
from learnsys.core.store import Store
from learnsys.machines.measure.keep import check, keep, known


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def made(*command, name="etl", **fields):
    return Fingerprint(name=name, command=command, runs=(msgspec.structs.replace(run(), **fields),))


def test_runs_of_the_same_command_gather(store):
    keep(store, made("sort", "a"))
    assert len(keep(store, made("sort", "a")).runs) == 2
    assert known(store, "etl").command == ("sort", "a")
    assert len(store.get("fingerprint", "etl", 1).runs) == 1
    assert known(store, "other") is None


def test_another_command_is_refused_and_nothing_is_lost(store):
    keep(store, made("sort", "a"))
    for attempt in (lambda: check(store, "etl", ("sort", "b"), None), lambda: keep(store, made("sort", "b"))):
        with pytest.raises(Incompatible, match="sort a") as caught:
            attempt()
        assert "--replace" in caught.value.next
    assert known(store, "etl") == made("sort", "a")


def test_replacing_starts_anew_and_keeps_the_old_version(store):
    keep(store, made("sort", "a"))
    assert keep(store, made("sort", "b"), replace=True).runs == made("sort", "b").runs
    assert store.get("fingerprint", "etl", 1) == made("sort", "a")


def test_sizes_of_one_program_are_one_job(store):
    keep(store, made("sort", "small", size=1e6))
    whole = keep(store, made("sort", "big", size=1e9))
    assert [(r.size, r.command) for r in whole.runs] == [(1e6, ()), (1e9, ("sort", "big"))]
    check(store, "etl", ("sort", "big"), 1e9)
    for command, size in ((("sort", "other"), 1e9), (("wc", "big"), 1e8), (("sort", "more"), None)):
        with pytest.raises(Incompatible):
            check(store, "etl", command, size)


def test_runs_from_elsewhere_need_no_command(store):
    keep(store, made("sort", "-k 2", "a"))
    assert known(store, "etl").command == keep(store, made()).command
    keep(store, made("sort", "-k", "2", "a"))  # as time(1) tells it
    keep(store, made(name="new"))
    assert keep(store, made("sort", name="new")).command == ("sort",)


ADD = """
import sys
from learnsys.core.store import Store
from learnsys.machines.measure.keep import keep
from tests.machines.measure.test_keep import made
for _ in range(5):
    keep(Store(sys.argv[1]), made("sort"))
"""


def test_two_processes_lose_no_run(tmp_path):
    jobs = [subprocess.Popen([sys.executable, "-c", ADD, tmp_path]) for _ in range(2)]
    assert [job.wait(60) for job in jobs] == [0, 0]
    assert len(known(Store(tmp_path), "etl").runs) == 10
