import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.series.naive import overlaps

from learnsys.series.estimate.calibrate import calibrated_correlation, efficient_correlation, expected
from learnsys.series.estimate.increments import merged
from learnsys.series.estimate.roughness import Roughness, fit_roughness
from learnsys.series.simulate.brownian import pair


@given(st.integers(0, 10**6), st.floats(0.1, 0.9), st.floats(-2, 2))
def test_the_expectation_is_the_sum_of_covariances(seed, hurst, lag):
    rng = np.random.default_rng(seed)
    t, s = np.sort(rng.uniform(0, 10, 15)), np.sort(rng.uniform(0, 10, 9))
    a, b = rng.uniform(0.1, 1, 14), rng.uniform(0.1, 1, 8)

    def power(u):
        return np.abs(u) ** (2 * hurst)

    first, last = s[:-1] - lag, s[1:] - lag
    covariance = 0.5 * (
        power(t[1:, None] - first)
        + power(t[:-1, None] - last)
        - power(t[1:, None] - last)
        - power(t[:-1, None] - first)
    )
    truth = a @ (overlaps(t[:-1], t[1:], (first, last)) * covariance) @ b
    got = expected((t, a), (s, b), np.array([lag]), hurst=(hurst, hurst))
    np.testing.assert_allclose(got, truth, atol=1e-9)


@pytest.mark.parametrize(("hurst", "rates"), [(0.5, (400, 400)), (0.5, (1000, 100)), (0.8, (600, 200))])
def test_correlations_are_free_of_the_sampling(hurst, rates):
    rng, got = np.random.default_rng(2), []
    for seed in range(20):  # standard errors: 0.025 of the first two, 0.045 far away
        stamps = {name: rng.uniform(0, 1, n) for name, n in zip("ab", rates, strict=True)}
        drawn = merged(pair(0.6, 0.03, hurst=hurst).draw(stamps, seed=seed))
        a, b = (drawn.one(d)[:2] for d in (0, 1))
        rough = (fit_roughness(*a), fit_roughness(*b))
        got.append(
            [*calibrated_correlation(a, b, np.array([0.03, 0.3]), rough), efficient_correlation(a, b, 0.03, rough)]
        )
    here, far, better = np.mean(got, axis=0)
    assert here == pytest.approx(0.6, abs=0.07)
    assert better == pytest.approx(0.6, abs=0.06)
    assert far == pytest.approx(0.0, abs=0.12)


def test_parts_of_time_do_not_matter_for_brownian_motion_without_shared_gaps():
    t = np.arange(1000.0)
    drawn = pair(0.5, 0.0).draw({"a": t, "b": t}, seed=4)
    a, b = (drawn.one(d)[:2] for d in (0, 1))
    rough = tuple(Roughness(hurst=0.5, scale2=1.0, noise=0.0) for _ in range(2))
    products = np.diff(a[1]) * np.diff(b[1])
    assert efficient_correlation(a, b, 0.0, rough) == pytest.approx(np.mean(products), rel=1e-6)
    assert np.isnan(efficient_correlation(a, b, 5000.0, rough))
