import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learnsys.convex.samples import LEAST, one_in, strides


@given(st.integers(1, 10**7), st.integers(1, 2000))
def test_samples_grow_to_all_rows_and_the_smallest_is_large_enough(n, d):
    found = strides(n, d)
    assert found[-1] == 1
    assert list(found) == sorted(set(found), reverse=True)
    assert len(found) == 1 or n // found[0] >= LEAST * d - 1


@given(st.integers(1, 500), st.sampled_from([2, 8, 64]), st.integers(0, 50))
def test_one_row_of_every_stride(n, stride, seed):
    chosen = one_in(stride, n, np.random.default_rng(seed))
    assert len(chosen) == max(1, n // stride)
    assert chosen.max() < n
    if n >= stride:
        assert (chosen // stride == np.arange(len(chosen))).all()


def test_a_stride_of_one_copies_nothing():
    assert one_in(1, 5, np.random.default_rng(0)) == slice(None)
