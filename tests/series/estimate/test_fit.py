import numpy as np
import pytest

from learnsys.series.estimate import fit
from learnsys.series.estimate.continuous import Shape

SHAPE = Shape(order=1, size=1)  # parameters: decay, root, log nugget
CURVED = np.array([[3.0, 0.5, 0.0], [0.5, 2.0, 0.2], [0.0, 0.2, 1.0]])
CENTRE = np.array([1.0, 0.5, -1.0])


def bowl(centre):
    return lambda v: (float(0.5 * (v - centre) @ CURVED @ (v - centre)), CURVED @ (v - centre))


def test_finds_the_least_value():
    v, value = fit.minimise(bowl(CENTRE), SHAPE, np.array([2.0, 2.0, 0.0]), size=10.0)
    np.testing.assert_allclose(v, CENTRE, atol=1e-3)
    assert abs(value) < 1e-5


def test_goes_around_what_is_infinite():
    def fenced(v):
        return (np.inf, np.zeros(3)) if v[0] < 0.9 else bowl(CENTRE)(v)

    np.testing.assert_allclose(fit.minimise(fenced, SHAPE, np.array([3.0, 2.0, 0.0]), size=1.0)[0], CENTRE, atol=1e-2)


def test_one_step_goes_to_the_optimum_without_a_block():
    centres = CENTRE + 0.1 * np.random.default_rng(0).normal(size=(4, 3))
    gradients = np.array([bowl(c)(CENTRE)[1] for c in centres])
    np.testing.assert_allclose(fit.leave_out(bowl(CENTRE), SHAPE, CENTRE, gradients), centres, atol=1e-6)


def test_along_a_hollow_steps_are_as_long_as_gradients_tell():
    curved = np.diag([3.0, 2.0, -0.01])
    gradients = np.random.default_rng(0).normal(size=(12, 3)) * [1.0, 1.0, 3.0]
    gradients -= gradients.mean(axis=0)
    steps = CENTRE - fit.leave_out(lambda v: (0.0, curved @ (v - CENTRE)), SHAPE, CENTRE, gradients)
    told = fit.LEAST * np.sum(gradients**2, axis=0)
    np.testing.assert_allclose(steps, gradients / np.maximum([3.0, 2.0, 0.0], told), atol=1e-6)


def test_steps_stay_where_the_process_is_stable():
    gradients = bowl(np.array([-1.0, 0.5, -1.0]))(CENTRE)[1][None]
    assert fit.leave_out(bowl(CENTRE), SHAPE, CENTRE, gradients)[0, 0] > 0


def test_a_nugget_at_its_bound_stays_there():
    v = np.array([1.0, 0.5, np.log(fit.NUGGETS[0])])
    assert fit.leave_out(bowl(v), SHAPE, v, np.ones((1, 3)))[0, 2] == v[2]


def test_the_prior_holds_series_apart_and_differentiates():
    shape = Shape(order=2, size=3)
    rng = np.random.default_rng(1)
    v, direction = rng.normal(size=shape.count), rng.normal(size=shape.count)
    numeric = (fit.prior(shape, v + 1e-6 * direction)[0] - fit.prior(shape, v - 1e-6 * direction)[0]) / 2e-6
    assert fit.prior(shape, v)[1] @ direction == pytest.approx(numeric, rel=1e-5)
    apart = shape.join(np.array([np.eye(3), 2 * np.eye(3)]), np.eye(3), np.zeros(3))
    assert fit.prior(shape, apart)[0] == 0
