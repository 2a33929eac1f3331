import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.strategies import LANGUAGES, texts

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime.cursor import cursor


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_what_is_before_a_cursor_is_all_that_is_before_it(key, data):
    text = data.draw(texts(key))
    found = tokens(text, key)
    offset = data.draw(st.integers(0, len(text)))
    at = cursor(found, offset)
    before = text[: found.ends[at.t - 1]] if at.t else ""
    assert before + at.gap + at.prefix == text[:offset]
    if at.prefix:
        assert found.words[at.t].startswith(at.prefix)


@pytest.mark.parametrize(
    ("text", "t", "prefix"),
    [
        ("a.b|", 2, "b"),
        ("a.|b", 2, ""),
        ("a.|", 2, ""),
        ("'ab|c'", 1, "ab"),
        ("f(|)", 2, ""),
        ("ret|", 0, "ret"),
        ("|", 0, ""),
    ],
)
def test_names_are_typed_and_signs_are_done(text, t, prefix):
    at = cursor(tokens(text.replace("|", ""), "js"), text.index("|"))
    assert (at.t, at.prefix) == (t, prefix)


@pytest.mark.parametrize(
    ("text", "commented"),
    [
        ("a; // no|", True), ("a; // no\n|", False), ("/* a */ |", False), ("a |", False),
        ("/* a\n\n| */", True), ("// a\n// |b", True), ("\ufeff|a", False), ("\ufeffa|", False),
        ("\ufeff// a|", True), ("// a\r|b", False), ("// a\r\n|b", False), ("a\u200b |b", False),
        ("// src/*\n|b", False), ("/* // */ |b", False), ("/* a */ // b */|", True), ("// a */ /*\n/* b| */", True),
        ("a;\n/* no|", True), ("a;\n/** no\n * @param {b|", True), ("f(a, /*|", True), ("/* a /* b|", True),
        ("x = '/* a'; b|", False), ("/* a */ b; c|", False), ("a / *|", False),
        ("/**/" * 500 + "/* | */", True),
    ],
)  # fmt: skip
def test_comments_are_left_alone(text, commented):
    assert cursor(tokens(text.replace("|", ""), "js"), text.index("|")).commented == commented


def test_a_comment_of_c_that_is_still_open():
    text = "int total;\n/* the tot"
    at = cursor(tokens(text, "cpp"), len(text))
    assert (at.t, at.prefix, at.gap, at.commented) == (3, "", "\n/* the tot", True)


@pytest.mark.parametrize(
    ("text", "commented"), [("# src/*\n|b", False), ("a = \\\n|b", False), ("# a|", True), ("#!/bin/*\n\n|", False)]
)
def test_what_stands_in_a_comment_of_python_begins_none_of_c(text, commented):
    assert cursor(tokens(text.replace("|", ""), "py"), text.index("|")).commented == commented


@pytest.mark.parametrize(
    ("text", "t", "prefix"),
    [('row["|', 3, ""), ('row["|key"]', 3, ""), ('row["k|ey"]', 3, "k"), ('row["key"|', 5, ""), ("x = rb'|'", 3, "")],
)
def test_a_quote_is_done_in_python_too(text, t, prefix):
    at = cursor(tokens(text.replace("|", ""), "py"), text.index("|"))
    assert (at.t, at.prefix) == (t, prefix)
