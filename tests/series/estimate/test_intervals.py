import numpy as np
import pytest
from scipy import stats

from learnsys.series.estimate.intervals import TOGETHER, bounds, independent_lags, influence, standard_error, variance


def naive_influence(numerator, denominator):
    """Leave out each block in turn."""
    blocks = len(numerator)
    whole = numerator.sum(0) / denominator.sum(0)
    left = [np.delete(numerator, j, 0).sum(0) / np.delete(denominator, j, 0).sum(0) for j in range(blocks)]
    moved = np.array([(blocks - 1) * (whole - v) for v in left])
    return moved - moved.mean(0)


def test_influence_is_what_leaving_out_a_block_changes():
    rng = np.random.default_rng(0)
    above, below = rng.normal(size=(6, 2, 3)), rng.uniform(1, 2, (6, 2, 3))
    moved = influence(above, below)
    np.testing.assert_allclose(moved, naive_influence(above, below), atol=1e-12)
    np.testing.assert_allclose(moved.mean(axis=0), 0, atol=1e-12)


def test_for_equal_blocks_the_error_is_that_of_a_mean():
    x = np.random.default_rng(1).normal(size=(24, 1, 1))
    moved = influence(x, np.ones_like(x))
    np.testing.assert_allclose(variance(moved), x.var(axis=0, ddof=1) / 24)
    pooled = x.reshape(12, 2, 1, 1).mean(axis=1)
    np.testing.assert_allclose(standard_error(moved) ** 2, pooled.var(axis=0, ddof=1) / 12)


def test_a_block_without_pairs_moves_nothing_and_one_with_all_of_them_cannot_be_left_out():
    moved = influence(np.array([1.0, 0.0, 1.0]), np.array([1.0, 0.0, 1.0]))
    np.testing.assert_allclose(moved, 0)
    assert np.all(np.isfinite(influence(np.array([1.0, 0.0]), np.array([2.0, 0.0]))))


@pytest.mark.parametrize("free", [1, 5, 40])
def test_independent_lags_are_counted(free):
    rng = np.random.default_rng(free)
    counted = [independent_lags(np.repeat(rng.normal(size=(24, free)), 120 // free, axis=1)) for _ in range(20)]
    assert np.median(counted) == pytest.approx(free, rel=0.25)


def test_intervals_cover_a_normal_mean_as_often_as_they_say():
    x = np.random.default_rng(2).normal(size=(24, 4000, 1))
    low, high = bounds(x.mean(axis=0), standard_error(influence(x, np.ones_like(x))), level=0.9, blocks=24)
    covered = np.mean((low < 0) & (high > 0))
    assert abs(covered - 0.9) < 4 * np.sqrt(0.09 / 4000)
    half = stats.t.ppf(0.95, 24 // TOGETHER - 1)
    np.testing.assert_allclose(bounds(np.zeros(1), np.ones(1), level=0.9, blocks=24)[1], half)
