import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from learnsys.series.estimate.motion import Motion, fit_motion, log_likelihood, whitened
from learnsys.series.simulate.brownian import pair


def covariance_of_increments(t, s, lag, rho, motions):
    """The covariance matrix of the increments of both series, one by one."""
    n, m = t.size - 1, s.size - 1
    out = np.zeros((n + m, n + m))
    for at, stamps, motion in ((0, t, motions[0]), (n, s, motions[1])):
        gaps, k = np.diff(stamps), stamps.size - 1
        out[at : at + k, at : at + k] = np.diag(motion.rate * gaps + 2 * motion.noise)
        out[at : at + k, at : at + k] -= motion.noise * (np.eye(k, k=1) + np.eye(k, k=-1))
    for i in range(n):
        for j in range(m):
            shared = max(0.0, min(t[i + 1], s[j + 1] - lag) - max(t[i], s[j] - lag))
            out[i, n + j] = out[n + j, i] = rho * np.sqrt(motions[0].rate * motions[1].rate) * shared
    return out


@given(st.integers(0, 10**6), st.floats(-0.9, 0.9), st.sampled_from([0.0, 0.1]))
def test_the_filter_gives_the_likelihood_of_the_increments(seed, rho, noise):
    rng = np.random.default_rng(seed)
    t, s = np.sort(rng.uniform(0, 5, 12)), np.sort(rng.uniform(0, 5, 8))
    x, y = rng.normal(size=12), rng.normal(size=8)
    motions = (Motion(rate=1.3, noise=noise), Motion(rate=0.4, noise=2 * noise))
    lags = np.array([-1.0, 0.0, 0.4])
    got = log_likelihood((t, x), (s, y), lags, rho, motions)
    data = np.concatenate([np.diff(x), np.diff(y)])
    truth = [
        multivariate_normal(cov=covariance_of_increments(t, s, lag, rho, motions)).logpdf(data)
        + 0.5 * data.size * np.log(2 * np.pi)
        for lag in lags
    ]
    np.testing.assert_allclose(got - got[0], np.array(truth) - truth[0], atol=0.03)  # a diffuse start is not quite flat
    np.testing.assert_allclose(got, truth, atol=0.1)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3]))
def test_whitened_increments_times_their_covariances_are_the_increments(seed, noise):
    rng = np.random.default_rng(seed)
    t, x = np.cumsum(rng.exponential(size=30)), rng.normal(size=30)
    motion = Motion(rate=2.0, noise=noise)
    both = covariance_of_increments(t, t[:1], 0.0, 0.0, (motion, motion))
    np.testing.assert_allclose(both @ whitened(t, x, motion) / 2.0, np.diff(x), atol=1e-9)


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_rate_and_noise_are_found(noise):
    t = np.sort(np.random.default_rng(0).uniform(0, 2000, 2000))
    drawn = pair(0.0, 0.0, noise=noise).draw({"a": t, "b": t}, seed=3)
    made = fit_motion(*drawn.one(0)[:2])
    assert made.rate == pytest.approx(1.0, rel=0.15)
    assert made.noise == pytest.approx(noise**2, rel=0.25, abs=0.02)
