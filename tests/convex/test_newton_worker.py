import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.convex import naive
from tests.convex.strategies import make

from learnsys.convex.newton_worker import NewtonWorker, unpack
from learnsys.convex.partition import Part

STRIDES = (4, 1)


def built(case):
    problem = case.problem
    worker = NewtonWorker(problem.settings, Part(index=0, parts=1, seed=3), (problem.X, problem.y))
    worker.sizes(STRIDES)
    return worker


@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("name", ["logistic", "squared_hinge", "squared"])
def test_sums_are_those_of_the_losses(name, form):
    case = make(name, bias=1.0, form=form)
    worker, X, y = built(case), case.dense, case.problem.y
    rng = np.random.default_rng(0)
    w, v = rng.normal(size=(2, X.shape[1]))
    losses, conjugates, moved = unpack(worker.measure(1, w)[0])
    assert_allclose(losses, naive.loss(name, X @ w, y).sum(), rtol=1e-10)
    assert conjugates == np.inf, "there is no point yet to linearise at"
    assert not moved.any()
    assert_allclose(worker.slope(1)[0], X.T @ naive.slope(name, X @ w, y), rtol=1e-9, atol=1e-9)
    H = worker.gram(1, w, True)[0].reshape(len(w), -1)
    assert_allclose(worker.bend(1, v)[0], H @ v, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["logistic", "squared_hinge", "squared"])
def test_the_linearised_dual_point_bounds_the_minimum(name):
    case = make(name, bias=1.0)
    worker, X, y, n = built(case), case.dense, case.problem.y, case.problem.y.size
    w, step = np.random.default_rng(1).normal(size=(2, X.shape[1])) * 0.3
    worker.measure(1, w)
    slope = worker.slope(1)[0]
    _, conjugates, moved = unpack(worker.measure(1, w + step)[0])
    dual_w = (moved - slope - worker.bend(1, step)[0]) / (case.lam * n)
    lower = -conjugates / n - case.lam / 2 * dual_w @ dual_w
    assert lower <= naive.minimum(name, X, y, case.lam) + 1e-9


def test_a_sample_has_its_share_of_rows():
    case = make("logistic", n=61)
    assert built(case).sizes(STRIDES)[0].tolist() == [15.0, 61.0]


def test_a_worker_goes_back_to_its_state():
    case = make("logistic")
    worker, other = built(case), built(case)
    w = np.linspace(-1, 1, case.problem.d + 1)
    worker.measure(0, w)
    worker.slope(0)
    worker.measure(0, 2 * w)
    fresh = NewtonWorker(case.problem.settings, Part(index=0, parts=1, seed=3), (case.problem.X, case.problem.y))
    for back in (other, fresh):
        back.set_state(worker.get_state())
        assert_array_equal(back.bend(0, w)[0], worker.bend(0, w)[0])
        assert_array_equal(back.measure(0, 3 * w)[0], worker.measure(0, 3 * w)[0])
    back.set_state(worker.get_state())
    assert_array_equal(back.slope(0)[0], worker.slope(0)[0])


def test_only_all_rows_make_a_bound_and_only_from_a_point_of_theirs():
    worker = built(make("logistic"))
    w = np.ones(5)
    for level, bounds in ((0, (False, False)), (1, (False, True))):
        before = unpack(worker.measure(level, w)[0])[1]
        worker.slope(level)
        after = unpack(worker.measure(level, w)[0])[1]
        assert (np.isfinite(before), np.isfinite(after)) == bounds
