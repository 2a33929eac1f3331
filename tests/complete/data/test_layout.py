"""Marks are those of the lines as one sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.strategies import LANGUAGES, texts

from learnsys.complete.data.layout import Line, lines
from learnsys.complete.lexing.leaves import tokens


def naive(found):
    marks, before = [], 0
    for t in range(len(found)):
        if t and "\n" not in found.gap(t):
            marks.append(Line.SAME)
            continue
        column = len(found.text[: found.starts[t]].rsplit("\n", 1)[-1])
        marks.append(Line.DEEPER if column > before else Line.BACK if column < before else Line.NEW)
        before = column
    return marks


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_marks_are_those_of_the_slow_twin(key, data):
    found = tokens(data.draw(texts(key)), key)
    assert lines(found).tolist() == naive(found)


def test_a_new_line_is_deeper_the_same_or_back():
    found = tokens("if (a) {\n  b;\n  // why\n  c\n}", "js")
    marks = dict(zip(found.words, lines(found).tolist(), strict=True))
    assert marks == {
        "if": Line.NEW,
        "(": 0,
        "a": 0,
        ")": 0,
        "{": 0,
        "b": Line.DEEPER,
        ";": 0,
        "c": Line.NEW,
        "}": Line.BACK,
    }
