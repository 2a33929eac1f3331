"""Names are put together as they are taken apart."""

from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.lexing.subtokens import subtokens
from learnsys.complete.names.spelling import joined, plural, singular, style_of, words_of

WORDS = st.lists(st.text("abcdefgh", min_size=2, max_size=6), min_size=1, max_size=4).map(tuple)


@given(WORDS, st.sampled_from(["camel", "snake"]))
def test_what_is_joined_comes_apart_again(words, style):
    assert subtokens(joined(words, style)) == words == words_of(joined(words, style))


@given(st.sampled_from(["user", "entry", "box", "key", "branch", "query", "item", "day"]))
def test_the_singular_of_the_plural_is_the_word(word):
    assert singular(plural(word)) == word


def test_words_that_are_no_plurals():
    assert [singular(word) for word in ("class", "this", "status", "is", "s", "")] == [""] * 6
    assert singular("indices") == "index"


def test_the_style_of_a_file_outweighs_custom_when_it_is_clear():
    assert style_of([], "py") == "snake"
    assert style_of(["aB"] * 2, "py") == "snake"
    assert style_of(["aB"] * 9 + ["x", "MAX"], "py") == "camel"
    assert words_of("$") == ()
