import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.plan import naive
from tests.plan.strategies import quick

from learnsys.plan.relative import fit_relative

problems = st.integers(3, 8).flatmap(
    lambda m: st.tuples(
        hnp.arrays(float, (m, 3), elements=st.floats(0.1, 10)), hnp.arrays(float, m, elements=st.floats(0.1, 10))
    )
)


@quick
@given(problems, st.sampled_from([0.0, 0.3]), st.sampled_from([0.0, 1.0]))
def test_agrees_with_projected_gradient(problem, price, least):
    F, y = problem
    fast = fit_relative(F, y, price=price, least=least)
    slow = naive.fit_relative(F, y, price=price, least=least, steps=3000)
    at = {"price": price, "least": least}
    assert (fast >= 0).all()
    assert naive.relative_cost(fast, F, y, **at) <= naive.relative_cost(slow, F, y, **at) * (1 + 1e-6) + 1e-12


@quick
@given(problems, st.floats(0.01, 100))
def test_units_do_not_matter(problem, k):
    F, y = problem
    np.testing.assert_allclose(F @ fit_relative(F, k * y, price=0.1), k * F @ fit_relative(F, y, price=0.1), rtol=1e-6)


def test_an_error_costs_the_same_everywhere():
    # One term, two observations whose ratios to it are 1 and 2: absolute errors would give 2 - 1e-6.
    c = fit_relative(np.array([[1.0], [1000.0]]), [1.0, 2000.0])
    assert 1.0 < c[0] < 1.5


def test_a_price_keeps_one_term_where_several_explain_the_same():
    F = np.ones((4, 3))
    assert np.count_nonzero(fit_relative(F, np.ones(4), price=[0.1, 0.01, 0.1])) == 1
    assert fit_relative(F, np.ones(4), price=[0.1, 0.01, 0.1])[1] > 0.99


def test_a_column_of_zeros_is_not_used():
    np.testing.assert_allclose(fit_relative(np.array([[1.0, 0.0], [1.0, 0.0]]), [2.0, 2.0]), [2.0, 0.0])
