"""At run time the composer says what it said in training; its beam holds what is likely."""

from functools import cache

import numpy as np
import pytest
import torch
from tests.complete.names.toys import sources, text_of

from learnsys.complete.names.composer import SURPRISE, Composer
from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.slots import UNKNOWN, fill, slots, spell
from learnsys.complete.train.composing import train_composer


@cache
def trained():
    routines = [
        (source.package, found)
        for source in sources()
        for found in describe(flat(source.text, "js"), path=source.path)
        if found.symbol.sort == "routine"
    ]
    return train_composer(routines, epochs=120, seed=0)


@pytest.fixture(scope="module")
def composer():
    model, vocabulary, _ = trained()
    return Composer("js", vocabulary, {name: t.detach().numpy() for name, t in model.named_parameters()})


@pytest.fixture
def asked():
    file = describe(flat(text_of("camera"), "js"), path="camera.js")
    return [slots(found) for found in file if found.symbol.sort == "routine"]


def test_probabilities_are_those_of_the_training_graph(composer, asked):
    model, vocabulary, _ = trained()
    names = ["loadCamera", "drawCamera", "draw", "unheardOf", "_load"]
    filled = fill([asked[0]] * len(names), vocabulary)
    told = spell(names, filled.fresh, vocabulary)
    with torch.no_grad():
        steps = model(*(torch.from_numpy(a) for a in (filled.roles, filled.parts, filled.words, told)))
    expected = steps.sum(1).numpy() - SURPRISE * (told == UNKNOWN).sum(1)
    np.testing.assert_allclose(composer.scores(asked[0], names), expected, rtol=1e-3, atol=1e-3)


def test_a_name_is_composed_of_known_and_copied_words(composer, asked):
    found = composer.compose(asked, "camel")
    assert [names[0] for names in found] == ["loadCamera", "drawCamera"]
    assert composer.compose(asked, "snake")[0][0] == "load_camera"


def test_the_beam_is_in_the_order_of_what_is_likely(composer, asked):
    for own, names in zip(asked, composer.compose(asked, "camel"), strict=True):
        assert 1 < len(names) == len(set(names)) <= 8
        scores = composer.scores(own, names)
        assert scores[0] == pytest.approx(scores.max(), abs=1e-3)
        assert np.exp(scores).sum() <= 1.0 + 1e-4


def test_nothing_known_gives_names_all_the_same(composer):
    assert composer.compose([[]], "camel")[0]
    assert composer.compose([], "camel") == []
