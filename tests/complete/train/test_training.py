"""Files are held out by the hash of their path; the vocabulary knows nothing of them."""

import numpy as np
import pytest
from tests.complete.toys import program

from learnsys.complete.corpus.types import Source
from learnsys.complete.models.backbone import Sizes
from learnsys.complete.runtime import shipped
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.shipped import shipped_gate
from learnsys.complete.runtime.weights import load_weights
from learnsys.complete.train import gated
from learnsys.complete.train.fit import Schedule
from learnsys.complete.train.training import HELD_OUT, prepare, train
from learnsys.core.errors import InputError


def sources(count):
    return [Source(split="train", package="p", path=f"f{i}.js", text=program(i)) for i in range(count)]


@pytest.mark.parametrize("count", [2, 19, 50])
def test_one_file_in_twenty_is_held_out_and_not_learned(count):
    data = prepare(sources(count), "js")
    assert len(data.sample) == max(1, count // HELD_OUT)
    assert len(data.train) == count - len(data.sample)
    seen = {word for file in data.train for word in file.tokens.words}
    assert set(data.vocabulary.words[2:]) == seen
    own = {word for file in data.sample for word in file.tokens.words} - seen
    assert own  # each file calls something of its own


def test_the_order_of_files_does_not_matter_and_their_text_does():
    made = sources(30)
    data, other = prepare(made, "js"), prepare(made[::-1], "js")
    assert data.digest == other.digest
    assert [file.tokens.text for file in data.sample] == [file.tokens.text for file in other.sample]
    assert prepare(made[:-1], "js").digest != data.digest


def test_of_one_file_nothing_can_be_held_out():
    data = prepare(sources(1), "js")
    assert data.sample == data.train


def test_files_without_tokens_are_nothing_to_train_on():
    with pytest.raises(InputError, match="two tokens"):
        prepare([Source(split="train", package="p", path="a.js", text="// nothing\n")], "js")


def made_with(others, out):
    return train(
        prepare(sources(8), "js"), Schedule(epochs=1, streams=2, length=32), out=out, name="toys",
        sizes=Sizes(width=16, sequence=24, stack=16, pointer=8), others=others,
    )  # fmt: skip


def test_other_packages_teach_a_gate(tmp_path, monkeypatch):
    others = [Source(split="valid", package=f"p{i % 3}", path=f"g{i}.js", text=program(100 + i)) for i in range(12)]
    monkeypatch.setattr(gated, "LEAST", 1_000)
    made = made_with(others, tmp_path / "m.safetensors")
    assert (made.gate, made.validation >= 1_000) == ("own", True)
    assert f"learned on {made.validation:,} tokens of other packages" in made.table().markdown()
    own = Model.of(load_weights(made.path)).gate
    assert not np.allclose(own.hidden, shipped_gate("js").hidden, atol=0.01)


def test_without_other_packages_the_gate_is_that_of_the_model_that_ships(tmp_path):
    made = made_with((), tmp_path / "m.safetensors")
    assert (made.gate, made.validation) == ("shipped", 0)
    assert "of the JavaScript model that ships" in made.table().markdown()
    found, theirs = Model.of(load_weights(made.path)).gate.tensors(), shipped_gate("js").tensors()
    assert found.keys() == theirs.keys()
    for name, tensor in found.items():
        np.testing.assert_allclose(tensor, theirs[name], rtol=1e-2, atol=1e-3)


def test_where_no_model_ships_there_is_no_gate(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    made = made_with((), tmp_path / "m.safetensors")
    assert (made.gate, Model.of(load_weights(made.path)).gate) == ("none", None)
    assert "gate | none" in " ".join(made.table().markdown().split())
