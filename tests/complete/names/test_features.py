"""What is said about a symbol never tells its name, and says what it should."""

import pytest
from tests.complete.names.samples import SAMPLES

from learnsys.complete.names.features import MOST, describe
from learnsys.complete.names.flat import flat


def renamed(tree, nodes):
    text = tree.text
    for i in sorted(nodes, reverse=True):
        text = text[: tree.starts[i]] + "zq" + text[tree.ends[i] :]
    return text


@pytest.mark.parametrize("language", list(SAMPLES))
@pytest.mark.parametrize("strict", [False, True])
def test_facts_do_not_depend_on_the_name(language, strict):
    tree = flat(SAMPLES[language], language)
    for n, found in enumerate(describe(tree, strict=strict)):
        symbol = found.symbol
        hidden = set(symbol.occurrences)
        if strict or symbol.sort == "routine":
            hidden |= {i for i in range(len(tree)) if tree.is_leaf(i) and tree.spelled(i) == symbol.name}
        hidden = {i for i in hidden if not tree.types[i].startswith(("shorthand", "string", "property_identifier"))}
        text = renamed(tree, hidden)
        if symbol.name in ("get", "clear", "find", "group", "path", "total", "glue") or text.count(symbol.name) > 0:
            continue  # also spelled in comments or strings, which are words of their own
        again = describe(flat(text, language), strict=strict)[n]
        assert again.facts == found.facts, symbol.name


@pytest.mark.parametrize("language", list(SAMPLES))
def test_no_whole_word_of_a_routine_is_its_name(language):
    for found in describe(flat(SAMPLES[language], language)):
        if found.symbol.sort == "routine":
            assert all(word != found.symbol.name for _, word in found.facts)
        assert len(found.facts) <= MOST


@pytest.mark.parametrize(
    ("language", "name", "facts"),
    [
        ("js", "users", [("init", "getUsers"), ("init.on", "group"), ("method", "forEach"), ("over", "")]),
        ("js", "user", [("over", "users"), ("prop", "name"), ("how", "for")]),
        ("js", "index", [("callback", "forEach#1"), ("callback.on", "users"), ("with", "item")]),
        ("js", "group", [("doc", "Group"), ("passed", "Group"), ("method", "getUsers"), ("routine", "findUser")]),
        ("js", "hit", [("init", "get"), ("prop", "value"), ("class", "Cache")]),
        ("js", "findUser", [("parameter", "group"), ("doc", "Find"), ("returns", "user"), ("taken.to", "found")]),
        ("py", "handle", [("init", "open"), ("init.arg", "path"), ("method", "readlines")]),
        ("py", "key", [("type", "str"), ("arg", "get"), ("slot", "get#0")]),
        ("py", "limit", [("default", ""), ("doc", "")]),
        ("py", "load_users", [("doc", "users"), ("parameter", "limit"), ("taken.to", "found"), ("calls", "open")]),
        ("cpp", "items", [("type", "vector"), ("iterated", "item"), ("method", "size"), ("indexed", "i")]),
        ("cpp", "error", [("type", "exception"), ("method", "what")]),
        ("cpp", "sumWeights", [("doc", "Sum"), ("gives", "double"), ("calls", "check")]),
    ],
)  # fmt: skip
def test_what_is_said(language, name, facts):
    found = next(f for f in describe(flat(SAMPLES[language], language)) if f.symbol.name == name)
    missing = [fact for fact in facts if fact[1] and fact not in found.facts]
    assert not missing, found.facts


def test_features_are_whole_words_and_their_parts():
    found = describe(flat("function f(a) { a.getItem() }", "js"))[1].features
    assert {"method=getItem", "method:get", "method:item"} <= set(found)
