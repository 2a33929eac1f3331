import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.serve.toys import Toy

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.predictor import DTYPES
from learnsys.serve.protocol import model_metadata, read_question, write_answer

SPECS = Toy(d=2).outputs
NUMBERS = {k: v for k, v in DTYPES.items() if k != "BYTES"}


@st.composite
def tensors(draw):
    datatype = draw(st.sampled_from(sorted(NUMBERS)))
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4))
    finite = {"allow_nan": False, "allow_infinity": False} if datatype.startswith("FP") else {}
    return datatype, draw(
        hnp.arrays(NUMBERS[datatype], shape, elements=hnp.from_dtype(np.dtype(NUMBERS[datatype]), **finite))
    )


def body(*inputs, tail=b"", **rest):
    head = json.dumps({"inputs": list(inputs), **rest}).encode()
    return head + tail, len(head) if tail else None


def one(array, datatype, **fields):
    return {"name": "x", "shape": list(array.shape), "datatype": datatype, **fields}


@given(tensors())
@settings(deadline=None)
def test_json_gives_back_the_array(case):
    datatype, array = case
    question = read_question(*body(one(array, datatype, data=array.ravel().tolist())), SPECS)
    np.testing.assert_array_equal(question.inputs["x"], array)
    assert question.inputs["x"].dtype == array.dtype
    assert question.inputs["x"].flags.writeable


@given(tensors())
@settings(deadline=None)
def test_nested_lists_give_back_the_array(case):
    datatype, array = case
    if array.size == 0:  # [[], []] does not say how many columns there are
        return
    question = read_question(*body(one(array, datatype, data=array.tolist())), SPECS)
    np.testing.assert_array_equal(question.inputs["x"], array)
    assert question.inputs["x"].dtype == array.dtype


@given(tensors(), tensors())
@settings(deadline=None)
def test_binary_gives_back_the_arrays(a, b):
    inputs = [
        one(array, datatype, parameters={"binary_data_size": array.nbytes}) | {"name": name}
        for name, (datatype, array) in (("a", a), ("b", b))
    ]
    head = json.dumps({"inputs": inputs}).encode()
    question = read_question(head + a[1].tobytes() + b[1].tobytes(), len(head), SPECS)
    for name, (_, array) in (("a", a), ("b", b)):
        np.testing.assert_array_equal(question.inputs[name], array)
        assert question.inputs[name].flags.aligned
        assert question.inputs[name].flags.writeable


@given(hnp.arrays(np.float64, st.integers(1, 5), elements=st.floats(-1e9, 1e9)), st.booleans())
def test_an_answer_reads_back(score, binary):
    model = Toy(d=2)
    question = read_question(
        *body(one(np.zeros((1, 2)), "FP64", data=[0, 0]), id="q7", parameters={"binary_data_output": binary}), SPECS
    )
    raw, length = write_answer(model, question, {"score": score})
    answer = json.loads(raw[:length])
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("toy", "1", "q7")
    (output,) = answer["outputs"]
    values = np.frombuffer(raw[length:]) if binary else np.array(output["data"])
    np.testing.assert_array_equal(values, score)
    assert output["shape"] == list(score.shape)
    assert output["datatype"] == "FP64"


def test_each_output_says_how_it_wants_to_travel():
    asked = [{"name": "score", "parameters": {"binary_data": True}}]
    question = read_question(*body(one(np.zeros((1, 2)), "FP64", data=[0, 0]), outputs=asked), SPECS)
    assert question.outputs == {"score": True}


X = {"name": "x", "shape": [1, 2], "datatype": "FP64"}
BAD = {
    "no JSON": (b"{nope", None, "malformed"),
    "no object": (b"[1]", None, "Expected `object`"),
    "no inputs": (b"{}", None, "inputs"),
    "shape is text": (*body(X | {"shape": "12"}), r"\$.inputs\[0\].shape"),
    "negative shape": (*body(X | {"shape": [-1, -2], "data": [1, 2]}), "negative"),
    "too few": (*body(X | {"data": [1]}), "needs 2 values .* 1 values came"),
    "too many": (*body(X | {"data": [1, 2, 3]}), "3 values came"),
    "a huge shape": (*body(X | {"shape": [10**9, 10**9], "data": [1]}), "1 values came"),
    "no data": (*body(X), "no data"),
    "data is no list": (*body(X | {"data": 5}), "'x' is not FP64"),
    "text in data": (*body(X | {"data": [1, "a"]}), r"Expected `float`, got `str` - at `\$\[1\]`"),
    "null in data": (*body(X | {"data": [1, None]}), "null"),
    "flags in data": (*body(X | {"data": [1, True]}), "bool"),
    "a number too large": (b'{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1e999]}]}', None, "range"),
    "too large for FP32": (*body(X | {"datatype": "FP32", "data": [1, 1e60]}), "overflow"),
    "half in integers": (*body(X | {"datatype": "INT32", "data": [1, 1.5]}), "int"),
    "too large for INT8": (*body(X | {"datatype": "INT8", "data": [1, 300]}), r"\[-128, 127\]"),
    "negative in UINT8": (*body(X | {"datatype": "UINT8", "data": [1, -1]}), "UINT8"),
    "nested otherwise": (*body(X | {"shape": [3, 2], "data": [[1, 2, 3], [4, 5, 6]]}), r"\[2, 3\]"),
    "ragged": (*body(X | {"shape": [3], "data": [[1, 2], [3]]}), r"shape \[2\]"),
    "ragged, shape of the outer list": (*body(X | {"shape": [2], "data": [[1, 2], [3]]}), "got `array`"),
    "nested text": (*body(X | {"data": [["a", "b"]]}), "got `str`"),
    "twice": (*body(X | {"data": [1, 2]}, X | {"data": [1, 2]}), "twice"),
    "both ways": (*body(X | {"data": [1, 2], "parameters": {"binary_data_size": 16}}, tail=b"0" * 16), "both"),
    "size not of the shape": (*body(X | {"parameters": {"binary_data_size": 8}}, tail=b"0" * 8), "16 bytes"),
    "size is no number": (*body(X | {"parameters": {"binary_data_size": 16.0}}, tail=b"0" * 16), "needs 2 values"),
    "bytes missing": (*body(X | {"parameters": {"binary_data_size": 16}}, tail=b"0" * 9), "9 bytes came"),
    "bytes left": (*body(X | {"parameters": {"binary_data_size": 16}}, tail=b"0" * 20), "4 bytes follow"),
    "JSON longer than the body": (b"{}", 99, "Content-Length is 99"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said(case):
    raw, length, says = BAD[case]
    with pytest.raises(InputError) as caught:
        read_question(raw, length, SPECS)
    assert re.search(says, str(caught.value)), caught.value
    # and the parser is as good as before
    good = read_question(*body(X | {"data": [1, 2]}), SPECS)
    assert good.inputs["x"].tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize("datatype", ["FP65", "BYTES"])
def test_an_unknown_datatype_is_named_with_the_next(datatype):
    with pytest.raises(UnknownName, match=datatype):
        read_question(*body(X | {"datatype": datatype, "data": [1, 2]}), SPECS)


def test_an_unknown_output_is_named_with_the_next():
    with pytest.raises(UnknownName, match="did you mean score"):
        read_question(*body(X | {"data": [1, 2]}, outputs=[{"name": "scores"}]), SPECS)


def test_integers_beyond_64_bits_are_floats_where_floats_are_wanted():
    raw = b'{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[18446744073709551616]}]}'
    assert read_question(raw, None, SPECS).inputs["x"].tolist() == [2.0**64]


def test_metadata_has_minus_one_for_rows():
    about = model_metadata(Toy(d=7), ["1", "2"])
    assert about["inputs"] == [{"name": "x", "datatype": "FP64", "shape": [-1, 7]}]
    assert about["outputs"] == [{"name": "score", "datatype": "FP64", "shape": [-1]}]
    assert about["versions"] == ["1", "2"]
