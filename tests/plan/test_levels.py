import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.plan import naive
from tests.plan.strategies import quick

from learnsys.plan.levels import PRICE, features, fit_levels

LAWS = {
    "linear, and workers slow it down": lambda s, p: 3 * s * (1 + 0.5 * (p - 1)),
    "superlinear, whatever the workers": lambda s, p: 2 * np.log1p(s) + 0 * p,
    "sublinear": lambda s, p: (1 + s + s**3 / 4) * (p + 1),
    "workers share the work": lambda s, p: 60 * s / p,
    "the first split costs": lambda s, p: s * (2 + 6 * (p > 1)),
}
S = np.arange(0.5, 7.0, 0.5)


def seen(law, counts):
    p, s = np.repeat(counts, len(S)), np.tile(S, len(counts))
    return p, s, law(s, p)


@pytest.mark.parametrize("law", LAWS)
def test_extrapolates_the_laws_it_is_made_of(law):
    model = fit_levels(*seen(LAWS[law], [1, 2, 4, 8]))
    for p in (16, 64):
        np.testing.assert_allclose(model.rounds([2.0, 9.0], p), LAWS[law](np.array([2.0, 9.0]), p), rtol=0.15)


@quick
@given(hnp.arrays(float, 3 * len(S), elements=st.floats(0.1, 100)), st.integers(1, 200))
def test_a_deeper_level_never_takes_fewer_rounds(rounds, p):
    model = fit_levels(*seen(lambda s, p: rounds, [1, 2, 4])[:2], rounds)
    assert (np.diff(model.rounds(np.linspace(0, 30, 60), p)) >= -1e-9).all()


@quick
@given(hnp.arrays(float, 2 * len(S), elements=st.floats(0.1, 100)))
def test_agrees_with_projected_gradient(rounds):
    p, s, _ = seen(LAWS["sublinear"], [1, 4])
    F = features(s, p)
    fast, slow = (
        np.array(fit_levels(p, s, rounds).coefficients),
        naive.fit_relative(F, rounds, price=PRICE, least=1.0, steps=3000),
    )
    cost = lambda c: naive.relative_cost(c, F, rounds, price=PRICE, least=1.0)  # noqa: E731
    assert cost(fast) <= cost(slow) * (1 + 1e-6) + 1e-12


def test_fractions_of_the_first_round_decide_nothing():
    p, s, n = seen(LAWS["linear, and workers slow it down"], [1, 2])
    early = np.append(n, [0.001, 0.3])
    a, b = fit_levels(p, s, n), fit_levels(np.append(p, [1, 2]), np.append(s, [0.1, 0.1]), early)
    np.testing.assert_allclose(a.rounds(S, 2), b.rounds(S, 2), rtol=0.1)


def test_counts_that_are_taken_for_alike_are():
    model = fit_levels(*seen(LAWS["linear, and workers slow it down"], [1, 2, 4]), alike=True)
    np.testing.assert_array_equal(model.rounds(S, 1), model.rounds(S, 64))
    assert (model.rounds(S, 1) > 0).all()
