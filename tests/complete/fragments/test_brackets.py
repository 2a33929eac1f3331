"""A fragment closes only what it opened, or what the file leaves open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.types import Kind

PIECES = st.lists(st.sampled_from(list("()[]{}")), max_size=12)


@pytest.mark.parametrize(
    ("before", "after", "around"),
    [
        ("f(a", "", ("(",)), ("f(a", ")", ()), ("f(() => { g(", "})", ("(",)), ("f([", ")", ("[",)), ("a", ")", ()),
        ("{ f(", "}", ("(",)),
    ],
)  # fmt: skip
def test_what_the_file_leaves_open(before, after, around):
    n = len(tokens(before, "js"))
    found = tokens(f"{before} {after}", "js")
    assert Brackets.at(found, n).around == around


@given(PIECES, PIECES)
def test_what_may_be_closed_matches_what_is_open(own, more):
    brackets, stack = Brackets(around=("(", "{")), ["(", "{"]
    pairs = {")": "(", "]": "[", "}": "{"}
    for word in own + more:
        after = brackets.push(word, Kind.SIGN)
        if word in pairs:
            assert (after is not None) == (bool(stack) and stack[-1] == pairs[word])
            if after is not None:
                stack.pop()
        else:
            stack.append(word)
        brackets = after or brackets


def test_brackets_in_strings_are_text():
    brackets = Brackets()
    assert brackets.push(")", Kind.TEXT) is brackets
    assert brackets.push(")", Kind.SIGN) is None
