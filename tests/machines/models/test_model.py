"""Laws of the model: machines have no order, clocks no unit, measuring helps."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models.made import factors, seen

from learnsys.core.errors import InputError
from learnsys.machines.models.model import fit

SEEDS = st.integers(0, 1000)


def without(benchmark, w):
    """The benchmark less a workload's group."""
    return benchmark.only(workloads=np.flatnonzero(benchmark.groups != benchmark.groups[w]))


@given(SEEDS)
@settings(max_examples=10)
def test_permuting_machines_permutes_the_forecast(seed):
    benchmark, log_s = factors(seed, missing=0.1)
    order = np.random.default_rng(seed).permutation(9)
    a = fit(without(benchmark, 0), np.array([0, 4])).predict(seen(benchmark, 0, [0, 4], log_s))
    at = np.argsort(order)[[0, 4]]
    b = fit(without(benchmark.only(machines=order), 0), at).predict(
        msgspec.structs.replace(seen(benchmark, 0, [0, 4], log_s), machines=at)
    )
    assert_allclose(b.log_s, a.log_s[order], atol=1e-4)
    assert_allclose(b.scale, a.scale[order], rtol=1e-2)


@given(SEEDS, st.floats(0.01, 100))
@settings(max_examples=10)
def test_seconds_scale_with_the_clock(seed, k):
    benchmark, log_s = factors(seed)
    slower = msgspec.structs.replace(benchmark, elapsed_s=k * benchmark.elapsed_s)
    a = fit(without(benchmark, 0), np.array([1, 2])).predict(seen(benchmark, 0, [1, 2], log_s))
    b = fit(without(slower, 0), np.array([1, 2])).predict(seen(slower, 0, [1, 2], log_s + np.log(k)))
    assert_allclose(b.log_s, a.log_s + np.log(k), atol=1e-6)
    assert_allclose(b.scale, a.scale, rtol=1e-4)


def test_learns_what_is_there_to_learn():
    benchmark, log_s = factors(5, W=40, V=12)
    model, own = [], []
    for w in range(6):
        forecast = fit(without(benchmark, w), np.array([0, 1, 2])).predict(seen(benchmark, w, [0, 1, 2], log_s))
        model.append(np.abs(forecast.log_s - log_s[w])[3:])
        own.append(np.abs(log_s.mean(axis=0) - log_s[:, :3].mean() + log_s[w, :3].mean() - log_s[w])[3:])
    assert np.mean(model) < 0.5 * np.mean(own)


def test_where_it_ran_it_believes_the_runs():
    benchmark, log_s = factors(0)
    few, many = (
        fit(without(benchmark, 0), np.array([0, 4])).predict(seen(benchmark, 0, [0, 4], log_s, runs=n)) for n in (1, 9)
    )
    assert_allclose(few.log_s[[0, 4]], log_s[0, [0, 4]], atol=0.05)
    assert (np.abs(many.log_s - log_s[0])[[0, 4]] <= np.abs(few.log_s - log_s[0])[[0, 4]] + 1e-12).all()
    assert (many.scale[[0, 4]] < few.scale[[0, 4]]).all()


def test_where_it_ran_nine_intervals_in_ten_of_runs_hold_and_are_no_wider():
    hits, widths = [], []
    for w in range(0, 16, 2):
        benchmark, log_s = factors(w)
        observed = seen(benchmark, w, [0, 4], log_s)
        noisy = 0.02 * np.random.default_rng(w).standard_normal(2)
        forecast = fit(without(benchmark, w), observed.machines).predict(
            msgspec.structs.replace(observed, log_s=observed.log_s + noisy)
        )
        low, high = (np.log(end[[0, 4]]) for end in forecast.interval(0.9))
        hits += list((low <= observed.log_s) & (observed.log_s <= high))
        widths += list(high - low)
    assert np.mean(hits) >= 0.75
    assert max(widths) < 2.5 * 1.645 * 0.02


def test_residuals_are_those_of_workloads_left_out():
    benchmark, _ = factors(0, missing=0.2)
    model = fit(benchmark, np.array([0, 1]))
    assert np.isnan(model.residuals[:, [0, 1]]).all()
    assert (np.isnan(model.residuals) | (benchmark.runs > 0)).all()
    assert np.isfinite(model.residuals).any()


def test_fits_are_kept():
    benchmark, _ = factors(0)
    assert fit(benchmark, np.array([0, 1])) is fit(factors(0)[0], np.array([0, 1]))
    assert fit(benchmark, np.array([0, 1])) is not fit(benchmark, np.array([1, 0]))


def test_one_group_alone_still_answers():
    benchmark, log_s = factors(0, W=2)
    forecast = fit(benchmark, np.array([0])).predict(seen(benchmark, 0, [0], log_s))
    assert np.isfinite(forecast.log_s).all()
    assert np.isfinite(forecast.scale).all()


@pytest.mark.parametrize("references", [[], [1, 1]])
def test_references_are_at_least_one_and_each_once(references):
    with pytest.raises(InputError, match="at least one machine, each named once"):
        fit(factors(0)[0], np.array(references, np.intp))


def test_a_reference_without_runs_is_refused():
    benchmark, _ = factors(0)
    empty = benchmark.only(workloads=np.array([], np.intp))
    with pytest.raises(InputError, match="cloud/m1 has no offline data"):
        fit(empty, np.array([1]))


def test_observed_on_other_machines_is_refused():
    benchmark, log_s = factors(0)
    with pytest.raises(InputError, match="fitted for machines"):
        fit(benchmark, np.array([0, 1])).predict(seen(benchmark, 0, [0, 2], log_s))
