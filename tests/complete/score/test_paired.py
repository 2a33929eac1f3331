"""The interval holds what it should, and packages that agree make it narrow."""

import numpy as np
import pytest

from learnsys.complete.score.paired import paired


def test_the_mean_is_over_tokens_and_a_constant_difference_is_certain():
    package = np.repeat(np.arange(5), [10, 200, 3, 40, 7]).astype(np.int32)
    theirs = np.random.default_rng(0).random(260)
    found = paired(theirs + 0.25, theirs, package)
    assert (found.mean, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


def test_one_package_that_differs_makes_it_uncertain_however_many_tokens():
    package = np.repeat(np.arange(4), 10_000).astype(np.int32)
    found = paired((package == 0) * 1.0, np.zeros(40_000), package)
    assert found.mean == 0.25
    assert found.low == 0.0
    assert found.high >= 0.5


def test_the_interval_covers_the_truth_nineteen_times_in_twenty():
    rng, hits = np.random.default_rng(3), 0
    for run in range(100):
        effects = rng.normal(0.1, 0.2, 30)
        package = np.repeat(np.arange(30), 20).astype(np.int32)
        found = paired(effects[package] + rng.normal(0, 1, 600), np.zeros(600), package, seed=run)
        hits += found.low <= 0.1 <= found.high
    assert hits >= 86


def test_the_same_seed_gives_the_same_interval_and_sides_swap():
    rng = np.random.default_rng(4)
    a, b, package = rng.random(300), rng.random(300), (np.arange(300) // 30).astype(np.int32)
    assert paired(a, b, package) == paired(a, b, package)
    swapped = paired(b, a, package)
    assert swapped.mean == pytest.approx(-paired(a, b, package).mean)
    assert swapped.low == pytest.approx(-paired(a, b, package).high)
