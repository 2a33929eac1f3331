"""Languages are found by key and by suffix, and say what is known when they are not."""

import sys

import pytest

from learnsys.complete.languages import LANGUAGES, grammar, language, language_of, parser
from learnsys.core.errors import InputError, MissingExtra, UnknownName


@pytest.mark.parametrize("key", LANGUAGES)
def test_a_language_is_that_of_each_of_its_suffixes(key):
    for suffix in language(key).suffixes:
        assert language_of(f"a/b.c{suffix}") is language(key)
        assert language_of(f"A{suffix.upper()}") is language(key)


def test_suffixes_tell_languages_apart():
    suffixes = [suffix for spoken in LANGUAGES.values() for suffix in spoken.suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize("key", LANGUAGES)
def test_the_node_types_of_a_language_are_in_its_grammar(key):
    rules, spoken = grammar(key), language(key)
    known = {rules.node_kind_for_id(i) for i in range(rules.node_kind_count)}
    assert spoken.names | spoken.comments | spoken.whole <= known


@pytest.mark.parametrize("key", LANGUAGES)
def test_a_parser_parses(key):
    assert parser(key).parse(b"x").root_node.end_byte == 1


def test_an_unknown_language_lists_the_known():
    with pytest.raises(UnknownName, match="known: js, py, cpp"):
        language("rust")


@pytest.mark.parametrize("path", ["a.rs", "Makefile", "py", ""])
def test_an_unknown_suffix_lists_the_known(path):
    with pytest.raises(InputError, match=r"JavaScript \(\.js"):
        language_of(path)


def test_a_missing_grammar_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tree_sitter_python", None)
    grammar.cache_clear()
    with pytest.raises(MissingExtra, match=r"learnsys\[complete\]"):
        grammar("py")
