"""Runs are rejected on evidence of other work, and on nothing else."""

from statistics import median

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.fingerprint import Run
from learnsys.machines.measure.noise import disturbed, judge

QUIET = {"cpu.steal_frac": (0.0, 0.0), "cpu.hindered_frac": (0.0, 0.0), "host.other_cores": (0.1, 0.2)}


def run(elapsed=1.0, cpu=1.0, **counters):
    changed = {name.replace("_", ".", 1): (mean, mean) for name, mean in counters.items()}
    return Run(
        machine="host/cpu=1,mem=1GiB", outcome="ok", elapsed_s=elapsed, spent_s=elapsed, cpu_s=cpu, peak_bytes=1,
        working_set_bytes=1, counters=QUIET | changed, isolation="cgroup1",
    )  # fmt: skip


def test_a_quiet_run_counts():
    assert disturbed(run()) is None


@pytest.mark.parametrize(
    ("counter", "says"), [("cpu_steal_frac", "hypervisor"), ("cpu_hindered_frac", "waited for other work")]
)
def test_evidence_in_the_run_itself_rejects_it_and_says_why(counter, says):
    assert says in disturbed(run(**{counter: 0.2}))


@pytest.mark.parametrize("outcome", ["failed", "oom"])
def test_a_job_that_failed_or_did_not_fit_counts_whatever_ran_beside_it(outcome):
    assert disturbed(msgspec.structs.replace(run(cpu_hindered_frac=0.9), outcome=outcome)) is None


def test_one_tick_of_other_work_is_no_evidence():
    assert disturbed(run(elapsed=0.1, cpu_hindered_frac=0.1)) is None


def test_a_repetition_with_more_cpu_time_is_rejected_only_beside_other_work():
    runs = [run(), run(cpu=1.02), run(cpu=1.4)]
    assert [r.rejected for r in judge(runs)] == [None] * 3
    busy = judge([*runs[:2], run(cpu=1.4, host_other_cores=1.0)])
    assert [bool(r.rejected) for r in busy] == [False, False, True]
    assert "1.37x the CPU time" in busy[2].rejected


def test_a_repetition_that_waited_is_rejected_only_beside_other_work():
    runs = [run(), run(elapsed=1.02), run(elapsed=1.6)]
    assert [r.rejected for r in judge(runs)] == [None] * 3
    assert judge([*runs[:2], run(elapsed=1.6, cpu_hindered_frac=0.03)])[2].rejected


def test_sizes_and_machines_are_not_compared():
    big = msgspec.structs.replace(run(cpu=9.0, host_other_cores=2.0), size=9.0)
    assert judge([run(), run(), big])[2].rejected is None


@given(st.lists(st.tuples(st.floats(0.5, 2), st.floats(0.5, 2), st.floats(0, 1), st.floats(0, 2)), max_size=8))
def test_judging_marks_runs_and_changes_nothing_else_and_never_the_middle_of_a_group(rows):
    runs = [run(elapsed=e, cpu=c, cpu_hindered_frac=h / 100, host_other_cores=o) for e, c, h, o in rows]
    once = judge(runs)
    assert [msgspec.structs.replace(r, rejected=None) for r in once] == runs
    for r in once:
        if r.cpu_s <= median(x.cpu_s for x in runs) and r.elapsed_s <= median(x.elapsed_s for x in runs):
            assert r.rejected is None
    assert all(b.rejected == a.rejected for a, b in zip(once, judge(once), strict=True) if a.rejected)


@given(st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), max_size=8))
def test_without_other_work_no_spread_is_rejected(rows):
    assert not any(r.rejected for r in judge([run(elapsed=e, cpu=c) for e, c in rows]))
