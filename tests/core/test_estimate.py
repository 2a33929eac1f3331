"""An estimate of a positive quantity agrees with many draws of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import quick

from learnsys.core.estimate import Estimate

MEDIANS, SPREADS, LEVELS = st.floats(1e-6, 1e6), st.floats(0, 2), st.floats(0.01, 0.99)


@quick
@given(MEDIANS, SPREADS, LEVELS)
def test_the_parts_are_in_order(median, log_sd, level):
    e = Estimate.lognormal(median, log_sd, level=level)
    assert 0 < e.low <= e.median == median <= e.high
    assert e.mean >= e.median * (1 - 1e-12)
    assert e.p90 >= e.median


@quick
@given(MEDIANS, SPREADS, LEVELS, st.floats(1e-3, 1e3))
def test_another_unit_scales_every_part(median, log_sd, level, k):
    a, b = Estimate.lognormal(median, log_sd, level=level), Estimate.lognormal(k * median, log_sd, level=level)
    for name in ("mean", "median", "low", "high", "p90"):
        assert getattr(b, name) == pytest.approx(k * getattr(a, name))


def test_agrees_with_draws():
    draws = 3.0 * np.exp(0.4 * np.random.default_rng(0).standard_normal(400_000))
    e = Estimate.lognormal(3.0, 0.4, level=0.8)
    assert e.mean == pytest.approx(draws.mean(), rel=0.01)
    assert np.mean((e.low < draws) & (draws < e.high)) == pytest.approx(0.8, abs=0.005)
    assert np.mean(draws < e.p90) == pytest.approx(0.9, abs=0.005)


def test_without_spread_it_is_one_number():
    e = Estimate.lognormal(2.0, 0.0)
    assert e.mean == e.median == e.low == e.high == e.p90 == 2.0


@quick
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), LEVELS)
def test_of_draws_the_interval_holds_its_share_and_the_mean_is_theirs(values, level):
    e = Estimate.sampled(values, level=level)
    x = np.array(values)
    assert e.mean == pytest.approx(x.mean(), abs=1e-6)
    assert x.min() <= e.low <= e.median <= e.high <= x.max()
    assert e.median <= e.p90 <= x.max()
    inside = np.mean((x >= e.low - 1e-9) & (x <= e.high + 1e-9))
    assert inside >= level - 2 / len(x)


def test_many_draws_of_a_lognormal_give_the_lognormal():
    draws = 3.0 * np.exp(0.4 * np.random.default_rng(1).standard_normal(400_000))
    by_draws, by_law = Estimate.sampled(draws, level=0.8), Estimate.lognormal(3.0, 0.4, level=0.8)
    for name in ("mean", "median", "low", "high", "p90"):
        assert getattr(by_draws, name) == pytest.approx(getattr(by_law, name), rel=0.01)
