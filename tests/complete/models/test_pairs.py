"""Pairs tell the tree, probabilities multiply to those of tokens, and the loop of the other models learns them."""

import numpy as np
import pytest
import torch
from tests.complete.toys import encoded

from learnsys.complete.data.vocabulary import UNKNOWN
from learnsys.complete.lexing.events import events, pairs
from learnsys.complete.models.backbone import SPELLED
from learnsys.complete.models.pairs import EMPTY, PairLSTM, by_pair, score_pairs
from learnsys.complete.train.fit import Schedule, fit
from learnsys.complete.train.streams import chunks, side_by_side, stream

FILES, VOCABULARY, LEXICON = encoded(4, statements=12)
MADE = [by_pair(file, VOCABULARY) for file in FILES]


def made():
    torch.manual_seed(0)
    return PairLSTM(VOCABULARY, width=12, size=16)


def scored(model, files=FILES):
    return score_pairs(model, files, VOCABULARY, lambda word: SPELLED)


def test_nodes_have_a_type_with_two_bits_and_leaves_their_token():
    for file, (one, leaves) in zip(FILES, MADE, strict=True):
        found = pairs(events(file.tokens.text, "js"))
        assert one.names.tolist() == found.nonterminals.tolist()
        assert one.words[leaves].tolist() == file.words.tolist()
        assert (np.delete(one.words, leaves) == EMPTY).all()
        assert (one.lines[leaves] == file.lines).all()


def test_p_of_a_token_is_that_of_the_nodes_that_lead_to_it_and_of_itself():
    model = made().eval()
    (found,) = scored(model, FILES[:1])
    one, leaves = MADE[0]
    chunk = next(chunks([stream([one])], length=100_000))
    with torch.no_grad():
        log_p = model(chunk, model.start(1))[0][:, 0].numpy()
    before = 0
    for t, leaf in enumerate(leaves.tolist()):
        assert np.log(found.tokens.p[t]) == pytest.approx(
            log_p[before : leaf + 1].sum(), abs=0.05 * (leaf + 1 - before)
        )
        before = leaf + 1
    assert (found.tokens.rank[FILES[0].words == UNKNOWN] == 5).all()


def test_what_is_answered_does_not_depend_on_where_chunks_end(monkeypatch):
    model = made()
    (whole,) = scored(model, FILES[:1])
    monkeypatch.setattr("learnsys.complete.models.pairs.CHUNK", 7)
    (cut,) = scored(model, FILES[:1])
    np.testing.assert_allclose(cut.tokens.p, whole.tokens.p, rtol=1e-2)


def test_files_side_by_side_know_nothing_of_each_other():
    model = made().eval()
    alone = [next(chunks([stream([one])], length=1000)) for one, _ in MADE[:2]]
    joined = next(chunks(side_by_side([one for one, _ in MADE[:2]], streams=1), length=2000))
    with torch.no_grad():
        parts = [model(chunk, model.start(1))[0][:, 0] for chunk in alone]
        log_p, counts, _ = model(joined, model.start(1))
    torch.testing.assert_close(log_p[:, 0][counts[:, 0]], torch.cat(parts), atol=1e-2, rtol=1e-2)


def test_it_learns_and_denies_what_it_has_no_number_for():
    model = made()
    before = scored(model)
    fit(model, [one for one, _ in MADE], Schedule(epochs=12, streams=2, length=32, rate=2e-2))
    after = scored(model)

    def share(values):
        return np.concatenate(values).mean()

    assert share([np.log2(one.tokens.p) for one in after]) > share([np.log2(one.tokens.p) for one in before]) / 2
    assert share([one.nodes for one in after]) > max(0.6, share([one.nodes for one in before]))
    unknown = np.concatenate([file.words == UNKNOWN for file in FILES])
    denied = np.concatenate([one.denied for one in after])
    assert denied[unknown].mean() > 0.5 > denied[~unknown].mean()
