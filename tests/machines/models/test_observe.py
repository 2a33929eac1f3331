"""Runs of a new job become what models read; those that do not count are left out."""

import msgspec
import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.machines.models.made import factors

from learnsys.core.errors import InputError, UnknownMachine
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.models.observe import observe, observe_run


def run(machine, elapsed_s, *, outcome="ok", rejected=None, c0=(1.0, 2.0)):
    return Run(
        machine=machine, outcome=outcome, elapsed_s=elapsed_s, cpu_s=1.0, peak_bytes=1, working_set_bytes=1,
        counters={"c0": c0}, rejected=rejected,
    )  # fmt: skip


def job(*runs):
    return Fingerprint(name="etl", command=("true",), runs=runs)


def test_gathers_good_runs_by_machine():
    benchmark, _ = factors(0, counters=2)
    observed = observe(
        benchmark,
        job(
            run("cloud/m3", 2.0), run("cloud/m1", 5.0), run("cloud/m3", 4.0, c0=(3.0, 0.0)),
            run("cloud/m1", None, outcome="oom"), run("cloud/m2", 9.0, rejected="noisy"),
        ),
    )  # fmt: skip
    assert observed.machines.tolist() == [3, 1]
    assert_allclose(np.exp(observed.log_s), [3, 5])
    assert observed.runs.tolist() == [2, 1]
    assert_allclose(observed.counters, [[2, np.nan], [1, np.nan]])


def test_means_and_percentiles_have_their_names():
    benchmark, _ = factors(0, counters=2)
    benchmark = msgspec.structs.replace(benchmark, counter_names=("m|c0", "p|c0"))
    assert_allclose(observe(benchmark, job(run("cloud/m3", 2.0))).counters, [[1, 2]])


def test_nothing_good_is_refused_with_the_next_step():
    with pytest.raises(InputError, match="no run that ended well") as caught:
        observe(factors(0)[0], job(run("cloud/m1", None, outcome="oom")))
    assert "fingerprint --name etl" in caught.value.next


def test_a_time_of_zero_is_refused():
    with pytest.raises(InputError, match="above zero"):
        observe(factors(0)[0], job(run("cloud/m1", 0.0)))


def test_an_unknown_machine_is_refused():
    with pytest.raises(UnknownMachine, match="m1"):
        observe(factors(0)[0], job(run("cloud/m11", 1.0)))


def test_a_known_run_is_taken_as_it_was():
    benchmark, _ = factors(0, reps=2)
    rows = [benchmark.of(4, v) for v in (2, 5)]
    for rep in range(3):
        observed = observe_run(benchmark, 4, np.array([2, 5]), rep)
        assert_allclose(np.exp(observed.log_s), [benchmark.elapsed_s[r[rep % 2]] for r in rows])


def test_a_cell_without_runs_is_refused():
    benchmark, _ = factors(0, missing=0.5)
    w, v = np.argwhere(benchmark.runs == 0)[0]
    with pytest.raises(InputError, match=f"cloud/m{v}"):
        observe_run(benchmark, int(w), np.array([v]))
