import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from learnsys.series.estimate.roughness import _vecchia, fit_roughness
from learnsys.series.simulate.brownian import pair


@pytest.mark.parametrize(("hurst", "noise"), [(0.3, 0.0), (0.5, 0.0), (0.8, 0.0), (0.5, 0.6), (0.7, 0.6)])
def test_exponent_scale_and_noise_are_found(hurst, noise):
    stamps = np.sort(np.random.default_rng(1).uniform(0, 1200, 1200))
    drawn = pair(0.0, 0.0, hurst=hurst, noise=noise).draw({"a": stamps, "b": [0.0]}, seed=5)
    t, keep = np.unique(drawn.one(0)[0], return_index=True)
    made = fit_roughness(t, drawn.one(0)[1][keep])
    assert made.hurst == pytest.approx(hurst, abs=0.08)
    assert made.scale2 == pytest.approx(1.0, rel=0.35)
    assert np.sqrt(made.noise) == pytest.approx(noise, abs=0.12)


@given(st.integers(0, 10**6), st.floats(0.1, 0.9), st.sampled_from([0.0, 0.2]))
def test_few_values_are_predicted_from_all_before_them(seed, hurst, noise):
    rng = np.random.default_rng(seed)
    t, x = np.cumsum(rng.uniform(0.2, 2, 6)), rng.normal(size=6)
    apart = np.abs(t[:, None] - t[None, :]) ** (2 * hurst) + 2 * noise * (1 - np.eye(6))
    levels = -0.5 * apart  # a covariance of differences is a difference of these
    steps = np.diff(np.eye(6), axis=0)
    covariance = steps @ levels @ steps.T
    cost, scale2 = _vecchia(np.empty(5), t, x, np.arange(1, 6), np.arange(1, 6), hurst, noise)
    truth = -2 * multivariate_normal(cov=scale2 * covariance).logpdf(np.diff(x)) - 5 * np.log(2 * np.pi) - 5
    assert cost == pytest.approx(truth, abs=1e-6)


def test_a_short_or_constant_series_counts_as_brownian():
    assert fit_roughness(np.arange(5.0), np.arange(5.0) ** 2).hurst == 0.5
    assert fit_roughness(np.arange(50.0), np.ones(50)).scale2 == 0.0
