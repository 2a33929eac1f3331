"""Evidence for names."""

import numpy as np
import pytest
from tests.complete.runtime.models import random_model

from learnsys.complete.data.encode import encode
from learnsys.complete.unusual.evidence import FARTHEST, Evidence
from learnsys.complete.unusual.scope import uses
from learnsys.complete.unusual.surprise import Surprise

TEXT = "let a = 1; let b = 2;\nf(a.x);\nf(a.x);\ng(b);\nf(a.x);\n"


def evidence():
    model, _, _, lexicon = random_model()
    file = encode(TEXT, model.vocabulary, lexicon)
    return Evidence(file.tokens.words, Surprise(model, file, lexicon)), uses(file.tokens), file


def test_probabilities_of_visible_names_sum_to_one():
    found, places, _ = evidence()
    for use in places:
        p = found.p(use)
        assert set(p) == set(use.visible)
        assert sum(p.values()) == pytest.approx(1)


def test_neighbours_are_counted_without_the_place_itself():
    found, places, file = evidence()
    last = places[-1]
    features = dict(zip(last.visible, found.features(last), strict=True))
    words = file.tokens.words
    assert (words[last.t - 1], words[last.t + 1]) == ("(", ".")
    assert features["a"][2:6] == pytest.approx(np.log1p([2, 2, 2, 2]))
    assert features["b"][2:6] == pytest.approx(np.log1p([1, 0, 0, 0]))
    assert features["a"][8] == pytest.approx(np.log(FARTHEST))
