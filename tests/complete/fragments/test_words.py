"""Kinds of single words are those that they have in a text."""

import pytest
from tests.complete.style.test_gaps import SAMPLES
from tests.complete.toys import program

from learnsys.complete.fragments.words import in_text, kind_of, open_quote, quote_after
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.types import Kind
from learnsys.complete.runtime.cursor import cursor

TEXTS = {
    "js": SAMPLES["js"] + program(1, 20) + "x = 'a b' + `t${u}v` + 0x1f; class A { #b = 1 }",
    "py": SAMPLES["py"] + 'x = f\'a {b}\' + """c""" + 1.5\n',
    "cpp": SAMPLES["cpp"] + 'const char* x = "a b";\n',
}


@pytest.mark.parametrize("key", TEXTS)
def test_kinds_of_words_are_those_of_the_parser(key):
    found, quote, differ = tokens(TEXTS[key], key), "", []
    for i, (word, kind) in enumerate(zip(found.words, found.kinds.tolist(), strict=True)):
        assert open_quote(found, i) == quote
        if kind_of(word, key, quote) != kind and {kind_of(word, key, quote), kind} != {Kind.SIGN, Kind.TEXT}:
            differ.append((word, Kind(kind).name))
        if kind != Kind.NAME:
            quote = quote_after(word, quote)
    assert [word for word, _ in differ if word not in {"t", "u", "v", "b", "{", "}", "int", "char"}] == []
    assert quote == ""


def test_headers_are_texts_and_comparisons_are_not():
    assert [kind_of(word, "cpp") for word in ("<a/b.h>", "<=>", "<", "<<")] == [
        Kind.TEXT,
        Kind.SIGN,
        Kind.SIGN,
        Kind.SIGN,
    ]


def test_strings_open_and_close():
    assert quote_after('"', "") == '"'
    assert quote_after("'", '"') == '"'
    assert quote_after('"', '"') == ""
    assert quote_after("rb'", "") == "'"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("x = [\n  'a b',\n  'c d',\n]\ny = f(\"e\", x)\n", "py"),
        ('def f():\n    """Says.\n\n    More, of it.\n    """\n    return "a" \'b\'\n', "py"),
        ("const a = `one\n two ${b} three\n`;\nf('x',\n  \"y z\");\n", "js"),
        ("#include <a>\nint f() {\n  return g(\"a b\", 'c');\n}\n", "cpp"),
    ],
)
def test_whether_a_place_is_in_a_string_is_read_off_the_lines_around_it(text, key):
    found = tokens(text, key)
    for offset in range(len(text) + 1):
        at = cursor(found, offset)
        if not at.prefix:
            near_string = at.t and (found.kinds[at.t - 1] == Kind.TEXT or found.words[at.t - 1] in "\"'`}")
            assert in_text(found, at) == bool(near_string and open_quote(found, at.t)), offset
