import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tritonclient.utils import deserialize_bytes_tensor, serialize_byte_tensor

from learnsys.core.predictor import DTYPES
from learnsys.serve.tensors import from_binary, from_json, to_binary, to_json

NUMBERS = sorted(k for k in DTYPES if k != "BYTES")


@st.composite
def tensors(draw, *, min_side=0):
    """A datatype and an array of it, finite."""
    datatype = draw(st.sampled_from(NUMBERS))
    dtype = np.dtype(DTYPES[datatype])
    finite = {"allow_nan": False, "allow_infinity": False} if dtype.kind == "f" else {}
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=min_side, max_side=4))
    return datatype, draw(hnp.arrays(dtype, shape, elements=hnp.from_dtype(dtype, **finite)))


texts = hnp.arrays(object, hnp.array_shapes(max_dims=2, min_side=0, max_side=4), elements=st.text())


def same(got, want):
    np.testing.assert_array_equal(got, want)
    assert got.dtype == want.dtype
    assert got.flags.writeable
    assert got.flags.aligned
    assert got.flags.c_contiguous


@given(tensors())
@settings(deadline=None)
def test_json_gives_back_the_array(case):
    datatype, array = case
    same(from_json(json.dumps(to_json(array)).encode(), datatype, array.shape), array)


@given(tensors(min_side=1))
@settings(deadline=None)
def test_nested_lists_give_back_the_array(case):
    datatype, array = case
    same(from_json(json.dumps(array.tolist()).encode(), datatype, array.shape), array)


@given(tensors(), st.integers(0, 7))
@settings(deadline=None)
def test_binary_gives_back_the_array_wherever_it_stands(case, before):
    datatype, array = case
    body = b"#" * before + to_binary(array)
    same(from_binary(memoryview(body)[before:], datatype, array.shape), array)


@given(texts)
@settings(deadline=None)
def test_texts_travel_as_triton_has_them(array):
    packed = to_binary(array)
    assert packed == (serialize_byte_tensor(array).item() if array.size else b"")
    back = from_binary(memoryview(packed), "BYTES", array.shape)
    if array.size:
        np.testing.assert_array_equal(back.ravel(), deserialize_bytes_tensor(packed))
    np.testing.assert_array_equal(from_json(json.dumps(to_json(array)).encode(), "BYTES", array.shape), back)


def test_what_is_no_text_is_written_as_one():
    assert to_json(np.array([1.5, "late", b"on time"], object)) == ["1.5", "late", "on time"]


def test_integers_beyond_64_bits_are_floats_where_floats_are_wanted():
    assert from_json(b"[18446744073709551616]", "FP64", [1]).tolist() == [2.0**64]
    assert from_json(b"[[18446744073709551616]]", "FP64", [1, 1]).tolist() == [[2.0**64]]


JSON = {
    "too few": ("[1]", "FP64", [1, 2], "needs 2 values, but 1 came"),
    "too many": ("[1, 2, 3]", "FP64", [1, 2], "3 came"),
    "a huge shape": ("[1]", "FP64", [10**9, 10**9], "1 came"),
    "no list": ("5", "FP64", [1], "Expected `array`"),
    "an object": ('{"a": 1}', "FP64", [1], "Expected `array`"),
    "broken": ("[1, nan]", "FP64", [2], "malformed"),
    "text": ('[1, "a"]', "FP64", [2], r"Expected `float`, got `str` - at `\$\[1\]`"),
    "null": ("[1, null]", "FP64", [2], "null"),
    "flags for numbers": ("[1, true]", "FP64", [2], "bool"),
    "numbers for flags": ("[0, 1]", "BOOL", [2], "bool"),
    "numbers for texts": ("[0, 1]", "BYTES", [2], "str"),
    "too large": ("[1e999]", "FP64", [1], "range"),
    "too large for FP32": ("[1, 1e60]", "FP32", [2], "overflow"),
    "halves for integers": ("[1, 1.5]", "INT32", [2], "int"),
    "too large for INT8": ("[1, 300]", "INT8", [2], r"\[-128, 127\]"),
    "too large for INT64": ("[9223372036854775808]", "INT64", [1], "too large"),
    "negative for UINT8": ("[1, -1]", "UINT8", [2], "-1"),
    "nested otherwise": ("[[1, 2, 3], [4, 5, 6]]", "FP64", [3, 2], r"\[2, 3\]"),
    "ragged": ("[[1, 2], [3]]", "FP64", [3], r"shape \[2\]"),
    "ragged, of the outer shape": ("[[1, 2], [3]]", "FP64", [2], "array"),
    "nested text": ('[["a", "b"]]', "FP64", [1, 2], "str"),
    "nested halves": ("[[1, 1.5]]", "INT32", [1, 2], "int"),
}


@pytest.mark.parametrize("case", JSON)
def test_json_that_is_not_what_it_says_is_refused(case):
    raw, datatype, shape, says = JSON[case]
    with pytest.raises(ValueError, match=says):
        from_json(raw.encode(), datatype, shape)
    # and the parser is as good as before
    assert from_json(b"[1, 2]", "FP64", [2]).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("data", "datatype", "shape", "says"),
    [
        (b"12345678", "FP64", [1, 2], "needs 16 bytes, but 8 came"),
        (b"\x02\0\0\0ab", "BYTES", [2], "needs 2 texts, but 1 came"),
        (b"\x09\0\0\0ab", "BYTES", [1], "do not add up"),
        (b"\x02\0\0\0ab!", "BYTES", [1], "do not add up"),
    ],
)
def test_bytes_that_are_not_what_they_say_are_refused(data, datatype, shape, says):
    with pytest.raises(ValueError, match=says):
        from_binary(memoryview(data), datatype, shape)
