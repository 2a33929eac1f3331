"""Events multiply to tokens, tokens keep their places, and the same loop learns them."""

import numpy as np
import pytest
import torch
from tests.complete.toys import encoded

from learnsys.complete.data.vocabulary import UNKNOWN
from learnsys.complete.lexing.events import Action, events
from learnsys.complete.models.backbone import SPELLED, Backbone, Sizes
from learnsys.complete.models.tree_events import EventScorer, by_event, with_events
from learnsys.complete.train.fit import Schedule, fit
from learnsys.complete.train.streams import chunks, stream

FILES, PLAIN, LEXICON = encoded(4, statements=12)
VOCABULARY = with_events(PLAIN)
MADE = [by_event(file, VOCABULARY, LEXICON) for file in FILES]


def made():
    torch.manual_seed(0)
    sizes = Sizes(width=12, sequence=12, stack=12, pointer=8)
    return Backbone(len(VOCABULARY.words), len(VOCABULARY.parts), sizes)


def scorer(model):
    return EventScorer("events", model, VOCABULARY, LEXICON, lambda word: SPELLED)


def test_tokens_stand_in_order_between_what_opens_and_closes():
    for file, (one, leaves) in zip(FILES, MADE, strict=True):
        assert np.array_equal(one.names[leaves], file.names)
        assert np.array_equal(one.words[leaves], file.words)
        actions = events(file.tokens.text, "js").actions
        words = [VOCABULARY.words[i] for i in one.words]
        assert [word.startswith("\0open") for word in words] == (actions == Action.OPEN).tolist()
        assert [word == "\0close" for word in words] == (actions == Action.CLOSE).tolist()


def test_p_of_a_token_is_the_product_of_the_events_that_lead_to_it():
    model = made().eval()
    (found,) = scorer(model).score(FILES[:1], [()])
    one, leaves = MADE[0]
    chunk = next(chunks([stream([one])], length=100_000))
    with torch.no_grad():
        log_p = model(chunk, model.start(1))[0][:, 0].numpy()
    before = 0
    for t, leaf in enumerate(leaves.tolist()):
        assert np.log(found.p[t]) == pytest.approx(log_p[before : leaf + 1].sum(), abs=0.05 * (leaf + 1 - before))
        before = leaf + 1
    assert (found.rank[FILES[0].words == UNKNOWN][:1] == 5).all()  # not seen before, and of no number
    assert (found.confidence <= 1).all()


def test_it_learns_with_the_same_loop():
    model = made()
    before = scorer(model).score(FILES, ())
    fit(model, [one for one, _ in MADE], Schedule(epochs=3, streams=2, length=32, rate=1e-2))
    after = scorer(model).score(FILES, ())

    def bits(scored):
        return -np.mean([np.log2(one.p).mean() for one in scored])

    assert bits(after) < 0.9 * bits(before)
    assert np.mean([(one.rank == 0).mean() for one in after]) > np.mean([(one.rank == 0).mean() for one in before])
