import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.series.estimate.levinson import companion, levinson
from learnsys.series.estimate.positive import project, toeplitz
from learnsys.series.simulate.vector import VectorProcess


def dense(c, order):
    """Solve all equations at once."""
    d = c.shape[1]
    g = toeplitz(c[:order])
    right = np.concatenate([c[j] for j in range(order, 0, -1)])  # E x_{t-j} x_t'
    stacked = np.linalg.solve(g, right).T
    left = c[0] - stacked @ right
    return np.stack([stacked[:, (order - j) * d : (order - j + 1) * d] for j in range(1, order + 1)]), left


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4))
def test_agrees_with_the_dense_solution(seed, d, order):
    rng = np.random.default_rng(seed)
    values = 0.3 * rng.normal(size=(order + 6, d, d))
    values[0] = np.eye(d)
    c = project(values)
    c[0] += 0.1 * np.eye(d)
    a, left = levinson(c, order)
    exact, exactly_left = dense(c, order)
    np.testing.assert_allclose(a, exact, atol=1e-8)
    np.testing.assert_allclose(left, exactly_left, atol=1e-8)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 4))
def test_positive_covariances_give_a_stable_var(seed, d, order):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(order + 4, d, d))
    values[0] = values[0] @ values[0].T
    c = project(values)
    a, left = levinson(c, order)
    assert np.abs(np.linalg.eigvals(companion(a))).max() < 1 + 1e-6
    assert np.linalg.eigvalsh(left).min() > -1e-9 * np.trace(c[0])


def test_finds_the_matrix_of_a_first_order_process():
    process = VectorProcess.ornstein_uhlenbeck([[1.0, -0.6], [0.3, 0.5]], [[1.0, 0.3], [0.3, 0.5]])
    a, left = levinson(process.covariance([0.0, 0.5, 1.0]), 2)
    step = process.transition(np.array(0.5))
    np.testing.assert_allclose(a, [step, np.zeros((2, 2))], atol=1e-12)
    np.testing.assert_allclose(left, process.stationary - step @ process.stationary @ step.T, atol=1e-12)


def test_a_series_without_variance_predicts_nothing():
    c = np.zeros((2, 2, 2))
    c[0, 0, 0], c[1, 0, 0] = 1.0, 0.5
    assert levinson(c, 1)[0].tolist() == [[[pytest.approx(0.5), 0.0], [0.0, 0.0]]]


def test_units_of_the_series_do_not_matter():
    rng = np.random.default_rng(1000)
    c = project(0.3 * rng.normal(size=(6, 2, 2)) + np.eye(2) * (np.arange(6) == 0)[:, None, None])
    c[0] += 0.1 * np.eye(2)
    a, left = levinson(c, 2)
    unit = np.array([1.0, 1e-7])  # a price beside a rate
    scaled, scaled_left = levinson(c * np.outer(unit, unit), 2)
    np.testing.assert_allclose(scaled, a * unit[:, None] / unit, rtol=1e-9)
    np.testing.assert_allclose(scaled_left, left * np.outer(unit, unit), rtol=1e-9)
