import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.machines.decide import naive

from learnsys.machines.decide.pareto import front

POINTS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=25)


@given(POINTS)
def test_agrees_with_comparing_all_pairs(points):
    time, cost = zip(*points, strict=True)
    assert front(time, cost).tolist() == naive.front(time, cost)


@given(POINTS)
def test_runs_from_fast_and_dear_to_slow_and_cheap(points):
    time, cost = (np.array(c, float) for c in zip(*points, strict=True))
    at = front(time, cost)
    assert (np.diff(time[at]) > 0).all()
    assert (np.diff(cost[at]) < 0).all()


def test_what_is_unknown_is_not_on_the_front():
    assert front([1, 2, np.nan], [np.nan, 5, 1]).tolist() == [1]
