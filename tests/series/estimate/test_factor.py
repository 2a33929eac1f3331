import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnsys.core.errors import WorkFailed
from learnsys.series.estimate import factor

COUNT = 129
OMEGA = np.pi * np.arange(COUNT) / (COUNT - 1)


def spectrum(matrices, residual):
    """E X X* of a VAR, and its moving average."""
    d = len(residual)
    a = np.eye(d) - sum(m * np.exp(-1j * OMEGA[:, None, None] * (j + 1)) for j, m in enumerate(matrices))
    h = np.linalg.inv(a)
    return h @ residual @ np.swapaxes(h, 1, 2).conj(), h


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_recovers_the_moving_average_and_the_innovations(seed, d):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(d, d))
    a *= 0.7 / max(np.abs(np.linalg.eigvals(a)).max(), 0.1)
    a /= max(1.0, np.linalg.norm(a, 2) / 0.9)
    root = np.tril(rng.normal(size=(d, d)), -1) + np.diag(rng.uniform(0.5, 1.5, d))
    s, h = spectrum([a], root @ root.T)
    found, v = factor.factorised(s)
    np.testing.assert_allclose(v, root @ root.T, atol=1e-5 * np.trace(v))
    np.testing.assert_allclose(found, h, atol=1e-4 * np.abs(h).max())


CHAIN = [np.array([[0.6, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.5, 0.4]])]  # 0 -> 1 -> 2


def test_causes_go_one_way():
    s, _ = spectrum(CHAIN, np.eye(3))
    two = s[:, :2, :2]
    assert factor.granger(two, 1, 0).mean() > 0.1
    np.testing.assert_allclose(factor.granger(two, 0, 1), 0, atol=1e-6)


def test_what_goes_through_another_series_is_no_cause_given_it():
    s, _ = spectrum(CHAIN, np.eye(3))
    assert factor.granger(s[:, [[0], [2]], [0, 2]], 1, 0).mean() > 0.02
    np.testing.assert_allclose(factor.granger(s, 2, 0), 0, atol=1e-6)
    assert factor.granger(s, 2, 1).mean() > 0.1
    assert factor.granger(s, 1, 0).mean() > 0.1


def test_the_mean_over_frequencies_is_the_gain_in_prediction():
    residual = np.array([[1.0, 0.3, 0.0], [0.3, 1.0, 0.2], [0.0, 0.2, 1.0]])
    s, _ = spectrum(CHAIN, residual)
    without = factor.factorised(s[:, [[0], [2]], [0, 2]])[1]
    gain = np.log(without[1, 1] / residual[2, 2])
    assert np.trapezoid(factor.granger(s, 2, 1), OMEGA) / np.pi == pytest.approx(gain, rel=1e-4)


def test_what_is_not_positive_fails():
    s, _ = spectrum(CHAIN, np.eye(3))
    s[40:60] -= 2 * np.eye(3)
    with pytest.raises(WorkFailed, match="not positive"):
        factor.factorised(s)
