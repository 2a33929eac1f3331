import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learnsys.machines.decide.deadline import order


@given(st.lists(st.tuples(st.floats(0.1, 9), st.floats(0, 1), st.booleans()), min_size=1, max_size=20))
def test_the_first_are_in_time_and_in_order_of_cost(rows):
    cost, likely, able = (np.array(c) for c in zip(*rows, strict=True))
    rank, n = order(cost, np.ones(cost.size), likely, 0.9, able)
    first = rank[:n]
    assert sorted(rank.tolist()) == list(range(cost.size))
    assert ((likely >= 0.9) & able)[first].all()
    assert not ((likely >= 0.9) & able)[rank[n:]].any()
    assert (np.diff(cost[first]) >= 0).all()
    assert able[rank[n:]].tolist() == sorted(able[rank[n:]].tolist(), reverse=True)


def test_where_none_is_in_time_the_likeliest_leads_and_then_the_fastest():
    rank, n = order(np.array([1.0, 2.0, 3.0]), np.array([9.0, 8.0, 7.0]), np.array([0.001, 0.0, 0.3]), 0.9)
    assert (rank.tolist(), n) == ([2, 1, 0], 0)
