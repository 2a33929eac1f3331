"""Declarations of Python."""

import pytest

from learnsys.complete.names.flat import flat
from learnsys.complete.names.python import RULES


def declared(text, language):
    tree = flat(text, language)
    pairs = [(tree.spelled(i), RULES.binding(tree, i)) for i in range(len(tree)) if tree.types[i] in RULES.leaves]
    return [(word, binding.how) for word, binding in pairs if binding is not None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = b = 1", [("a", "assignment"), ("b", "assignment")]),
        ("a, (b, *c) = d", [("a", "assignment"), ("b", "assignment"), ("c", "assignment")]),
        ("a.b = c[d] = 1", []),
        (
            "def f(a, b: c = d, *e, **g): pass",
            [("f", "function"), ("a", "parameter"), ("b", "parameter"), ("e", "other"), ("g", "other")],
        ),
        ("lambda a, b=c: d", [("a", "parameter"), ("b", "parameter")]),
        ("for a, b in c: pass", [("a", "for"), ("b", "for")]),
        ("[a for a in b]", [("a", "for")]),
        ("with a as b, c() as (d, e): pass", [("b", "with"), ("d", "with"), ("e", "with")]),
        ("try: pass\nexcept A as a: pass", [("a", "except")]),
        (
            "class A:\n    a = 1\n    def b(self): pass",
            [("A", "other"), ("a", "attribute"), ("b", "method"), ("self", "parameter")],
        ),
        ("if (a := b): pass", [("a", "assignment")]),
        (
            "import a.b, c as d\nfrom e.f import g, h as i",
            [("a", "other"), ("d", "other"), ("g", "other"), ("i", "other")],
        ),
        ("def f():\n    global a\n    a = 1", [("f", "function"), ("a", "other")]),
        ("f(a=1)", []),
    ],
)
def test_declarations(text, expected):
    assert declared(text, "py") == expected
