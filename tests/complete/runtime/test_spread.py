import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import Vocabulary
from learnsys.complete.runtime.answer import Answer
from learnsys.complete.runtime.spread import BEGIN, GO_ON, Words

WORDS = ("<unknown>", "<start>", "total", "to", "tot", "(", "x", "tø")
VOCABULARY = Vocabulary(language="js", words=WORDS, parts=())


@given(st.text(st.sampled_from("toxø(a"), max_size=4))
def test_words_are_found_by_how_they_begin(prefix):
    words = Words(VOCABULARY, Lexicon())
    assert {WORDS[i + 2] for i in words.begin(prefix)} == {word for word in WORDS[2:] if word.startswith(prefix)}


@pytest.fixture
def made():
    """A spread of the vocabulary, a copied word of it, and a copied name of the file's own."""
    lexicon = Lexicon()
    own = lexicon.id("ownName")
    words = Words(VOCABULARY, lexicon)
    given = Answer(
        vocabulary=np.array([0.1, 0, 0.2, 0.12, 0, 0.08, 0, 0], np.float32),
        words=np.array([2, 0], np.int32), names=np.array([lexicon.id("total"), own], np.int32),
        mass=np.array([0.3, 0.2], np.float32), last=np.array([5, 3], np.int32), share=0.5,
    )  # fmt: skip
    return words, words.spread(given), lexicon


def test_copies_of_a_word_add_to_it_and_others_stand_for_themselves(made):
    words, spread, lexicon = made
    best = words.best(spread, "", 3)
    assert [(lexicon.words[name], origin) for name, _, origin in best] == [
        ("total", "file"), ("ownName", "file"), ("to", "model")
    ]  # fmt: skip
    np.testing.assert_allclose([p for _, p, _ in best], [0.5, 0.2, 0.12], rtol=1e-5)
    np.testing.assert_allclose(spread.p.sum() + spread.unknown, 1, rtol=1e-5)


def test_p_is_given_what_is_typed_and_a_word_that_is_whole_is_not_offered(made):
    words, spread, lexicon = made
    [(name, p, _)] = words.best(spread, "to", 5)
    assert lexicon.words[name] == "total"
    np.testing.assert_allclose(p, 0.5 / (0.5 + 0.1 / (BEGIN * GO_ON)), rtol=1e-5)
    [(name, p, _)] = words.best(spread, "own", 5)
    assert lexicon.words[name] == "ownName"


def test_more_tokens_come_behind(made):
    words, spread, lexicon = made
    more = spread.more(lexicon.ids(["zebra"]), np.array([0.09], np.float32), np.array([2], np.uint8), unknown=0.01)
    assert [(lexicon.words[name], origin) for name, _, origin in words.best(more, "z", 5)] == [("zebra", "project")]
    np.testing.assert_allclose(more.p.sum() + more.unknown, 1, rtol=1e-5)
