"""The big run from two small ones: what must hold for any growth, and what other workloads teach."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from numpy.testing import assert_allclose
from tests.machines.models import naive_size as naive
from tests.machines.strategies import benchmark_of

from learnsys.core.errors import InputError
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.benchmark import Workload
from learnsys.machines.models.conformal import Ladder
from learnsys.machines.models.forecast import Forecast
from learnsys.machines.models.size import Growth, fit_growth, observe_at_size, widened

SIZES = (1.0, 10.0, 100.0, 1000.0)


def jobs(*, groups=8, machines=3, noise=0.02, seed=0, unit=1.0, slope=1.0):
    """Jobs at four sizes: fixed cost 10 s, seconds a unit log-normal around ``slope`` / 100."""
    rng = np.random.default_rng(seed)
    rows, workloads = [], []
    for g in range(groups):
        per_unit = 0.01 * slope * np.exp(0.3 * rng.normal())
        for s in SIZES:
            rows += [
                (len(workloads), v, (10 + per_unit * s) / (v + 1) * np.exp(noise * rng.normal()))
                for v in range(machines)
            ]
            workloads.append(Workload(name=f"g{g} {s}", group=f"g{g}", size=s * unit))
    return replace(benchmark_of(rows, len(workloads), machines), workloads=tuple(workloads))


def run(machine, size, seconds, **more):
    return Run(
        machine=machine, outcome="ok", elapsed_s=seconds, cpu_s=0, peak_bytes=0, working_set_bytes=0, size=size, **more
    )


def fingerprint(*runs):
    return Fingerprint(name="job", command=("job",), runs=runs)


GROWTH = fit_growth(jobs())
TIMES = st.floats(0.1, 1e4)


@given(TIMES, TIMES, st.floats(1.3, 100), st.floats(0.1, 1e4))
def test_the_unit_of_size_does_not_matter(small, big, factor, unit):
    log_s = np.log([[small], [big]])
    a = GROWTH.log_ratio((1.0, factor), log_s, 7 * factor)
    b = GROWTH.log_ratio((unit, unit * factor), log_s, 7 * unit * factor)
    assert_allclose(a, b, atol=1e-9)


@given(TIMES, TIMES, st.floats(1.3, 100), st.floats(0.1, 100))
def test_the_unit_of_time_does_not_matter(small, big, factor, k):
    log_s = np.log([[small], [big]])
    a, b = (GROWTH.log_ratio((1.0, factor), x, 7 * factor) for x in (log_s, log_s + np.log(k)))
    assert_allclose(a, b, atol=1e-9)


@given(TIMES, TIMES, st.floats(1.3, 100))
def test_the_largest_size_measured_is_predicted_as_measured(small, big, factor):
    log_s = np.log([[small], [big]])
    assert_allclose(GROWTH.log_ratio((1.0, factor), log_s, factor), 0, atol=1e-9)
    assert_allclose(GROWTH.log_ratio((1.0, factor), log_s, factor * (1 + 1e-9)), 0, atol=1e-6)
    assert GROWTH.log_sd((1.0, factor), factor) == 0


@given(TIMES, TIMES, st.floats(1.3, 100), st.floats(1.01, 1e3))
def test_more_data_never_takes_less_time(small, big, factor, more):
    assert GROWTH.log_ratio((1.0, factor), np.log([[small], [big]]), factor * more) >= 0


def test_far_below_as_far_above_it_is_less_sure():
    near, inside, far = (GROWTH.log_sd((1.0, 4.0), size) for size in (0.5, 2.0, 0.01))
    assert inside == 0 < near < far
    assert near == pytest.approx(GROWTH.log_sd((1.0, 4.0), 8.0))


@given(TIMES, st.floats(0.01, 0.99), st.floats(1.3, 100), st.floats(1.1, 1e3))
def test_for_want_of_other_workloads_it_is_ernest(small, share, factor, more):
    big = small * (1 + share * (factor - 1))  # both of Ernest's coefficients above zero
    got = Growth.unknown().log_ratio((1.0, factor), np.log([[small], [big]]), factor * more)
    assert_allclose(big * np.exp(got), naive.ernest([1.0, factor], [small, big], factor * more), rtol=1e-6)


def test_other_workloads_teach_more_than_the_line_through_noise():
    known, new = jobs(groups=30, noise=0.05), jobs(groups=30, noise=0.05, seed=1)
    growth, ours, line = fit_growth(known), [], []
    for w in range(0, new.shape[0], 4):
        log_s = np.log(new.seconds[w : w + 2])
        truth = np.log(new.seconds[w + 3])
        ours.append(np.abs(log_s[1] + growth.log_ratio(SIZES[:2], log_s, SIZES[3]) - truth).mean())
        line.append(np.abs(log_s[1] + Growth.unknown().log_ratio(SIZES[:2], log_s, SIZES[3]) - truth).mean())
    assert np.mean(ours) < 0.5 * np.mean(line)


def test_its_error_is_what_it_says():
    known, new = jobs(groups=40), jobs(groups=40, seed=1)
    growth = fit_growth(known)
    errors = []
    for w in range(0, new.shape[0], 4):
        log_s = np.log(new.seconds[w + 1 : w + 3])
        errors.append(log_s[1] + growth.log_ratio(SIZES[1:3], log_s, SIZES[3]) - np.log(new.seconds[w + 3]))
    assert np.mean(np.abs(errors) < 2 * growth.log_sd(SIZES[1:3], SIZES[3])) > 0.9


def test_a_benchmark_without_sizes_knows_only_the_line():
    assert_allclose(fit_growth(benchmark_of([(0, 0, 1.0)], 1, 1)).coefficients, [0, 1, 0])


def test_a_fingerprint_at_two_sizes_is_read_at_a_third():
    benchmark = jobs()
    seen = fingerprint(*(run(f"cloud/m{v}", s, (10 + 0.01 * s) / (v + 1)) for s in (1.0, 100.0) for v in (0, 2)))
    observed, log_sd = observe_at_size(benchmark, seen, 1000.0)
    assert list(observed.machines) == [0, 2]
    assert_allclose(np.exp(observed.log_s), [20, 20 / 3], rtol=0.35)
    assert log_sd > 0


def test_a_size_that_was_run_is_not_extrapolated():
    seen = fingerprint(*(run("cloud/m0", s, s) for s in (1.0, 2.0, 3.0)))
    observed, log_sd = observe_at_size(jobs(), seen, 2.0)
    assert (np.exp(observed.log_s), log_sd) == (pytest.approx([2.0]), 0.0)


def test_a_size_that_hardly_differs_is_passed_over():
    job = [(s, 10 + s) for s in (1.0, 9.5, 10.0)]
    wide, all_three = (fingerprint(*(run("cloud/m0", *at) for at in some)) for some in (job[::2], job))
    assert_allclose(*(observe_at_size(jobs(), seen, 99.0)[0].log_s for seen in (wide, all_three)))


@pytest.mark.parametrize(
    "runs",
    [
        (run("cloud/m0", 1.0, 1.0),),
        (run("cloud/m0", 1.0, 1.0), run("cloud/m0", 1.05, 1.0)),
        (run("cloud/m0", 1.0, 1.0), run("cloud/m1", 9.0, 1.0)),
        (run("cloud/m0", None, 1.0), run("cloud/m0", 9.0, 1.0)),
        (run("cloud/m0", 1.0, 1.0), run("cloud/m0", 9.0, 1.0, rejected="noisy")),
    ],
)
def test_fewer_than_two_sizes_are_refused_with_the_next_step(runs):
    with pytest.raises(InputError, match="two sizes") as caught:
        observe_at_size(jobs(), fingerprint(*runs), 50.0)
    assert "--size" in str(caught.value.next)


def test_a_size_of_nothing_is_refused():
    with pytest.raises(InputError, match="not above 0"):
        observe_at_size(jobs(), fingerprint(run("cloud/m0", 1.0, 1.0)), 0.0)


def test_an_error_in_common_widens_every_machine():
    f = Forecast(log_s=np.zeros(2), scale=np.array([0.1, 0.3]), ladder=Ladder.normal(), log_p90=np.zeros(2))
    assert (widened(f, 0.5).scale > f.scale).all()
    assert_allclose(widened(f, 0.0).scale, f.scale)
