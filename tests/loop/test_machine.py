"""A job of a moment on shapes of this host: predicted from made-up programs, kept, and checked."""

import os
import sys
from datetime import UTC, date, datetime

import msgspec
import numpy as np
import pytest

from learnsys.core.machine import Catalog, Machine
from learnsys.loop import machine
from learnsys.loop.machine import RATES, check_machine, choose_machine, has_groups, pick, split, usable
from learnsys.loop.machine_types import MachineChoice
from learnsys.machines import Benchmark, rank
from learnsys.machines.benchmark import Workload
from learnsys.machines.measure.shape import Shape

GIB = 1 << 30
WORK = (sys.executable, "-c", "sum(range(6_000_000))")


@pytest.fixture(scope="module")
def lab() -> Benchmark:
    """Twelve programs that obey Amdahl's law, on shapes of 0.5 to 2 cores."""
    rng = np.random.default_rng(0)
    shapes = [Shape(cpu=c, memory_bytes=m * GIB) for c in (0.5, 1.0, 2.0) for m in (1, 2)]
    machines = tuple(Machine(key=s.key, vcpus=s.cpu, memory_bytes=s.memory_bytes) for s in shapes)
    W, V, R = 12, len(shapes), 2
    serial, work = rng.uniform(0.2, 1.0, W), rng.uniform(0.5, 4.0, W)
    cpu = np.array([s.cpu for s in shapes])
    law = work[:, None] * np.maximum(1 / cpu, np.minimum(1.0, serial[:, None] + (1 - serial[:, None]) / cpu))
    w, v, _ = (a.ravel() for a in np.meshgrid(np.arange(W), np.arange(V), np.arange(R), indexing="ij"))
    return Benchmark(
        name="made", note="shapes of one host",
        workloads=tuple(Workload(name=f"w{i}", group=f"w{i}") for i in range(W)),
        catalog=Catalog(machines=machines, source="made here", licence="none", as_of=date(2026, 1, 1), sha256=""),
        machine=v, workload=w, elapsed_s=law[w, v] * rng.lognormal(0, 0.02, w.size), outcome=np.zeros(w.size, np.int8),
        counters=np.zeros((w.size, 0)), features=np.log([[m.vcpus, m.memory_bytes] for m in machines]),
        feature_names=("log vcpus", "log memory"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(lab, tmp_path_factory):
    """The job, predicted and kept."""
    out = tmp_path_factory.mktemp("machine") / "machine.json"
    return choose_machine("job", WORK, lab, out, reps=1, check_s=60.0), out


def test_the_prediction_is_kept_before_the_check_and_stays_as_it_is(found):
    choice, out = found
    kept = msgspec.json.decode(out.read_bytes(), type=MachineChoice)
    checked = check_machine(choice)
    assert kept.verified == ()
    assert checked.predictions == choice.predictions == kept.predictions
    assert checked.to_verify == kept.to_verify
    written = datetime.fromtimestamp(out.stat().st_mtime, UTC)
    assert all(written <= run.started for run in checked.verified)
    assert {run.machine for run in checked.verified} == ({choice.to_verify} if choice.to_verify else set())


def test_every_shape_has_a_price_and_the_cheapest_run_is_first(found, lab):
    choice, _ = found
    assert {p.machine for p in choice.predictions} == set(lab.keys)
    costs = [p.cost_usd.mean for p in choice.predictions]
    assert costs == sorted(costs)
    assert all(p.price.source == "GCE custom n2" for p in choice.predictions)
    assert choice.least_an_hour.price.usd_hour == min(p.price.usd_hour for p in choice.predictions)


def test_what_is_checked_was_no_reference(found):
    choice, _ = found
    assert choice.to_verify not in {run.machine for run in choice.fingerprint.runs}


def test_without_control_groups_shapes_are_whole_cores_and_the_answer_is_called_weak(lab, tmp_path, monkeypatch):
    measure = machine.machines.fingerprint
    monkeypatch.setattr(machine, "has_groups", lambda: False)
    monkeypatch.setattr(machine.machines, "fingerprint", lambda *a, **k: measure(*a, weak=True, **k))
    checked = check_machine(choose_machine("job", WORK, lab, tmp_path / "machine.json", reps=1, check_s=60.0))
    assert checked.isolation == "weak"
    assert all(float(r.machine.partition("cpu=")[2][0]) >= 1 for r in (*checked.fingerprint.runs, *checked.verified))
    if len(os.sched_getaffinity(0)) > 1:
        assert "weakly isolated" in dict(checked.lines())["verified"]


def test_shapes_larger_than_the_host_are_left_out():
    far = Machine(key="host/cpu=4096,mem=1GiB", vcpus=4096, memory_bytes=GIB)
    half = Machine(key="host/cpu=0.5,mem=1GiB", vcpus=0.5, memory_bytes=GIB)
    one = Machine(key="host/cpu=1,mem=1GiB", vcpus=1, memory_bytes=GIB)
    assert [s.cpu for s in usable([far, half, one], divisible=True)] == [0.5, 1.0]
    assert [s.cpu for s in usable([far, half, one], divisible=False)] == [1.0]


@pytest.mark.parametrize(
    ("cpus", "references", "others"),
    [((0.5, 1, 2), {1, 2}, {0.5}), ((1, 2), {1}, {2}), ((0.25, 0.5), {0.5}, {0.25}), ((1,), {1}, set())],
)
def test_a_number_of_cores_is_left_for_the_check(cpus, references, others):
    shapes = [Shape(cpu=c, memory_bytes=m * GIB) for c in cpus for m in (1, 4)]
    seen, left = split(shapes)
    assert {s.cpu for s in seen} == references
    assert {s.memory_bytes for s in seen} == {4 * GIB}
    assert {s.cpu for s in left} == others


def test_the_check_is_the_cheapest_an_hour_that_ends_soon(found, lab):
    choice, _ = found
    ranking = rank(choice.fingerprint, benchmark=lab, rates=RATES)
    others = [Shape.parse(key) for key in lab.keys]
    assert pick(ranking, others, 1e9) == "host/cpu=0.5,mem=1GiB"
    assert pick(ranking, others, 0.0) == min(ranking.rows, key=lambda p: p.time_s.high).machine
    assert pick(ranking, [], 1e9) is None


def test_whether_there_are_control_groups_is_found_out():
    assert has_groups() in (True, False)
