"""What a routine and its surroundings say."""

import pytest
from tests.complete.names.samples import SAMPLES

from learnsys.complete.names.expressions import View
from learnsys.complete.names.flat import flat
from learnsys.complete.names.routines import inside, outside, parameters, routine_name
from learnsys.complete.names.scopes import symbols


def routine(language, name):
    tree = flat(SAMPLES[language], language)
    return tree, next(s for s in symbols(tree) if s.name == name and s.sort == "routine")


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [
        ("js", "findUser", ["group", "options"]), ("js", "get", ["key"]), ("js", "create", ["parts"]),
        ("py", "load_users", ["path", "limit", "args", "kwargs"]), ("py", "double", ["number"]),
        ("cpp", "sumWeights", ["items", "count"]), ("cpp", "find", ["key"]), ("cpp", "scale", ["value"]),
    ],
)  # fmt: skip
def test_parameters(language, name, expected):
    tree, symbol = routine(language, name)
    assert list(parameters(View(tree=tree, hidden=frozenset()), symbol.body)) == expected


@pytest.mark.parametrize(
    ("language", "name"), [("js", "clear"), ("js", "findUser"), ("py", "double"), ("cpp", "clear")]
)
def test_the_name_of_a_routine_is_found_unless_hidden(language, name):
    tree, symbol = routine(language, name)
    assert routine_name(View(tree=tree, hidden=frozenset()), symbol.body) == name
    assert routine_name(View(tree=tree, hidden=frozenset(symbol.occurrences)), symbol.body) == ""


def test_inside_and_outside():
    tree, symbol = routine("js", "findUser")
    view = View(tree=tree, hidden=frozenset(symbol.occurrences), banned=symbol.name)
    told = list(inside(view, symbol.body))
    assert {
        ("first", "getUsers"),
        ("returns", "user"),
        ("reads", "length"),
        ("puts", "rank"),
        ("throws", "Error"),
    } <= set(told)
    around = list(outside(view, symbol.occurrences, symbol.body))
    assert {("taken.to", "found"), ("given", "Group")} <= set(around)
