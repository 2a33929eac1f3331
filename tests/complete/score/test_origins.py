from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.data.encode import Lexicon, encode
from learnsys.complete.data.vocabulary import learn_vocabulary
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.score.origins import ORIGINS, origins

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "+"]), min_size=1, max_size=12)
VOCABULARY = learn_vocabulary([("p", tokens("a", "js"))])


@given(WORDS, st.lists(WORDS, max_size=3), st.sets(st.sampled_from("abcde")))
def test_each_token_has_the_nearest_place_it_stood_in(words, others, trained):
    lexicon = Lexicon()
    file, *known = (encode(" ".join(one), VOCABULARY, lexicon) for one in (words, *others))
    found = origins(file, known, trained)
    for t, word in enumerate(file.tokens.words):
        expected = (
            "file" if word in file.tokens.words[:t]
            else "project" if any(word in other.tokens.words for other in known)
            else "training" if word in trained else "new"
        )  # fmt: skip
        assert ORIGINS[found[t]] == expected


def test_of_no_token_nothing_is_said():
    assert origins(encode("", VOCABULARY, Lexicon()), [], ()).shape == (0,)
