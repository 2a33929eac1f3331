import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.serve.toys import Toy

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.predictor import TensorSpec
from learnsys.serve.protocol import model_metadata, read_question, server_metadata, write_answer

SPECS = Toy(d=2).outputs
X = {"name": "x", "shape": [1, 2], "datatype": "FP64"}
BINARY = X | {"parameters": {"binary_data_size": 16}}
SIXTEEN = np.array([3.0, 4.0]).tobytes()


def body(*inputs, tail=b"", **rest):
    """Body and length of its JSON, None if that is all."""
    head = json.dumps({"inputs": list(inputs), **rest}).encode()
    return head + tail, len(head) if tail else None


def test_json_and_binary_tensors_may_mix():
    inputs = (X | {"name": "a", "data": [1, 2]}, BINARY | {"name": "b"}, BINARY | {"name": "c"})
    question = read_question(*body(*inputs, tail=SIXTEEN + SIXTEEN[::-1]), SPECS)
    assert question.inputs["a"].tolist() == [[1, 2]]
    assert question.inputs["b"].tolist() == [[3, 4]]
    assert question.inputs["c"].tobytes() == SIXTEEN[::-1]


@given(hnp.arrays(np.float64, st.integers(1, 5), elements=st.floats(-1e9, 1e9)), st.booleans())
def test_an_answer_reads_back(score, binary):
    asked = read_question(*body(X | {"data": [0, 0]}, id="q7", parameters={"binary_data_output": binary}), SPECS)
    raw, length = write_answer(Toy(d=2), asked, {"score": score})
    answer = json.loads(raw[:length])
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("toy", "1", "q7")
    (output,) = answer["outputs"]
    values = np.frombuffer(raw[length:]) if binary else np.array(output["data"])
    np.testing.assert_array_equal(values, score)
    assert output["shape"] == list(score.shape)
    assert output["datatype"] == "FP64"


class Two(Toy):
    """A model with two outputs."""

    outputs = ()

    def __init__(self):
        self.name = "two"
        self.outputs = (
            TensorSpec(name="p", dtype="FP64", shape=(None,)),
            TensorSpec(name="label", dtype="BYTES", shape=(None,)),
        )


@pytest.mark.parametrize("all_binary", [True, False])
def test_each_output_says_whether_it_is_wanted_and_how(all_binary):
    model = Two()
    asked = [{"name": "label"}, {"name": "p", "parameters": {"binary_data": not all_binary}}]
    question = read_question(
        *body(X | {"data": [0, 0]}, outputs=asked, parameters={"binary_data_output": all_binary}), model.outputs
    )
    assert question.outputs == {"label": all_binary, "p": not all_binary}
    raw, length = write_answer(model, question, {"p": np.array([0.5]), "label": np.array(["late"], object)})
    assert [o["name"] for o in json.loads(raw[:length])["outputs"]] == ["label", "p"]
    assert raw[length:] == (b"\x04\0\0\0late" if all_binary else np.array([0.5]).tobytes())
    only = read_question(*body(X | {"data": [0, 0]}, outputs=[{"name": "p"}]), model.outputs)
    assert only.outputs == {"p": False}


def test_null_is_as_good_as_absent():
    asked = body(X | {"data": [3, 4], "parameters": None}, outputs=None, parameters=None, id=None)
    question = read_question(*asked, SPECS)
    assert question.inputs["x"].tolist() == [[3, 4]]
    assert (question.outputs, question.id) == ({"score": False}, None)
    asked = body(X | {"data": [3, 4]}, outputs=[{"name": "score", "parameters": None}])
    assert read_question(*asked, SPECS).outputs == {"score": False}


def test_texts_that_json_cannot_hold_are_refused_with_the_way_out():
    question = read_question(*body(X | {"data": [0, 0]}), Two().outputs)
    with pytest.raises(InputError, match="binary"):
        write_answer(Two(), question, {"p": np.array([0.5]), "label": np.array([b"\xff"], object)})


BAD = {
    "no JSON": (b"{nope", None, "malformed"),
    "no object": (b"[1]", None, "Expected `object`"),
    "no text": (b'{"inputs": "\xff"}', None, "no inference request"),
    "no inputs": (b"{}", None, "inputs"),
    "shape is text": (*body(X | {"shape": "12"}), r"\$.inputs\[0\].shape"),
    "negative shape": (*body(X | {"shape": [-1, -2], "data": [1, 2]}), "negative"),
    "wrong count": (*body(X | {"data": [1]}), r"'x' is not FP64 \[1, 2\]: the shape needs 2 values, but 1 came"),
    "no data": (*body(X), "needs either data or"),
    "both ways": (*body(BINARY | {"data": [1, 2]}, tail=SIXTEEN), "needs either data or"),
    "twice": (*body(X | {"data": [1, 2]}, X | {"data": [1, 2]}), "twice"),
    "size not of the shape": (*body(X | {"parameters": {"binary_data_size": 8}}, tail=b"0" * 8), "needs 16 bytes"),
    "size is no number": (*body(X | {"parameters": {"binary_data_size": "16"}}, tail=SIXTEEN), "is 16, but"),
    "size is negative": (*body(X | {"parameters": {"binary_data_size": -1}}, tail=SIXTEEN), "is -1, but"),
    "bytes missing": (*body(BINARY, tail=b"0" * 9), "16, but 9 bytes are left"),
    "bytes left": (*body(BINARY, tail=b"0" * 20), "4 bytes follow"),
    "JSON longer than the body": (b"{}", 99, "Content-Length is 99"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said(case):
    raw, length, says = BAD[case]
    with pytest.raises(InputError) as caught:
        read_question(raw, length, SPECS)
    assert re.search(says, str(caught.value)), caught.value


def test_an_unknown_datatype_is_named_with_the_next():
    with pytest.raises(UnknownName, match="did you mean FP64"):
        read_question(*body(X | {"datatype": "FP65", "data": [1, 2]}), SPECS)


def test_an_unknown_output_is_named_with_the_next():
    with pytest.raises(UnknownName, match="did you mean score"):
        read_question(*body(X | {"data": [1, 2]}, outputs=[{"name": "scores"}]), SPECS)


def test_metadata_has_minus_one_for_rows():
    about = model_metadata(Toy(d=7), ["1", "2"])
    assert about["inputs"] == [{"name": "x", "datatype": "FP64", "shape": [-1, 7]}]
    assert about["outputs"] == [{"name": "score", "datatype": "FP64", "shape": [-1]}]
    assert about["versions"] == ["1", "2"]
    assert server_metadata()["extensions"] == ["binary_tensor_data"]
