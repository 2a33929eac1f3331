"""Keys, scores and distances of the pointer are what its equations say."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.models.pointer import BUCKETS, WINDOW, Pointer, bucket


def test_scores_are_the_dot_products_of_the_equation():
    torch.manual_seed(0)
    pointer = Pointer(6, 4)
    with torch.no_grad():
        pointer.distance.normal_()
    x, context, outputs = torch.randn(1, 5, 6), torch.randn(1, 5, 6), torch.randn(1, 2, 6)
    distances = torch.tensor([[5, 4, 3, 2, 1], [6, 5, 4, 3, 2]])
    found = pointer.scores(outputs, pointer.keys(x, context), distances)
    for t in range(2):
        for place in range(5):
            query = pointer.query @ outputs[0, t]
            key = pointer.key_context @ context[0, place] + pointer.key_word @ x[0, place]
            expected = query @ key / 4**0.5 + pointer.distance[bucket(distances[t, place])]
            torch.testing.assert_close(found[0, t, place], expected)


def test_a_new_pointer_copies_half():
    assert torch.equal(Pointer(6, 4).copied(torch.randn(3, 6)), torch.zeros(3))


@given(st.integers(1, WINDOW), st.integers(1, WINDOW))
def test_buckets_are_ordered_and_in_range(a, b):
    low, high = (int(bucket(torch.tensor(d))) for d in sorted((a, b)))
    assert 0 <= low <= high < BUCKETS


@pytest.mark.parametrize(("distance", "number"), [(1, 0), (2, 1), (WINDOW, 14)])
def test_buckets_follow_the_logarithm(distance, number):
    assert int(bucket(torch.tensor(distance))) == number
