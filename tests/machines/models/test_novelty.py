"""A workload is new by degrees: not at all beside its relatives, wholly when far from everything."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from learnsys.machines.models.novelty import CLUSTERS, Novelty, clusters_of, novelty


def apart(points):
    return np.abs(points[:, None] - points)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=12), st.floats(0, 2), st.floats(0, 2))
def test_the_share_is_one_and_rises_with_distance(nearest, usual, more):
    share = Novelty(usual=usual, strange=usual + more).share(np.sort(nearest)[:, None])
    assert ((share >= 0) & (share <= 1)).all()
    assert (np.diff(share) >= 0).all()


def test_usual_and_strange_are_the_ends():
    share = Novelty(usual=1.0, strange=3.0).share(np.array([[0.5, 9.0], [2.0, 2.5], [4.0, np.inf]]))
    assert_allclose(share, [0, 0.5, 1])


@given(st.integers(0, 10**6), st.integers(1, 9))
def test_groups_stay_whole(seed, n):
    rng = np.random.default_rng(seed)
    groups = np.array([f"g{g}" for g in rng.integers(0, n, 20)])
    clusters = clusters_of(apart(rng.normal(size=20)), groups)
    assert np.unique(clusters).size <= CLUSTERS
    assert all(np.unique(clusters[groups == g]).size == 1 for g in np.unique(groups))


def test_near_groups_are_joined():
    points = np.repeat([0.0, 0.1, 50.0, 50.1, 100.0, 200.0], 2)
    clusters = clusters_of(apart(points), np.repeat(["a", "b", "c", "d", "e", "f"], 2))
    assert clusters[0] == clusters[2] != clusters[4] == clusters[6]


def test_leaving_a_cluster_out_is_stranger_than_leaving_a_group_out():
    points = np.repeat([0.0, 0.1, 50.0, 50.1], 2)
    groups = np.repeat(["a", "b", "c", "d"], 2)
    learned = novelty(apart(points), groups, np.repeat([0, 0, 1, 1], 2))
    assert_allclose([learned.usual, learned.strange], [0.1, 49.95], atol=0.1)


def test_one_group_alone_is_never_strange():
    groups = np.array(["a", "a"])
    learned = novelty(np.zeros((2, 2)), groups, clusters_of(np.zeros((2, 2)), groups))
    assert learned.share(np.full((1, 2), np.inf)).tolist() == [0.0]
