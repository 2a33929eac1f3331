"""Declarations of JavaScript."""

import pytest

from learnsys.complete.names.flat import flat
from learnsys.complete.names.javascript import RULES


def declared(text, language):
    tree = flat(text, language)
    pairs = [(tree.spelled(i), RULES.binding(tree, i)) for i in range(len(tree)) if tree.types[i] in RULES.leaves]
    return [(word, binding.how) for word, binding in pairs if binding is not None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("var a = 1, b", [("a", "var"), ("b", "var")]),
        ("const { a, b: c = d, ...e } = f", [("a", "const"), ("c", "const"), ("e", "const")]),
        ("x => 1", [("x", "parameter")]),
        ("(a, [b], c = d) => 1", [("a", "parameter"), ("b", "parameter"), ("c", "parameter")]),
        ("for (k in o) ; for (let [k, v] of o) ;", [("k", "for"), ("v", "for")]),
        ("try {} catch (e) {}", [("e", "catch")]),
        ("function* g() {}", [("g", "function")]),
        ("o = { m() {}, n: () => 1, p: 2 }", [("m", "method"), ("n", "method")]),
        ("class A { q = () => 1; #r() {} }", [("A", "other"), ("q", "method"), ("#r", "method")]),
        ("a.b = c; a.d = async function () {}", [("d", "method")]),
        ("import a, * as b from 'c'; const d = require('d').e", [("a", "other"), ("b", "other"), ("d", "other")]),
        ("lbl: for (;;) break lbl", []),
    ],
)  # fmt: skip
def test_declarations(text, expected):
    assert declared(text, "js") == expected
