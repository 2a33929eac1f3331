"""Tokens and gaps rebuild any text; gaps hold no code; what is typed later rarely changes what was there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.strategies import CODE, LANGUAGES, texts

from learnsys.complete.languages import parser
from learnsys.complete.lexing.leaves import leaves, points, tokens, utf8
from learnsys.complete.lexing.types import Kind

COMMENT = {
    "js": r"//[^\n]*|/\*.*?\*/",
    "py": r"#[^\n]*|\\\r?\n",
    "cpp": r"//[^\n]*|/\*.*?\*/|\\\r?\n",
}


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_words_and_gaps_rebuild_any_text(key, data):
    text = data.draw(texts(key))
    found = tokens(text, key)
    n = len(found)
    assert "".join(found.gap(i) + word for i, word in enumerate([*found.words, ""])) == text
    assert all(word == text[a:b] for word, a, b in zip(found.words, found.starts, found.ends, strict=True))
    assert all(found.words), "an empty token"
    assert (found.starts[1:] >= found.ends[:-1]).all()
    assert found.starts.dtype == found.ends.dtype == "int32"
    assert found.kinds.dtype == "uint8"
    assert len(found.starts) == len(found.ends) == len(found.kinds) == n


@pytest.mark.parametrize("key", LANGUAGES)
def test_gaps_of_real_code_are_white_space_and_comments(key):
    found = tokens(CODE[key], key)
    gaps = [re.sub(COMMENT[key], "", found.gap(i), flags=re.S) for i in range(len(found) + 1)]
    assert not [gap for gap in gaps if gap.strip()]
    assert not [
        word for word, kind in zip(found.words, found.kinds, strict=True) if word.isspace() and kind != Kind.TEXT
    ]


@pytest.mark.parametrize("key", LANGUAGES)
def test_a_prefix_has_the_tokens_of_the_whole_but_for_the_last_two(key):
    text = CODE[key].replace("\r\n", "\n")
    whole = tokens(text, key)
    agree = 0
    for i in range(1, len(whole)):
        prefix = tokens(text[: whole.ends[i]], key)
        agree += prefix.words[: i - 1] == whole.words[: i - 1]
    assert agree >= 0.97 * (len(whole) - 1)


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_a_range_has_the_leaves_that_lie_in_it(key, data):
    content = utf8(data.draw(texts(key)))
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, len(content)))
    tree = parser(key).parse(content)
    every = list(zip(*leaves(tree, key), strict=True))
    assert list(zip(*leaves(tree, key, begin, end), strict=True)) == [
        (a, b, kind) for a, b, kind in every if b > begin and a < end
    ]


NAME, KEYWORD, SIGN, NUMBER, TEXT = Kind
KINDS = {
    "js": {"name": NAME, "super": KEYWORD, "=>": SIGN, "0x1f": NUMBER, "hi ": TEXT, "\\'": TEXT},
    "py": {"key": NAME, "elif": KEYWORD, "**": SIGN, "1e-3": NUMBER, "a\\n😀": TEXT, ":>{width}": TEXT},
    "cpp": {"Foo": NAME, "#if": KEYWORD, "::": SIGN, "0xffUL": NUMBER, 'raw " text': TEXT, "unsigned": KEYWORD},
}


@pytest.mark.parametrize(("key", "word", "kind"), [(key, *item) for key in KINDS for item in KINDS[key].items()])
def test_a_token_has_the_kind_that_its_grammar_says(key, word, kind):
    found = tokens(CODE[key], key)
    assert found.kinds[found.words.index(word)] == kind


@pytest.mark.parametrize("key", LANGUAGES)
@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t\r\n"])
def test_white_space_has_no_tokens(key, text):
    assert len(tokens(text, key)) == 0
    assert tokens(text, key).gap(0) == text


def test_half_of_a_pair_keeps_its_place():
    found = tokens("a \ud83d b", "js")
    assert found.words[-1] == "b"
    assert found.starts[-1] == 4
    assert len(utf8("\ud83d")) == len("\ud83d".encode("utf-8", "surrogatepass"))


@given(st.text(max_size=20), st.data())
def test_points_undo_bytes(text, data):
    begin = data.draw(st.integers(0, len(text)))
    offsets = [len(text[:i].encode()) for i in range(begin, len(text) + 1)]
    assert points(text[begin:].encode(), offsets, offsets[0]).tolist() == list(range(len(text) - begin + 1))
