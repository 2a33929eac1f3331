"""Habits are found as they were planted."""

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.habits import COMMA, INDENT, QUOTES, SEMICOLONS, Habits

JS = "function readAll(a) {\n\tconst someName = {\n\t\ta: 'x',\n\t\tb: f(a),\n\t};\n\treturn f(someName);\n}\n"


def usual(text, key="js"):
    habits = Habits.of([tokens(text, key)], key)
    return {habit: habits.usual(habit) for habit in habits.counts}


def test_habits_are_found():
    names = {"names of routines": "camel", "names of variables": "camel"}
    assert usual(JS) == {INDENT: "a tab", QUOTES: "'", SEMICOLONS: "yes", COMMA: "yes", **names}
    bare = JS.replace(";", "").replace(",\n\t}", "\n\t}").replace("'", '"')
    assert usual(bare) == {INDENT: "a tab", QUOTES: '"', SEMICOLONS: "no", **names}


def test_no_files_have_no_habits():
    habits = Habits.of([], "py")
    assert habits.usual(QUOTES) is None
    assert habits.table().rows == ()


def test_what_is_done_less_often_lowers_the_share():
    habits = Habits.of([tokens("a = 'x'\nb = 'y'\nc = \"z\"\n", "py")], "py")
    assert (QUOTES, "'", 2 / 3, 3) in habits.table().rows
    assert {row["done"] for row in habits.chart().data.values if row["habit"] == QUOTES} == {"'", '"'}
