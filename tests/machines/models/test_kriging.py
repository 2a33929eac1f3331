"""Kriging agrees with its loops, and its variance behaves."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models import naive_models as naive

from learnsys.machines.models.kriging import krige


@st.composite
def problems(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    W, V = draw(st.integers(2, 8)), draw(st.integers(2, 6))
    R = rng.choice(V, draw(st.integers(1, V)), replace=False)
    prior = rng.random(W) + 0.1
    return rng.normal(size=(W, V)), R, rng.normal(size=R.size), rng.random(W), prior / prior.sum()


@given(problems(), st.floats(0.05, 2), st.floats(0.001, 0.5), st.integers(1, 5))
def test_agrees_with_loops(problem, h, s2, runs):
    x, R, y, distance, prior = problem
    n = np.full(R.size, runs)
    share = distance[: R.size] + 0.1 if R.size <= distance.size else np.ones(R.size)
    share /= share.sum()
    kriging = krige(x, R, [(h, s2)], prior, share)
    mu = kriging.answer(kriging.rows(y[None], n, distance[None])[0, 0]) + y @ share
    expected = naive.krige(x, R, y, h, s2, n, distance, prior, share)
    assert_allclose(mu, expected[0], atol=1e-8)
    assert_allclose(kriging.variance(n, distance[None])[0], expected[1], atol=1e-8)


@given(problems())
def test_more_runs_never_leave_more_variance(problem):
    x, R, _, distance, prior = problem
    kriging = krige(x, R, [(0.5, 0.01)], prior)
    one, four = (kriging.variance(np.full(R.size, n), distance[None]) for n in (1, 4))
    assert (four <= one + 1e-12).all()


@given(problems())
def test_weights_sum_to_one_and_leave_out_what_is_not_usable(problem):
    x, R, y, distance, prior = problem
    kriging = krige(x, R, [(0.5, 0.01), (1.0, 0.1)], prior)
    usable = np.arange(len(x)) > 0
    rows = kriging.rows(y[None], np.ones(R.size, int), distance[None], usable[None])
    assert_allclose(rows.sum(axis=2), 1, atol=1e-9)
    assert (rows[:, :, 0] == 0).all()


def test_nothing_usable_weighs_nothing():
    kriging = krige(np.ones((2, 3)), np.array([0]), [(0.5, 0.01)])
    rows = kriging.rows(np.ones((1, 1)), np.ones(1, int), np.zeros((1, 2)), np.zeros((1, 2), bool))
    assert (rows == 0).all()
