import numpy as np
import pytest

from learnsys.series.estimate.continuous import Forward, Shape, raised

STEP = 0.1


def parameters(order, size, seed=0):
    """A stable process and a direction in the space of its parameters."""
    rng = np.random.default_rng(seed)
    shape = Shape(order=1, size=size)
    decay = np.diag(rng.uniform(0.5, 1.5, size)) + 0.2 * rng.normal(size=(size, size))
    v = shape.join(decay[None], np.tril(rng.normal(size=(size, size))) + np.eye(size), rng.normal(size=size))
    for _ in range(order - 1):
        shape, v = raised(shape, v)
    return shape, v, rng.normal(size=v.size)


def check(shape, v, direction, value_and_gradient):
    """Compare the derivative along a direction with a difference."""
    gradient = value_and_gradient(v)[1]
    numeric = (value_and_gradient(v + 1e-6 * direction)[0] - value_and_gradient(v - 1e-6 * direction)[0]) / 2e-6
    assert gradient @ direction == pytest.approx(numeric, rel=1e-5)


def joined(model, by_b, by_q):
    """Derivatives with respect to the parameters, from those with respect to B and Q = L L'."""
    return model.shape.join(by_b, (by_q + by_q.T) @ model.root, np.zeros(model.shape.size))


@pytest.mark.parametrize(("order", "size"), [(1, 1), (1, 3), (2, 2), (3, 2)])
def test_derivatives_through_the_table_of_covariances(order, size):
    shape, v, direction = parameters(order, size)
    weights = np.random.default_rng(1).normal(size=(40, size, size))

    def value(v):
        model = Forward.of(shape, v)
        rows, e = model.table(STEP, 40)
        return np.sum(weights * rows[:, :, :size]), joined(model, *model.from_table(rows, e, STEP, weights))

    check(shape, v, direction, value)


@pytest.mark.parametrize(("order", "size"), [(1, 1), (1, 3), (2, 2), (3, 2)])
def test_derivatives_through_the_spectrum(order, size):
    shape, v, direction = parameters(order, size)
    rng, omega = np.random.default_rng(2), np.linspace(0, 5, 9)
    weights = rng.normal(size=(9, size, size)) + 1j * rng.normal(size=(9, size, size))
    weights = weights + np.swapaxes(weights, 1, 2).conj()

    def value(v):
        model = Forward.of(shape, v)
        total = np.einsum("kij,kji->", weights, model.process.spectrum(omega)).real
        return total, joined(model, *model.from_spectrum(omega, weights))

    check(shape, v, direction, value)


@pytest.mark.parametrize(("order", "size"), [(1, 2), (2, 2)])
def test_derivatives_through_the_variances(order, size):
    shape, v, direction = parameters(order, size)
    weights = np.diag(np.random.default_rng(3).normal(size=order * size))

    def value(v):
        model = Forward.of(shape, v)
        return np.sum(weights * model.stationary), joined(model, *model.from_stationary(weights))

    check(shape, v, direction, value)


def test_the_table_is_that_of_the_process():
    shape, v, _ = parameters(2, 2)
    model = Forward.of(shape, v)
    np.testing.assert_allclose(model.table(STEP, 33)[0][:, :, :2], model.process.covariance(STEP * np.arange(33)))
    w = np.array([0.0, 1.3])
    a, q = model.response(w), model.root @ model.root.T
    np.testing.assert_allclose(a.conj() @ q @ np.swapaxes(a, 1, 2), model.process.spectrum(w))


def test_raising_the_order_changes_slow_motion_little():
    shape, v, _ = parameters(1, 2)
    low, high = Forward.of(shape, v), Forward.of(*raised(shape, v))
    w = np.array([0.0, 0.3])
    np.testing.assert_allclose(high.process.spectrum(w), low.process.spectrum(w), rtol=0.02)


def test_what_is_not_stable_is_none():
    shape = Shape(order=1, size=1)
    assert Forward.of(shape, np.array([-0.5, 1.0, 0.0])) is None
