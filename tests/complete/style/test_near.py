"""Wherever a cursor goes, what is kept says what is read anew."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.complete.style.test_gaps import SAMPLES
from tests.complete.toys import program

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.indents import unit_of
from learnsys.complete.style.near import Near
from learnsys.complete.style.spaces import before

TEXTS = {"js": program(1, 400), "py": SAMPLES["py"] * 60, "cpp": SAMPLES["cpp"] * 60}


def rows(counts):
    table = {context: {name: n for name, n in row.items() if n} for context, row in counts.table.items()}
    return {context: row for context, row in table.items() if row}


def agree(near, found, n):
    place, own = near.follow(found, n)
    want, counts = before(found, unit_of(found), n)
    assert place == want
    assert rows(own) == rows(counts)


@settings(max_examples=12, deadline=None)
@given(st.data(), st.sampled_from(sorted(TEXTS)))
def test_moves_and_edits_come_to_what_is_read_anew(data, key):
    text, near = TEXTS[key], Near()
    size = len(tokens(text, key))
    for _ in range(data.draw(st.integers(1, 4))):
        if data.draw(st.booleans()):
            at = data.draw(st.integers(0, len(text)))
            text = text[:at] + data.draw(st.sampled_from(["", "x", "\n", " (", "\n    y = 1\n"])) + text[at + 2 :]
        found = tokens(text, key)
        agree(near, found, data.draw(st.integers(0, min(size, len(found)))))


@pytest.mark.parametrize("steps", [(0, 1, 2, 3), (2600, 2599, 2560, 1700, 40, 2700), (300, 256, 255, 0)])
def test_places_at_the_borders(steps):
    found, near = tokens(TEXTS["js"], "js"), Near()
    assert len(found) > 2700
    for n in steps:
        agree(near, found, n)


def test_another_unit_begins_anew():
    near = Near()
    for text in ("if (a) {\n  b();\n}", "if (a) {\n\tb();\n}"):
        agree(near, tokens(text, "js"), 6)
