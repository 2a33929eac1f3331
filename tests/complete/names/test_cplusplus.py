"""Declarations of C++."""

import pytest

from learnsys.complete.names.cplusplus import RULES
from learnsys.complete.names.flat import flat


def declared(text, language):
    tree = flat(text, language)
    pairs = [(tree.spelled(i), RULES.binding(tree, i)) for i in range(len(tree)) if tree.types[i] in RULES.leaves]
    return [(word, binding.how) for word, binding in pairs if binding is not None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "void f() { int a = 1, *b, c[3]; }",
            [("f", "function"), ("a", "variable"), ("b", "variable"), ("c", "variable")],
        ),
        ("int f(const T& a, int b = 1) { }", [("f", "function"), ("a", "parameter"), ("b", "parameter")]),
        ("int f(int a);", []),
        (
            "void f() { for (auto& a : b) { } auto [c, d] = e; }",
            [("f", "function"), ("a", "for"), ("c", "variable"), ("d", "variable")],
        ),
        ("void f() { try { } catch (const E& e) { } }", [("f", "function"), ("e", "parameter")]),
        ("struct A { int a; A(int b) {} int c() { } };", [("b", "parameter"), ("c", "method")]),
        ("A::A() {} int A::b() { } n::A::~A() {}", [("b", "method")]),
        (
            "void f() { g([x = 1](int a) { return a; }); A::b = 1; }",
            [("f", "function"), ("x", "capture"), ("a", "parameter")],
        ),
    ],
)
def test_declarations(text, expected):
    assert declared(text, "cpp") == expected
