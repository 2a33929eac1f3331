"""What single occurrences say."""

import pytest

from learnsys.complete.names.expressions import View
from learnsys.complete.names.flat import flat
from learnsys.complete.names.usage import facts


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("js", "x = f(y)", ("again", "f")),
        ("js", "a.b = x", ("to", "b")),
        ("js", "p.q(a, x)", ("slot", "q#1")),
        ("js", "x.go(1)", ("method", "go")),
        ("js", "x.size = 1", ("put", "size")),
        ("js", "let r = x.size", ("prop.to", "r")),
        ("js", "rows[x]", ("index", "rows")),
        ("js", "x[key]", ("indexed", "key")),
        ("js", "({ key: x })", ("key", "key")),
        ("js", "for (const q of x) ;", ("iterated", "q")),
        ("js", "x >= limit", ("op", ">=<")),
        ("js", "typeof x === 'string'", ("typeof", "string")),
        ("js", "!x", ("unary", "!")),
        ("js", "x(first)", ("invoked.arg", "first")),
        ("js", "function f() { return x }", ("returned", "return_statement.")),
        ("js", "const { k: x } = o", ("key", "k")),
        ("js", "const [a, x] = o", ("place", "1/2")),
        ("py", "f(key=x)", ("key", "key")),
        ("py", "with open(p) as x: pass", ("init", "open")),
        ("py", "x += step", ("augment", "+=")),
        ("py", "for x in rows: pass", ("over", "rows")),
        ("py", "x[1:2]", ("indexed.shape", "slice")),
        ("cpp", "int x = f();", ("init", "f")),
        ("cpp", "Foo x(1);", ("init.shape", "argument_list")),
        ("cpp", "p->q = x;", ("to", "q")),
        ("cpp", "g(*x);", ("arg", "g")),
        ("cpp", "for (auto& x : rows) {}", ("over", "rows")),
    ],
)  # fmt: skip
def test_what_an_occurrence_says(language, text, expected):
    tree = flat(text, language)
    at = next(i for i in range(len(tree)) if tree.is_leaf(i) and tree.spelled(i) == "x")
    found = list(facts(View(tree=tree, hidden=frozenset({at})), at))
    assert expected in found, found
