"""Files are held out by the hash of their path; the vocabulary knows nothing of them."""

import pytest
from tests.complete.toys import program

from learnsys.complete.corpus.types import Source
from learnsys.complete.models.backbone import Sizes
from learnsys.complete.runtime.model import Model
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


def test_other_packages_teach_a_gate_and_too_few_of_them_do_not(tmp_path, monkeypatch):
    others = [Source(split="valid", package=f"p{i % 3}", path=f"g{i}.js", text=program(100 + i)) for i in range(12)]
    monkeypatch.setattr(gated, "LEAST", 1_000)
    for few, has in ((others[:2], False), (others, True)):
        made = train(
            prepare(sources(8), "js"), Schedule(epochs=1, streams=2, length=32), out=tmp_path / "m.safetensors",
            name="toys", sizes=Sizes(width=16, sequence=24, stack=16, pointer=8), others=few,
        )  # fmt: skip
        assert (Model.of(load_weights(made.path)).gate is not None) == has
        assert (made.validation >= 1_000) == has
        assert ("of other packages" in made.table().markdown()) == has
