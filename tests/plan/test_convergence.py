import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.strategies import quick

from learnsys.plan.convergence import MOST_ROUNDS, fit_convergence


def seen(law, counts=(1, 2, 4, 8), rounds=30):
    p, i = np.repeat(counts, rounds), np.tile(np.arange(1, rounds + 1), len(counts))
    return p, i, law(i, p)


def test_finds_the_theory_it_is_made_of():
    # (1 - c0/p)^i with c0 = 0.3
    model = fit_convergence(*seen(lambda i, p: 0.3 * i / p))
    np.testing.assert_allclose(model.depth([40, 80], 16), [0.75, 1.5], rtol=0.15, atol=0.05)
    np.testing.assert_allclose(model.rounds([1.5], 16), [80.0], rtol=0.15)


@quick
@given(st.floats(0.01, 1), st.floats(0, 2), st.integers(1, 100))
def test_more_rounds_are_never_worse(rate, slowdown, p):
    model = fit_convergence(*seen(lambda i, p: rate * np.sqrt(i) / p**slowdown, rounds=12))
    assert (np.diff(model.depth(np.arange(200), p)) >= -1e-12).all()
    needed = model.rounds(np.linspace(0, 5, 50), p)
    assert (np.diff(needed[np.isfinite(needed)]) >= 0).all()


@quick
@given(st.floats(0.05, 1))
def test_rounds_undo_depth(rate):
    model = fit_convergence(*seen(lambda i, p: rate * i / p))
    np.testing.assert_allclose(model.rounds(model.depth([5, 50, 500], 4), 4), [5, 50, 500], rtol=0.02)


def test_what_a_million_rounds_do_not_reach_is_infinite():
    model = fit_convergence(*seen(lambda i, p: np.full(i.shape, 2.0) + 1e-9 * i))
    assert model.rounds([50.0], 4)[0] == np.inf
    assert model.rounds([0.0], 4)[0] <= MOST_ROUNDS


def test_one_worker_count_is_enough_for_itself():
    model = fit_convergence(*seen(lambda i, p: 0.2 * i, counts=(4,)))
    assert model.rounds([4.0], 4)[0] == pytest.approx(20, rel=0.1)
