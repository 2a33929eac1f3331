"""The head of an expression is the word it turns on."""

import pytest

from learnsys.complete.names.expressions import View
from learnsys.complete.names.flat import flat


@pytest.mark.parametrize(
    ("language", "text", "head"),
    [
        ("js", "this.users.getAll(x)", ("call", "getAll", "users")),
        ("js", "new a.Foo(1)", ("new", "Foo", "a")),
        ("js", "((f()))", ("call", "f", "")),
        ("js", "list[0].name", ("member", "name", "list")),
        ("js", "rows[3]", ("item", "rows", "")),
        ("js", "a + b", ("op+", "a", "")),
        ("js", "'some text'", ("string", "some_text", "")),
        ("js", "12", ("12", "", "")),
        ("js", "[1, 2]", ("array", "", "")),
        ("py", "self.items[0]", ("item", "items", "self")),
        ("py", "not ok", ("opnot", "ok", "")),
        ("py", "a is not b", ("opis not", "a", "")),
        ("cpp", "std::max(a, b);", ("call", "max", "std")),
        ("cpp", "p->next;", ("member", "next", "p")),
        ("cpp", "static_cast<int>(x);", ("call", "static_cast", "")),
    ],
)  # fmt: skip
def test_heads(language, text, head):
    tree = flat(text, language)
    found = View(tree=tree, hidden=frozenset()).head(2)
    assert (found.shape, found.word, found.on) == head


def test_what_is_hidden_or_banned_is_not_seen():
    tree = flat("secret.secret(secret, 'a secret b')", "js")
    shown = View(tree=tree, hidden=frozenset({4}), banned="secret")
    assert {shown.head(i).word for i in range(len(tree))} <= {"", "a_b"}
    assert shown.words("a secret thing", "thing") == ["a"]
    assert list(shown.arguments(2)) == [7, 8]
