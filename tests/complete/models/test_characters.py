"""Characters multiply to tokens, and are learned with the loop that learns tokens."""

import numpy as np
import pytest
import torch
from tests.complete.toys import encoded

from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.models.characters import END, CharacterScorer, alphabet, by_character
from learnsys.complete.train.fit import Schedule, fit
from learnsys.complete.train.streams import chunks, stream

FILES, _, _ = encoded(4, statements=20)
LETTERS = alphabet(FILES, "js")


def made():
    torch.manual_seed(0)
    return Backbone(len(LETTERS.words), len(LETTERS.parts), Sizes(width=12, sequence=16, stack=0, pointer=0))


def test_a_file_is_written_out_with_an_end_after_each_token():
    for file in FILES:
        written = by_character(file, LETTERS)
        text = "".join(LETTERS.words[i] for i in written.words)
        assert text.split(END)[:-1] == file.tokens.words
        assert len(written) == len(text)


def test_p_of_a_token_is_the_product_of_its_characters():
    model = made().eval()
    (found,) = CharacterScorer("char", model, LETTERS).score(FILES[:1], [()])
    chunk = next(chunks([stream([by_character(FILES[0], LETTERS)])], length=100_000))
    with torch.no_grad():
        log_p = model(chunk, model.start(1))[0][:, 0].numpy()
    at = 0
    for t, word in enumerate(FILES[0].tokens.words):
        product = np.exp(log_p[at : at + len(word) + 1].sum())
        assert found.p[t] == pytest.approx(product, rel=0.3)  # half precision, over some characters
        at += len(word) + 1


def test_it_learns_with_the_same_loop():
    model = made()
    written = [by_character(file, LETTERS) for file in FILES]
    before = CharacterScorer("char", model, LETTERS).score(FILES, ())
    fit(model, written, Schedule(epochs=3, streams=2, length=64, rate=1e-2))
    after = CharacterScorer("char", model, LETTERS).score(FILES, ())

    def bits(scored):
        return -np.mean([np.log2(one.p).mean() for one in scored])

    assert bits(after) < 0.9 * bits(before)
