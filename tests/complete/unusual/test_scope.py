"""Uses, and what could stand there."""

import pytest

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.unusual.scope import uses


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("let a = 1; let b = a; f(b);", "js", [("a", ("a", "b")), ("b", ("a", "b"))]),
        ("function f(a) { return a }\nfunction g(b) { return b }", "js", [("a", ("f", "a")), ("b", ("f", "g", "b"))]),
        ("def f(a):\n    b = a\n    return b\n", "py", [("a", ("f", "a", "b")), ("b", ("f", "a", "b"))]),
        ("int f(int a) { int b = a; return b; }", "cpp", [("a", ("f", "a", "b")), ("b", ("f", "a", "b"))]),
        ("x.y", "js", []),
    ],
)  # fmt: skip
def test_visible_names_are_declared_before_and_around(text, key, found):
    assert [(use.word, use.visible) for use in uses(tokens(text, key))] == found
