"""Habits are found as they were planted."""

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.habits import Habits

JS = "function readAll(a) {\n\tconst someName = {\n\t\ta: 'x',\n\t\tb: f(a),\n\t};\n\treturn f(someName);\n}\n"


def test_habits_are_found():
    habits = Habits.of([tokens(JS, "js")], "js")
    assert (habits.unit, habits.quote, habits.semicolons, habits.last_comma) == ("\t", "'", True, True)
    assert habits.cases == {"routine": "camel", "variable": "camel"}
    bare = JS.replace(";", "").replace(",\n\t}", "\n\t}").replace("'", '"')
    other = Habits.of([tokens(bare, "js")], "js")
    assert (other.quote, other.semicolons, other.last_comma) == ('"', False, False)


def test_no_files_give_the_custom_of_the_language():
    habits = Habits.of([], "py")
    assert (habits.unit, habits.quote, habits.cases, habits.files) == ("    ", '"', {}, 0)


def test_the_table_says_what_belongs_to_the_language():
    told = dict(Habits.of([tokens(JS, "js")], "js").table().rows)
    assert told["one indent"] == "a tab"
    assert told["semicolons"] == "yes"
    assert told["names of routines"] == "camel"
    assert "semicolons" not in dict(Habits.of([], "py").table().rows)
