"""White space as classes: what is written from a class is what was read."""

import pytest
from tests.complete.toys import program

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.gaps import ELSEWHERE, SEVERAL, gaps, normal, start
from learnsys.complete.style.indents import unit_of

SAMPLES = {
    "js": "function f(a,\n           b) {\n  if (a &&\n      b) {\n    g({\n      a: 1,\n\n      b,\n    })\n  }\n}\n",
    "py": "def f(a,\n      b):\n    if a:\n        return g(\n            a,\n        )\n\n\n    return b\n\n\nx = 1\n",
    "cpp": "namespace a {\n\nint f(int a,\n      int b) {\n\treturn a;\n}\n}  // a\n",
}


@pytest.mark.parametrize("key", SAMPLES)
def test_a_class_says_all_that_is_needed_to_write_the_gap(key):
    found = tokens(SAMPLES[key], key)
    unit = unit_of(found)
    for gap in gaps(found, unit):
        if gap.name and not gap.name.endswith((ELSEWHERE, SEVERAL)):
            indent = len(gap.text) - gap.text.rfind("\n") - 1
            assert gap.place.written(gap.name, indent if gap.place.logical(gap.text) else None) == gap.text


def test_classes_of_a_program_hold_at_every_depth_and_unit():
    text = program(3, 30)
    names = [gap.name for gap in gaps(tokens(text, "js"), "  ")]
    wide = "\n".join(" " * (len(x) - len(x.lstrip())) + x for x in text.split("\n"))
    assert [gap.name for gap in gaps(tokens(wide, "js"), "    ")] == names
    tabbed = text.replace("  ", "\t")
    assert [gap.name for gap in gaps(tokens(tabbed, "js"), "\t")] == names
    assert not any(name.endswith(ELSEWHERE) for name in names)


def test_gaps_with_comments_have_no_class_and_line_ends_are_all_the_same():
    assert [gap.name for gap in gaps(tokens("a; // b\nc", "js"), "  ")] == ["0", None]
    assert normal("  \r\n  ") == ("\n  ", True)


def test_a_bracket_knows_whether_it_is_broken_and_where_its_line_is_indented():
    place = start("js", "  ")
    for word, gap in (("f", "    "), ("(", ""), ("a", "\n      ")):
        place = place.after(word, 0 if word.isalpha() else 2, gap)
    assert place.level.broken
    assert place.level.indent == 4
    assert place.after(")", 2, "\n    ").level.opener == ""
    assert place.classify("\n    ", closes=True) == "0+0"


def test_a_statement_knows_what_stands_beside_and_around_it():
    found = tokens("class A:\n    def f(a):\n        if a:\n            b\n\n    x = 1\n", "py")
    last = next(gap for gap in gaps(found, "    ") if gap.word == "x")
    assert last.column == 4
    beside = last.place.around(last.column)
    assert (last.place.block.head, last.place.block.gap) == ("<name>", "0L")
    assert (beside.head, beside.indent, beside.outer.head) == ("def", 4, "class")
    assert last.after.block.head == "<name>"
    assert last.after.block.outer == beside.outer
    assert last.place.around(0).head == "class"


def test_a_colon_counts_up_to_the_next_comma():
    found = tokens("def f(a: int = 1, b=2): pass", "py")
    assert [gap.place.level.typed for gap in gaps(found, "    ") if gap.word == "="] == [True, False]
    assert [gap.place.prior for gap in gaps(found, "    ") if gap.place.last == "="] == ["1", "0"]


def test_what_follows_a_condition_of_several_lines_is_indented_against_its_first():
    text = "if (a &&\n        b) {\n  c;\n}"
    assert [gap.name for gap in gaps(tokens(text, "js"), "  ")][-2:] == ["0", "0+0"]
