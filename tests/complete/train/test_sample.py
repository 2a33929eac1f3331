"""The sample's bits are those of its tokens, and taking them changes no weight."""

from math import log2

import pytest
import torch
from tests.complete.toys import encoded

from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.train.sample import CHUNKS, LENGTH, STREAMS, sample_bits

FILES, VOCABULARY, _ = encoded(3)


def test_a_model_that_knows_nothing_needs_the_logarithm_of_its_words():
    model = Backbone(len(VOCABULARY.words), len(VOCABULARY.parts), Sizes(width=8, sequence=8, stack=0, pointer=0))
    with torch.no_grad():
        model.word.zero_()
    before = [p.clone() for p in model.parameters()]
    unknown = sum(int((file.words == 0).sum()) for file in FILES) / sum(map(len, FILES))
    expected = log2(len(VOCABULARY.words)) + unknown * log2(1000)
    assert sample_bits(model, FILES) == pytest.approx(expected, rel=1e-2)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_a_sample_is_bounded():
    files, vocabulary, _ = encoded(2, statements=40)
    model = Backbone(len(vocabulary.words), len(vocabulary.parts), Sizes(width=8, sequence=8, stack=0, pointer=0))
    assert sum(map(len, files)) < STREAMS * LENGTH * CHUNKS
    few = sample_bits(model, files)
    assert sample_bits(model, files * 60) == pytest.approx(few, rel=0.05)
