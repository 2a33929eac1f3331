"""What the scorer says is what the model says: p of its own training graph, ranks of an obvious sort."""

import numpy as np
import pytest
import torch
from tests.complete.models.test_backbone import FORMS, made
from tests.complete.toys import encoded

from learnsys.complete.data.vocabulary import UNKNOWN
from learnsys.complete.models.backbone import SPELLED
from learnsys.complete.models.scorer import ModelScorer
from learnsys.complete.score.types import SHOWN
from learnsys.complete.train.streams import chunks, stream

FILES, VOCABULARY, LEXICON = encoded(3, statements=60)


def scorer(form, spelling=lambda word: SPELLED):
    return ModelScorer("m", made(FORMS[form], len(VOCABULARY.words), len(VOCABULARY.parts)), VOCABULARY, spelling)


@pytest.mark.parametrize("form", FORMS)
def test_p_is_that_of_the_training_graph(form):
    """Spelling of a word is a thousandth in both."""
    own = scorer(form)
    scored = own.score(FILES, [()] * 3)
    for file, found in zip(FILES, scored, strict=True):
        chunk = next(chunks([stream([file])], length=10_000))
        with torch.no_grad():
            log_p, _, _ = own._model(chunk, own._model.start(1))
        np.testing.assert_allclose(np.log(found.p), log_p[:, 0].numpy(), atol=0.06)  # half precision
        assert len(found.p) == len(found.rank) == len(found.confidence) == len(file)


def test_ranks_and_confidence_are_those_of_a_list_that_is_sorted():
    own = scorer("both")
    (file, *_), (found, *_) = FILES, own.score(FILES[:1], [()])
    chunk = next(chunks([stream([file])], length=10_000))
    with torch.no_grad():
        answers, _ = own._model.answers(chunk, own._model.start(1))
    for t, word in enumerate(file.tokens.words):
        p = {w: float(answers.words[t, 0, i]) for w, i in VOCABULARY.word_ids.items() if not w.startswith("<")}
        for place, name in enumerate(answers.names[:, 0].tolist()):
            if name >= 0:
                seen = LEXICON.words[name]
                p[seen] = p.get(seen, 0.0) + float(answers.copied[0, t, place])
        assert found.confidence[t] == pytest.approx(max(p.values()), rel=1e-4)
        mine = p.get(word, 0.0)
        better = sum(value > mine * (1 + 1e-6) for value in p.values())
        assert found.rank[t] == (min(better, SHOWN) if mine > 0 else SHOWN)


def test_a_word_that_nobody_knows_has_the_probability_of_its_spelling():
    files = [file for file in FILES if (file.words == UNKNOWN).any()]
    assert len(files) == 2
    some, none = scorer("no pointer"), scorer("no pointer", spelling=lambda word: 0.0)
    for file, a, b in zip(files, some.score(files, ()), none.score(files, ()), strict=True):
        unknown = file.words == UNKNOWN
        assert (a.p[unknown] > b.p[unknown]).all()
        assert (a.rank[unknown] == SHOWN).all()
        assert np.array_equal(a.p[~unknown], b.p[~unknown])


def test_what_is_written_later_does_not_change_an_answer():
    own = scorer("both")
    (file, *_), (found, *_) = FILES, own.score(FILES[:1], [()])
    from learnsys.complete.data.encode import encode_tokens
    from learnsys.complete.lexing.leaves import tokens

    begin = encode_tokens(tokens(file.tokens.text[: file.tokens.ends[99]], "js"), VOCABULARY, LEXICON)
    (prefix,) = own.score([begin], [()])
    np.testing.assert_allclose(prefix.p[:100], found.p[:100], rtol=1e-4)
    assert np.array_equal(prefix.rank[:100], found.rank[:100])
