import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.series.estimate.calibrate import calibrated_correlation, expected
from learnsys.series.estimate.increments import merged, overlaps
from learnsys.series.estimate.roughness import fit_roughness
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
    for seed in range(30):
        stamps = {name: rng.uniform(0, 1, n) for name, n in zip("ab", rates, strict=True)}
        drawn = merged(pair(0.6, 0.03, hurst=hurst).draw(stamps, seed=seed))
        a, b = (drawn.one(d)[:2] for d in (0, 1))
        rough = (fit_roughness(*a), fit_roughness(*b))
        got.append(calibrated_correlation(a, b, np.array([0.03, 0.3]), rough))
    here, far = np.mean(got, axis=0)
    assert here == pytest.approx(0.6, abs=0.07)
    assert far == pytest.approx(0.0, abs=0.12)
