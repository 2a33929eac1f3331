"""Laws of intervals: they cover what is exchangeable, widen with difficulty, and read the same both ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models import naive_conformal as naive

from learnsys.machines.models.conformal import LEVELS, Ladder, calibrate, difficulty, independent, workload_log_rms

SHARES = st.floats(1e-6, 1 - 1e-6)


@st.composite
def ladders(draw):
    z = np.array(draw(st.lists(st.floats(-50, 50), min_size=1, max_size=60)))
    weights = np.array(draw(st.lists(st.floats(0.1, 10), min_size=z.size, max_size=z.size)))
    return Ladder.of(z, weights), z, weights


def workloads(seed, W, V, *, hard=0.0, groups=None):
    """Errors of W workloads on V machines; a workload's own size varies by ``hard`` and shows as the signal."""
    rng = np.random.default_rng(seed)
    own = hard * rng.normal(size=(W, 1)) * np.ones((W, V))
    residuals = 0.1 * np.exp(own) * (0.6 * rng.normal(size=(W, 1)) + 0.8 * rng.normal(size=(W, V)))
    names = np.array([f"g{i // 2 if groups is None else i % groups}" for i in range(W)])
    return residuals, np.full((W, V), 0.01), names, own[None]


@given(ladders(), SHARES, SHARES)
def test_quantiles_rise_with_the_level(drawn, p, q):
    ladder, _, _ = drawn
    low, high = ladder.quantile([min(p, q), max(p, q)])
    assert low <= high


@given(ladders(), SHARES)
def test_probability_undoes_quantile(drawn, q):
    ladder, _, _ = drawn
    assert_allclose(ladder.probability(ladder.quantile(q)), q, rtol=1e-5, atol=1e-7)


@given(ladders(), st.floats(-200, 200))
def test_probability_is_a_share(drawn, z):
    ladder, _, _ = drawn
    assert 0 <= ladder.probability(z) <= 1
    assert ladder.probability(z) <= ladder.probability(z + 1)


@given(ladders())
def test_the_ladder_is_that_of_a_slow_count(drawn):
    ladder, z, weights = drawn
    assert_allclose(ladder.quantile(LEVELS), naive.weighted_quantiles(z, weights, LEVELS), atol=2e-5)


@given(st.integers(0, 10**6), st.floats(0.1, 10))
def test_scale_follows_the_errors(seed, k):
    residuals, variance, groups, signals = workloads(seed, 12, 6, hard=0.5)
    one = calibrate(residuals, variance, groups, signals)
    many = calibrate(k * residuals, k**2 * variance, groups, signals)
    assert_allclose(many.scale(k**2 * variance, signals), k * one.scale(variance, signals), rtol=0.02)
    assert_allclose(many.ladder.values, one.ladder.values, rtol=0.05, atol=0.05)


def test_covers_workloads_that_are_exchangeable():
    share = {0.8: [], 0.9: [], 0.95: []}
    for seed in range(12):
        residuals, variance, groups, _ = workloads(seed, 120, 10)
        known, new = slice(0, 60), slice(60, 120)
        c = calibrate(residuals[known], variance[known], groups[known])
        z = residuals[new] / c.scale(variance[new])
        for level, shares in share.items():
            low, high = c.ladder.quantile([(1 - level) / 2, (1 + level) / 2])
            shares.append(np.mean((z >= low) & (z <= high)))
    for level, shares in share.items():
        assert np.mean(shares) == pytest.approx(level, abs=0.02)


def test_a_signal_of_difficulty_narrows_the_easy_and_saves_the_hard():
    residuals, variance, groups, signals = workloads(3, 200, 10, hard=0.8)
    known, new = slice(0, 100), slice(100, 200)

    def covered(signals):
        c = calibrate(residuals[known], variance[known], groups[known], signals and signals[0][:, known])
        z = residuals[new] / c.scale(variance[new], signals and signals[0][:, new])
        low, high = c.ladder.quantile([0.05, 0.95])
        return ((z >= low) & (z <= high)).mean(axis=1)

    assert np.mean(covered((signals,)) < 0.7) <= 0.5 * np.mean(covered(None) < 0.7)


def test_gamma_regression_finds_what_a_general_optimiser_finds():
    residuals, variance, groups, signals = workloads(5, 40, 8, hard=0.5)
    c = calibrate(residuals, variance, groups, signals)
    assert_allclose(np.log(c.scale(variance, signals)), naive.log_scale(residuals, variance, signals), atol=2e-3)


def test_gaps_change_nothing_beyond_their_weight():
    residuals, variance, groups, _ = workloads(1, 20, 6)
    wide = np.column_stack([residuals, np.full(20, np.nan)])
    c = calibrate(wide, np.column_stack([variance, np.full(20, 0.01)]), groups)
    assert np.isfinite(c.scale(np.full(7, 0.01))).all()
    assert_allclose(c.ladder.values, calibrate(residuals, variance, groups).ladder.values, rtol=1e-6)


@pytest.mark.parametrize("gone", ["one group", "no residual"])
def test_without_other_workloads_the_model_is_taken_at_its_word(gone):
    residuals = np.full((4, 3), np.nan if gone == "no residual" else 0.1)
    c = calibrate(residuals, np.full((4, 3), 0.04), np.array(["g"] * 4))
    assert_allclose(c.scale(np.array([0.01, 0.04, 0.09])), [0.1, 0.2, 0.3])
    assert_allclose(c.ladder.quantile([0.05, 0.5, 0.95]), [-1.645, 0, 1.645], atol=1e-3)


@given(ladders(), st.integers(2, 200))
def test_few_groups_stretch_the_ladder_more_than_many(drawn, groups):
    ladder, _, _ = drawn
    few, many = ladder.stretched(groups), ladder.stretched(groups + 1)
    assert np.ptp(few.values) >= np.ptp(many.values) * (1 - 1e-9) >= np.ptp(ladder.values) * (1 - 2e-9)
    assert_allclose(few.probability(few.quantile(0.3)), 0.3, atol=1e-5)


def test_the_next_group_gets_its_promise_from_a_few_groups():
    covered = []
    for seed in range(150):
        residuals, variance, groups, _ = workloads(seed, 18, 8, hard=0.5, groups=9)
        c = calibrate(residuals[:16], variance[:16], groups[:16])
        z = residuals[16:] / c.scale(variance[16:])
        low, high = c.ladder.quantile([0.1, 0.9])
        covered.append(np.mean((z >= low) & (z <= high)))
    assert np.mean(covered) >= 0.78


def test_difficulty_is_what_a_walk_over_the_neighbours_finds():
    rng = np.random.default_rng(0)
    level, distance, log_rms = rng.normal(size=4), rng.random((4, 9)), rng.normal(size=9)
    distance[0, :6] = np.inf
    assert_allclose(difficulty(level, distance, log_rms)[:, :, 0], naive.difficulty(level, distance, log_rms))


def test_difficulty_without_a_neighbour_is_finite():
    assert np.isfinite(difficulty(np.zeros(1), np.full((1, 3), np.inf), np.zeros(3))).all()


def test_errors_of_a_workload_are_summed_up_over_what_was_measured():
    residuals = np.array([[3.0, 4.0, np.nan], [np.nan] * 3, [0.1, np.nan, np.nan]])
    first, none, last = np.exp(workload_log_rms(residuals))
    assert (first, none, last) == pytest.approx((np.sqrt(12.5), np.sqrt(np.sqrt(12.5) * 0.1), 0.1))


@given(st.integers(0, 999), st.integers(2, 6), st.integers(2, 5))
def test_grouped_workloads_are_worth_between_their_groups_and_their_number(seed, groups, each):
    values, names = (
        np.random.default_rng(seed).normal(size=groups * each),
        np.repeat(np.arange(groups).astype(str), each),
    )
    assert groups * (1 - 1e-9) <= independent(values, names) <= groups * each * (1 + 1e-9)
    assert independent(np.repeat(values[:groups], each), names) == pytest.approx(groups)
