import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.models.pointer import bucket
from learnsys.complete.runtime.step import WINDOW, attend, buckets, entropy, likeliest, merge, softmax


def test_buckets_are_those_of_training():
    import torch

    np.testing.assert_array_equal(buckets()[1:], bucket(torch.arange(1, WINDOW + 1)).numpy())


def test_softmax_of_large_scores():
    scores = np.array([1000.0, 1001.0, -1000.0], np.float32)
    softmax(scores)
    np.testing.assert_allclose(scores, [1 / (1 + np.e), np.e / (1 + np.e), 0], rtol=1e-5)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1, width=32)), min_size=1, max_size=40), st.integers(1, 10**9)
)
def test_equal_tokens_are_merged_the_latest_first(places, factor):
    names = np.array([name * factor % 2**31 for name, _ in places], np.int32)
    mass = np.array([p for _, p in places], np.float32)
    words, found, total, last = merge(mass, names // 2, names)
    expected = sorted({int(n) for n in names}, key=lambda n: -int(np.flatnonzero(names == n)[-1]))
    assert found.tolist() == expected
    assert words.tolist() == [n // 2 for n in expected]
    assert last.tolist() == [int(np.flatnonzero(names == n)[-1]) for n in expected]
    np.testing.assert_allclose(total, [mass[names == n].sum() for n in expected], rtol=1e-5)


def test_copying_prefers_near_places_only_by_the_learned_distance():
    distance = np.zeros(16, np.float32)
    distance[0] = 2.0
    mass = attend(np.zeros(4, np.float32), np.ones((5, 4), np.float32), distance, buckets())
    np.testing.assert_allclose(mass[-1] / mass[0], np.exp(2), rtol=1e-5)
    np.testing.assert_allclose(mass.sum(), 1, rtol=1e-5)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5]), max_size=12), st.integers(1, 14))
def test_the_likeliest_are_those_that_sorting_finds(p, most):
    order = [i for i in np.argsort(-np.array(p, np.float32), kind="stable").tolist() if p[i] > 0]
    assert likeliest(np.array(p, np.float32), most).tolist() == order[:most]


def test_entropy_is_that_of_the_formula_and_zero_adds_nothing():
    p = np.array([0.5, 0.25, 0.25, 0], np.float32)
    assert entropy(p) == pytest.approx(1.5)
