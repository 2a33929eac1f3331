"""A model file is read back as it was written, and refused if it is anything else."""

import json

import numpy as np
import pytest
from safetensors.numpy import save

from learnsys.complete.data.vocabulary import SPECIAL, Vocabulary
from learnsys.complete.runtime.weights import Card, Weights, load_weights, save_weights
from learnsys.core.errors import BadFile

VOCABULARY = Vocabulary(language="js", words=(*SPECIAL, "let", "=>", "naïve 😀"), parts=(*SPECIAL, "let"))
TENSORS = {
    "word": np.linspace(-1, 1, 40, dtype=np.float32).reshape(5, 8), "pointer.gate_bias": np.array(0.5, np.float32),
}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    card = Card(vocabulary=VOCABULARY, sizes={"width": 8}, corpus="c" * 64, metrics={"top-1": 0.5})
    return save_weights(tmp_path / "js.safetensors", Weights(card=card, tensors=TENSORS))


def test_what_was_written_is_read(path):
    found = load_weights(path)
    assert found.card.vocabulary == VOCABULARY
    assert found.card.metrics == {"top-1": 0.5}
    assert set(found.tensors) == set(TENSORS)
    for name, tensor in TENSORS.items():
        np.testing.assert_allclose(found.tensors[name], tensor, atol=5e-4)
        assert found.tensors[name].shape == tensor.shape


def test_the_same_model_gives_the_same_file(path, tmp_path):
    again = save_weights(tmp_path / "again.safetensors", load_weights(path))
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("at", [3, 12, -1, -30])
def test_a_byte_that_changed_is_noticed(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"js\.safetensors"):
        load_weights(path)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 200, json.dumps({"v": 1}).encode()], ids=len)
def test_a_file_that_is_no_model_is_refused_with_its_hash(path, content):
    path.write_bytes(content)
    with pytest.raises(BadFile, match="sha256"):
        load_weights(path)


def test_a_file_that_was_cut_is_refused(path):
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(BadFile, match="sha256"):
        load_weights(path)


@pytest.mark.parametrize("told", [{}, {"card": "{}"}, {"card": '{"format": "learnsys.complete", "v": 99}'}])
def test_a_foreign_model_and_one_of_another_version_are_refused(path, told):
    path.write_bytes(save({name: tensor.astype(np.float16) for name, tensor in TENSORS.items()}, metadata=told))
    with pytest.raises(BadFile, match=r"no model of code|a model of form"):
        load_weights(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadFile, match="no file"):
        load_weights(tmp_path / "none.safetensors")
