"""Editors count code units of a line; both ways agree with the encoding itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.strategies import anything, pieces

from learnsys.complete.lexing.positions import Position, Positions, line_of, offset_at, units
from learnsys.core.errors import InputError

texts = st.one_of(pieces, anything)
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
encodings = st.sampled_from(sorted(CODECS))


def naive_units(text, encoding):
    """Count the bytes of a text and divide by those of a unit."""
    codec, width = CODECS[encoding]
    return len(text.encode(codec, "surrogatepass")) // width


def naive_position(text, offset, encoding):
    """Split the text before a place into lines and count the units of the last."""
    lines = re.split(r"\r\n|\r|\n", text[:offset])
    line, before = len(lines) - 1, lines[-1]
    if text[offset - 1 : offset + 1] == "\r\n" and offset:  # between the two the line has not ended yet
        line, before = line - 1, lines[-2] + "\r"
    return Position(line, naive_units(before, encoding))


@given(texts, encodings, st.data())
def test_a_position_is_what_the_encoding_says(text, encoding, data):
    offset = data.draw(st.integers(0, len(text)))
    assert Positions(text, encoding).position(offset) == naive_position(text, offset, encoding)


@given(texts, encodings, st.data())
def test_offset_undoes_position_but_inside_a_line_end(text, encoding, data):
    offset = data.draw(st.integers(0, len(text)))
    places = Positions(text, encoding)
    inside = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
    assert places.offset(*places.position(offset)) == offset - inside


@given(texts, st.integers(-2, 40), st.integers(-2, 60))
def test_a_position_anywhere_becomes_a_place_of_the_text(text, line, character):
    places = Positions(text)
    offset = places.offset(line, character)
    assert 0 <= offset <= len(text)
    if 0 <= line < places.lines:
        assert places.line_starts[line] <= offset <= places.line_end(line)


@given(texts)
def test_lines_are_split_as_the_protocol_says(text):
    places = Positions(text)
    lines = [text[places.line_starts[i] : places.line_end(i)] for i in range(places.lines)]
    assert lines == re.split(r"\r\n|\r|\n", text)


@given(anything, encodings)
def test_units_are_those_of_the_encoding(text, encoding):
    assert units(text, encoding) == naive_units(text, encoding)


@pytest.mark.parametrize(
    ("line", "character", "offset"),
    [(0, 5, 5), (0, 6, 5), (0, 7, 6), (0, 99, 9), (1, 0, 10), (1, 99, 11), (9, 0, 11), (-1, 3, 0)],
)
def test_the_middle_of_a_pair_and_places_outside_are_clamped(line, character, offset):
    assert Positions("a = '😀' +\nb").offset(line, character) == offset


def test_the_middle_of_four_bytes_is_their_code_point():
    assert [Positions("a😀b", "utf-8").offset(0, character) for character in range(7)] == [0, 1, 1, 1, 1, 2, 3]


def test_a_cursor_is_found_by_line_and_column_or_refused():
    text = "a\r\nbc\rd"
    assert [offset_at(text, line, column, name="a") for line, column in ((1, 1), (1, 9), (2, 2), (3, 1))] == [
        0,
        1,
        4,
        6,
    ]
    for line, column, why in ((0, 1, "no line 0"), (4, 1, "1 to 3"), (1, 0, "at least 1")):
        with pytest.raises(InputError, match=why):
            offset_at(text, line, column, name="a")


@given(texts)
def test_lines_are_counted_alike(text):
    places = Positions(text)
    assert [line_of(text, i) - 1 for i in range(len(text))] == [
        places.position(i).line + (text[i - 1 : i + 1] == "\r\n") for i in range(len(text))
    ]
