"""The work and span laws: they agree with their loops, and tell the jobs that they describe from few runs."""

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models import naive_workspan as naive
from tests.machines.models.made import factors

from learnsys.machines.models.model import fit
from learnsys.machines.models.workspan import BUSY, ETA, PARALLEL, TAU, WorkSpan

CORES = np.array([0.25, 0.5, 1.0, 1.5, 2.0, 4.0])
MEMORY = np.log(2.0 ** np.array([29, 27, 31, 28, 32, 30]))
SECONDS = st.floats(0.01, 1e4)


def law(*references):
    return WorkSpan(cores=CORES, memory=MEMORY, references=np.array(references, np.intp), work=0, held=1)


def log_s(references, y, cpu, held=None):
    counters = np.column_stack([cpu, np.ones(len(cpu)) if held is None else held])
    return law(*references).log_s(np.asarray(y)[None], counters[None])[0]


@st.composite
def jobs(draw):
    R = draw(st.lists(st.integers(0, CORES.size - 1), min_size=1, max_size=4, unique=True))
    y = [np.log(draw(SECONDS)) for _ in R]
    cpu = [np.exp(t) * CORES[r] * draw(st.floats(0.05, 1.1) | st.just(np.nan)) for t, r in zip(y, R, strict=True)]
    used = np.divide(cpu, np.exp(y))
    assume(not np.isclose(used, BUSY * CORES[R]).any() and not np.isclose(used, PARALLEL).any())  # or rounding decides
    held = [draw(st.floats(1e6, 1e9) | st.just(np.nan)) for _ in R]
    return R, np.array(y), np.array(cpu), np.array(held)


@given(jobs())
def test_agrees_with_loops(job):
    expected = naive.log_s(CORES, MEMORY, *job, BUSY, PARALLEL, TAU, ETA)
    assert_allclose(log_s(*job), expected, atol=1e-9)


@given(jobs(), st.floats(0.01, 100))
def test_seconds_scale_with_the_clock(job, k):
    R, y, cpu, held = job
    assert_allclose(log_s(R, y + np.log(k), k * cpu, held), log_s(R, y, cpu, held) + np.log(k), atol=1e-6)


@pytest.mark.parametrize(("span", "case"), [(1.0, "one thread"), (0.25, "four threads"), (3.0, "it waits")])
def test_two_runs_tell_a_job_that_obeys(span, case):
    work = 2.0
    t = np.maximum(work / CORES, work * span)
    R = [1, 5]
    assert_allclose(np.exp(log_s(R, np.log(t[R]), [work, work])), t, rtol=1e-9, err_msg=case)


def test_work_that_several_cores_multiply_is_kept_apart():
    seconds = np.exp(log_s([1, 4], np.log([4.0, 5.0]), [2.0, 8.0]))
    assert seconds[2] < 2.5
    assert seconds[5] > 4


def test_a_job_that_holds_less_in_less_memory_works_more_there_and_not_on_more_cores():
    seconds = np.exp(log_s([2, 3], np.log([1.0, 3.0]), [1.0, 3.0], [1e9, 1e8]))
    assert seconds[1] > 5  # as little memory, half a core
    assert seconds[4] < 1.2  # as much memory, two cores


def test_without_cpu_seconds_nothing_changes():
    benchmark, _ = factors(0)
    R = np.array([0, 4])
    assert WorkSpan.of(benchmark, R).work is None
    assert (WorkSpan.of(benchmark, R).log_s(np.ones((2, 2)), np.ones((2, 2, 0))) == 0).all()


def test_a_model_of_jobs_that_obey_needs_no_relatives():
    benchmark, _ = factors(3, W=12, V=6, counters=1)
    rng = np.random.default_rng(0)
    cores = np.array([m.vcpus for m in benchmark.catalog.machines])
    work, span = rng.uniform(1, 9, 12), rng.choice([1.0, 0.5, 0.25, 0.03], 12)
    t = work[:, None] * np.maximum(1 / cores, span[:, None])
    benchmark = msgspec.structs.replace(
        benchmark, counter_names=("cpu_s",), counters=work[benchmark.workload][:, None],
        elapsed_s=t[benchmark.workload, benchmark.machine],
    )  # fmt: skip
    assert np.nanmax(np.abs(fit(benchmark, np.array([0, 5])).residuals)) < 0.02


def test_two_references_of_one_memory_speak_alike_in_either_order():
    cores, memory = np.array([1.0, 2.0, 0.5]), np.log([2.0**30, 2.0**30, 2.0**28])
    y, counters = np.log([[10.0, 8.0]]), np.array([[[10.0, 100e6], [14.0, 130e6]]])
    told = []
    for order in ([0, 1], [1, 0]):
        law = WorkSpan(cores=cores, memory=memory, references=np.array(order), work=0, held=1)
        told.append(law.log_s(y[:, order], counters[:, order]))
    assert_allclose(*told)
