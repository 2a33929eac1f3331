import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import Vocabulary
from learnsys.complete.runtime.answer import Answer
from learnsys.complete.runtime.spread import LETTERS, Spread, Words

WORDS = ("<unknown>", "<start>", "total", "to", "tot", "(", "x", "tø", "to\U0010ffff")
VOCABULARY = Vocabulary(language="js", words=WORDS, parts=())


@given(st.text(st.sampled_from("toxø(a"), max_size=4))
def test_words_are_found_by_how_they_begin(prefix):
    words = Words(VOCABULARY, Lexicon())
    found = {WORDS[i] for i in words.begin(prefix)}
    assert found == {word for word in WORDS[2:] if word.startswith(prefix)} - {"to\U0010ffff"} | (
        found & {"to\U0010ffff"}
    )


def test_copies_of_a_word_add_to_it_and_others_stand_for_themselves():
    lexicon = Lexicon()
    own = lexicon.id("ownName")
    words = Words(VOCABULARY, lexicon)
    given = Answer(
        vocabulary=np.array([0.1, 0, 0.2, 0.1, 0, 0.1, 0, 0, 0], np.float32),
        words=np.array([2, 0], np.int32), names=np.array([lexicon.id("total"), own], np.int32),
        mass=np.array([0.3, 0.2], np.float32), last=np.array([5, 3], np.int32), share=0.5,
    )  # fmt: skip
    spread = words.spread(given, "")
    best = spread.best(lexicon.words, "", 2)
    assert [lexicon.words[name] for name, _ in best] == ["total", "ownName"]
    np.testing.assert_allclose([p for _, p in best], [0.5, 0.2], rtol=1e-5)
    assert given.p(2, lexicon.id("total")) == np.float32(0.2) + np.float32(0.3)


def test_p_is_given_what_is_typed_and_a_word_that_is_whole_is_not_offered():
    lexicon = Lexicon()
    names = lexicon.ids(["to", "total", "x"])
    spread = Spread(names=names, p=np.array([0.3, 0.2, 0.4], np.float32), unknown=0.1)
    [(name, p)] = spread.best(lexicon.words, "to", 5)
    assert lexicon.words[name] == "total"
    np.testing.assert_allclose(p, 0.2 / (0.2 + 0.1 / LETTERS**2), rtol=1e-5)
