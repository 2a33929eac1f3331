"""A narrowed model is smaller and says the same as far as it can."""

import numpy as np
import pytest
from tests.complete.names.toys import text_of, trained

from learnsys.complete.names.encode import encode
from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.narrow import narrowed
from learnsys.complete.names.proposals import proposals
from learnsys.complete.names.ranker import load_names
from learnsys.complete.runtime.weights import save_weights


@pytest.fixture
def model(tmp_path):
    return load_names(save_weights(tmp_path / "wide.safetensors", trained()))


def test_known_names_keep_their_logits(model, tmp_path):
    small = load_names(save_weights(tmp_path / "small.safetensors", narrowed(model, names=5, parts=7)))
    assert (len(small.vocabulary.names), len(small.vocabulary.parts)) == (5, 7)
    file = describe(flat(text_of("camera"), "js"))
    asked = proposals(file, model.vocabulary.weight, "js")
    wide = model.scores(encode(file, asked, model.vocabulary))[0][:, :5]
    np.testing.assert_allclose(small.scores(encode(file, asked, small.vocabulary))[0], wide, atol=0.05)


def test_nothing_is_lost_where_nothing_is_cut(model):
    same = narrowed(model, corpus="c")
    assert same.card.corpus == "c"
    for name, tensor in same.tensors.items():
        np.testing.assert_allclose(tensor, model.tensors[name], atol=1e-5)


def test_features_are_cut_with_their_weights(model):
    small = narrowed(model, features=20)
    assert len(small.card.lists["features"]) == len(small.tensors["feature"]) == len(small.tensors["idf"]) == 20
