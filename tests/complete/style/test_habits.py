"""Habits: found as they were planted, followed without changing what strings say."""

import pytest

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


@pytest.mark.parametrize(
    ("text", "key", "same"),
    [
        ("a = 'x'", "js", 'a = "x"'), ("a = 'it\"s'", "js", "a = 'it\"s'"), ("a = f'x'", "py", 'a = f"x"'),
        ("a = '''x'''", "py", "a = '''x'''"), ("a = ''", "py", 'a = ""'), ("a = '\\n'", "js", "a = '\\n'"),
    ],
)  # fmt: skip
def test_strings_get_the_usual_quote_where_that_is_safe(text, key, same):
    habits = Habits.of([tokens('b = "y"', key)], key)
    found = tokens(text, key)
    assert "".join(habits.quoted(found.words, found.kinds.tolist())) == same.replace(" ", "")


def test_no_files_give_the_custom_of_the_language():
    habits = Habits.of([], "py")
    assert (habits.unit, habits.quote, habits.cases) == ("    ", '"', {})
