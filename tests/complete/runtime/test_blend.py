import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.project import Project
from learnsys.complete.data.encode import Lexicon, encode
from learnsys.complete.runtime.answer import ask
from learnsys.complete.runtime.blend import Blend, said
from learnsys.complete.runtime.reader import BEST, read_file
from learnsys.complete.runtime.spread import ORIGINS, Words
from learnsys.complete.runtime.state import Reading, Tape

MODEL, *_ = random_model(count=3, statements=30)
LEXICON = Lexicon()
FILE = encode(program(5, 40), MODEL.vocabulary, LEXICON)
OTHER = encode(program(6, 40), MODEL.vocabulary, LEXICON)
WORDS = Words(MODEL.vocabulary, LEXICON)


def made(*others):
    project = Project(LEXICON)
    for key, other in enumerate(others):
        project.add(key, other.names, other.lines)
    return Blend(Gate.plain(), LEXICON, project, WORDS)


def spread_at(file, t):
    reading = Reading(MODEL)
    reading.follow(Tape.of(file), t, same=0)
    answer = ask(reading, Tape.of(file), int(file.lines[t]))
    return WORDS.spread(answer), answer.share


def mixed(blend, file, t):
    spread, share = spread_at(file, t)
    blend.follow(Tape.of(file), t)
    return blend.mix(spread, share=share, line=int(file.lines[t]))


def test_what_the_gate_is_told_is_what_it_was_trained_on():
    found = read_file(MODEL, FILE)
    for t in (0, 1, 50, 150):
        spread, share = spread_at(FILE, t)
        told = said(spread, share=share)
        np.testing.assert_allclose(told.p, found.best_p[t], rtol=2e-3)
        np.testing.assert_allclose(
            [told.unknown, told.entropy, told.share], [found.unknown[t], found.entropy[t], found.share[t]], rtol=2e-3
        )
        assert len(told.ids) == BEST


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 120)), min_size=1, max_size=4))
def test_wherever_the_cursor_goes_a_blend_says_what_a_fresh_one_says(visits):
    blend = made(OTHER)
    for which, t in visits:
        file = FILE if which else OTHER
        got, fresh = mixed(blend, file, t), mixed(made(OTHER), file, t)
        np.testing.assert_array_equal(got.names, fresh.names)
        np.testing.assert_allclose(got.p, fresh.p, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("t", [0, 3, 80])
def test_probabilities_stay_probabilities(t):
    spread = mixed(made(OTHER), FILE, t)
    assert len(set(spread.names.tolist())) == len(spread.names)
    assert 0.9 < spread.p.sum() + spread.unknown <= 1 + 1e-4


def test_the_project_is_heard():
    name = LEXICON.id("onlyInOther")
    text = "f(onlyInOther);\n" * 5
    other = encode(text, MODEL.vocabulary, LEXICON)
    file = encode("f(\n", MODEL.vocabulary, LEXICON)
    file = encode("f(x", MODEL.vocabulary, LEXICON)
    spread = mixed(made(other), file, 2)
    at = spread.names.tolist().index(name)
    assert ORIGINS[spread.origins[at]] == "project"
    assert spread.p[at] > 0.1
