import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from learnsys.series.estimate.surrogates import Null, benjamini_hochberg, flipped, shifted


def smooth_noise(rng, n, width):
    """Gaussian noise that is correlated over ``width`` lags."""
    kernel = np.exp(-0.5 * (np.arange(-4 * width, 4 * width + 1) / width) ** 2)
    return np.convolve(rng.normal(size=n + 8 * width), kernel, mode="valid")


@pytest.mark.parametrize("width", [1, 6])
@pytest.mark.parametrize("far", [600, 6000])
def test_p_values_of_nothing_are_uniform_by_shifts(width, far):
    rng, p = np.random.default_rng(width + far), []
    for _ in range(1000):
        values = smooth_noise(rng, far + 61, width)
        size, null = shifted([values[61:]], 61, 100)
        p.append(null.p_value(np.abs(values[:61]).max() / size))
    share = np.mean(np.array(p) < 0.05)
    assert 0.02 <= share <= 0.075


@pytest.mark.parametrize("width", [1, 6])
def test_p_values_of_nothing_are_uniform_by_signs(width):
    rng, p = np.random.default_rng(width), []
    for _ in range(1000):
        blocks = np.stack([smooth_noise(rng, 61, width) for _ in range(32)])
        size, null = flipped(blocks, 200, rng)
        p.append(null.p_value(np.abs(blocks.sum(axis=0) / size).max()))
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.075


def test_windows_given_one_by_one_are_not_joined():
    far = np.random.default_rng(0).normal(size=(50, 20))
    size, null = shifted(list(far), 20, 50)
    np.testing.assert_allclose(null.maxima, np.abs(far).max(axis=1) / size)
    assert null.turns == pytest.approx(19 * np.sqrt(2) / (2 * np.pi), rel=0.1)


@given(st.floats(0.5, 12), st.floats(0, 3))
def test_a_larger_peak_is_less_likely(observed, more):
    null = Null(maxima=np.linspace(1, 4, 50), turns=7.0, lags=100)
    assert 0 <= null.p_value(observed + more) <= null.p_value(observed) <= 1
    assert np.isnan(null.p_value(np.nan))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_are_those_of_scipy(p):
    np.testing.assert_allclose(benjamini_hochberg(np.array(p)), false_discovery_control(p), atol=1e-12)


def test_what_is_not_known_is_not_counted():
    q = benjamini_hochberg(np.array([0.04, np.nan, 0.01]))
    assert q[0] == 0.04
    assert np.isnan(q[1])
    assert q[2] == 0.02
