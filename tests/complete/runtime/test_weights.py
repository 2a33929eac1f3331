"""A model file is read back as it was written, and refused if it is anything else."""

import json
from hashlib import sha256

import msgspec
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
LARGE = np.random.default_rng(0).normal(0, np.geomspace(1e-3, 10, 64)[:, None], (64, 128)).astype(np.float32)


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


def test_a_large_matrix_takes_a_byte_an_entry_and_moves_by_half_a_level_of_its_row(path, tmp_path):
    tensor = np.concatenate([LARGE, np.zeros((1, 128), np.float32)])
    weights = Weights(card=load_weights(path).card, tensors=TENSORS | {"part": tensor})
    large = save_weights(tmp_path / "large.safetensors", weights)
    assert large.stat().st_size - path.stat().st_size < 1.1 * tensor.size
    found = load_weights(large)
    level = np.abs(tensor).max(1, keepdims=True) / 127
    assert (np.abs(found.tensors["part"] - tensor) <= 0.58 * level).all()  # the scale itself is rounded too
    assert save_weights(tmp_path / "again.safetensors", found).read_bytes() == large.read_bytes()


def test_a_file_of_the_first_form_is_read_and_written_in_this_one(path, tmp_path):
    half = {"part": LARGE.astype(np.float16)}
    digest = sha256(b"part" + str(LARGE.shape).encode() + half["part"].tobytes()).hexdigest()
    card = msgspec.to_builtins(load_weights(path).card) | {"v": 1, "sha256": digest}
    path.write_bytes(save(half, metadata={"card": json.dumps(card)}))
    found = load_weights(path)
    np.testing.assert_array_equal(found.tensors["part"], half["part"].astype(np.float32))
    assert load_weights(save_weights(tmp_path / "new.safetensors", found)).card.v == 2


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
    with pytest.raises(BadFile, match=r"(no model of code|a model of form).*sha256"):
        load_weights(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadFile, match="no file"):
        load_weights(tmp_path / "none.safetensors")


def test_a_model_of_another_task_and_a_folder_are_refused(path):
    with pytest.raises(BadFile, match=r"a model of tokens, not of names \(sha256"):
        load_weights(path, "names")
    with pytest.raises(BadFile, match="directory"):
        load_weights(path.parent)
