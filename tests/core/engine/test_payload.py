"""Bytes are what arrays and scalars weigh, whatever holds them."""

from collections import OrderedDict
from dataclasses import dataclass

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from tests.core.engine import naive

from learnsys.core.engine.payload import payload_bytes

leaves = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text("abc"),
    st.binary(max_size=5),
    hnp.arrays(st.sampled_from([np.float64, np.float32, np.int8, bool]), hnp.array_shapes(min_side=0, max_side=4)),
)
values = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner), st.tuples(inner, inner), st.dictionaries(st.text("ab"), inner))
)


@settings(deadline=None, max_examples=60)
@given(values)
def test_agrees_with_the_twin(value):
    assert payload_bytes(value) == naive.payload(value)


@dataclass
class Pair:
    """Two arrays."""

    left: np.ndarray
    right: np.ndarray


class Named(msgspec.Struct):
    """An array with a name."""

    name: str
    array: np.ndarray


X = sparse.random_array((30, 40), density=0.1, rng=0, format="csr")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(1), 4),
        (np.zeros((10, 10))[:, ::2], 400),
        ("größe", 7),
        (Pair(np.zeros(2), np.ones(3)), 40),
        (Named("abc", np.zeros(2)), 19),
        (Pair, 8),
        (Named, 8),
        (OrderedDict(a=1), 9),
        ({1, 2}, 16),
        (X, X.data.nbytes + X.indices.nbytes + X.indptr.nbytes),
        (object(), 8),
    ],
)
def test_weighs_what_it_holds(value, expected):
    assert payload_bytes(value) == expected
