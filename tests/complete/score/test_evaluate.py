"""A model is asked for every token of the files, up to a bound, and what it got right is told."""

import msgspec
import numpy as np
import pytest
import torch
from tests.complete.toys import encoded, program

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.scorer import MixtureScorer
from learnsys.complete.corpus.types import Source
from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.models.scorer import ModelScorer
from learnsys.complete.runtime.model import Model
from learnsys.complete.score.evaluate import evaluate
from learnsys.complete.score.measures import figures, outcome
from learnsys.complete.score.spelling import Spelling
from learnsys.complete.train.export import exported
from learnsys.complete.train.fit import Schedule, fit
from learnsys.core.errors import InputError

FILES, VOCABULARY, LEXICON = encoded(6, statements=20)


@pytest.fixture(scope="module")
def trained():
    torch.manual_seed(0)
    backbone = Backbone(len(VOCABULARY.words), len(VOCABULARY.parts), Sizes(width=16, sequence=24, stack=16, pointer=8))
    at = fit(backbone, FILES, Schedule(epochs=6, streams=2, length=32, rate=1e-2))
    return backbone, Model.of(exported(backbone, VOCABULARY, at=at, corpus=""))


def sources(count):
    return [Source(split="test", package="p", path=f"f{i}.js", text=program(i, 20)) for i in range(count)]


def test_what_is_told_is_what_the_training_graph_gives(trained):
    backbone, model = trained
    found = evaluate(sources(6), model, name="toys").alone
    scorer = ModelScorer("m", backbone, VOCABULARY, Spelling(VOCABULARY.words[2:]))
    own = figures(outcome(FILES, scorer.score(FILES, [()] * 6), ["p"] * 6))
    assert found.tokens == own.tokens
    assert found.bits_token == pytest.approx(own.bits_token, abs=0.02)
    assert np.allclose([found.top1, found.top5, found.names_top1], [own.top1, own.top5, own.names_top1], atol=0.01)
    assert found.top1 > 0.3


def test_files_are_asked_until_there_are_enough_tokens(trained):
    found = evaluate(sources(6), trained[1], name="toys", tokens=300)
    assert 300 <= found.alone.tokens < 600
    assert found.project is None
    assert "identifiers" in found.table().markdown()


def test_a_model_with_caches_is_asked_with_the_project_too(trained):
    model = msgspec.structs.replace(trained[1], gate=Gate.plain())
    found = evaluate(sources(6), model, name="toys")
    assert found.project is not None
    assert found.project.bits_token < found.alone.bits_token
    scorer = MixtureScorer("", model, Gate.plain(), lexicon=LEXICON, spelling=Spelling(VOCABULARY.words[2:]))
    scored = scorer.score(FILES, [[other for other in FILES if other is not file] for file in FILES])
    own = figures(outcome(FILES, scored, ["p"] * 6))
    assert found.project.bits_token == pytest.approx(own.bits_token, abs=0.02)  # which file is the latest differs
    assert len(found.table().rows) == 4


def test_nothing_to_ask_is_refused(trained):
    with pytest.raises(InputError, match="two tokens"):
        evaluate([Source(split="test", package="p", path="a.js", text="// no\n")], trained[1], name="none")
