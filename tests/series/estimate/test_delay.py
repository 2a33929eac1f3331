import numpy as np
import pytest

from learnsys.series.estimate.delay import delay, far_contrast, wanderer
from learnsys.series.estimate.increments import merged
from learnsys.series.estimate.overlap import contrast, wrapped
from learnsys.series.simulate.brownian import pair
from learnsys.series.types import lags


def two(motions, rates, seed, span=100.0):
    rng = np.random.default_rng(seed)
    stamps = {name: rng.uniform(0, span, n) for name, n in zip("ab", rates, strict=True)}
    drawn = merged(motions.draw(stamps, seed=seed))
    return [wanderer(*drawn.one(d)[:2]) for d in (0, 1)]


def hayashi_yoshida(a, b, tau):
    """The lag at which the sum of products of increments over all that overlap is largest."""
    sums = []
    for lag in tau:
        meet = (b.t[:-1] - lag < a.t[1:, None]) & (b.t[1:] - lag > a.t[:-1, None])
        sums.append(abs(np.diff(a.x) @ meet @ np.diff(b.x)))
    return tau[int(np.argmax(sums))]


@pytest.mark.parametrize(
    ("hurst", "noise", "rates"), [(0.5, 0.0, (300, 300)), (0.5, 0.2, (400, 200)), (0.8, 0.0, (300, 100))]
)
def test_lags_are_found_better_than_by_hayashi_and_yoshida(hurst, noise, rates):
    ours, theirs, held, p = [], [], [], []
    for seed in range(12):
        lag = 2.0 + 0.07 * seed
        a, b = two(pair(0.7, lag, hurst=hurst, noise=noise), rates, seed)
        found = delay(a, b, lags(-6, 6, 0.25), n=100, level=0.95)
        ours.append(abs(found.lag_s - lag))
        theirs.append(abs(hayashi_yoshida(a, b, np.arange(-6, 6, 0.05)) - lag))
        held.append(found.low_s <= lag <= found.high_s)
        p.append(found.p_value)
    assert np.mean(ours) <= 0.6 * np.mean(theirs)
    assert np.mean(held) >= 0.75
    assert np.median(p) < 1e-4


def test_who_leads_follows_from_the_order_and_signs_do_not_matter():
    a, b = two(pair(-0.8, 1.5), (200, 200), 3)
    one, other = (delay(*ab, lags(-5, 5, 0.25), n=50, level=0.9) for ab in ((a, b), (b, a)))
    assert one.lag_s == pytest.approx(1.5, abs=0.2)
    assert other.lag_s == pytest.approx(-one.lag_s, abs=0.02)
    assert one.correlation == pytest.approx(-0.8, abs=0.2)
    assert np.nanargmin(one.profile) == pytest.approx(26, abs=1)


@pytest.mark.parametrize("hurst", [0.5, 0.8])
def test_without_relation_one_in_twenty_is_significant(hurst):
    p = []
    for seed in range(60):
        a, b = two(pair(0.0, 0.0, hurst=hurst), (120, 60), seed)
        p.append(delay(a, b, lags(-3, 3, 0.5), n=100, level=0.95).p_value)
    assert np.mean(np.array(p) < 0.05) <= 0.12
    assert 0.08 <= np.mean(np.array(p) < 0.25) <= 0.42


def test_far_lags_are_one_circle_or_windows():
    a, b = two(pair(0.0, 0.0), (80, 60), 1)
    near = lags(-2, 2, 0.5)
    assert [part.shape for part in far_contrast(a, b, near, 5)] == [(9,)] * 5
    [every] = far_contrast(a, b, near, 1000)
    period = max(a.t[-1], b.t[-1]) - min(a.t[0], b.t[0]) + max(np.diff(a.t).mean(), np.diff(b.t).mean())
    back = contrast((b.t, b.q), wrapped((a.t, a.q), period), period - 4 - 0.5 * np.arange(every.size))[0]
    np.testing.assert_allclose(every, back, atol=1e-6)  # a in a circle the other way


def test_the_interval_holds_the_lag_however_sharp_the_likelihood_is():
    a, b = two(pair(0.9, 1.37), (6000, 6000), 5, span=300.0)
    found = delay(a, b, lags(-4, 4, 1.0), n=20, level=0.9)
    assert found.low_s <= found.lag_s <= found.high_s
    assert 0 < found.high_s - found.low_s < 0.06
