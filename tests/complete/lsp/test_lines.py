"""Positions in the three encodings, against a twin that encodes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.lsp.lines import Lines, OutsideText

TEXTS = st.text(st.sampled_from("ab \n\r\x0b\u2028é€\U0001f600\ud800"), max_size=30)
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def units(text: str, encoding: str) -> int:
    codec, width = CODECS[encoding]
    return len(text.encode(codec, "surrogatepass")) // width


@given(TEXTS, st.sampled_from(sorted(CODECS)), st.data())
def test_a_position_is_the_line_and_the_units_before(text, encoding, data):
    lines = Lines(text, encoding)
    offset = data.draw(st.integers(0, len(text)))
    line, character = lines.position(offset)
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n") if text[offset : offset + 1] != "\n" else (
        text[:offset].removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
    )  # fmt: skip
    assert line == before.count("\n")
    if text[offset - 1 : offset + 1] != "\r\n":
        assert character == units(before.rpartition("\n")[2], encoding)
        assert lines.offset(line, character) == offset


@given(TEXTS, st.sampled_from(sorted(CODECS)))
def test_beyond_the_end_of_a_line_is_its_end(text, encoding):
    lines = Lines(text, encoding)
    ends = [lines.offset(i, 10_000) for i in range(len(lines))]
    assert all(text[end : end + 1] in ("", "\n", "\r") for end in ends)
    assert lines.offset(len(lines), 0) == len(text)


def test_a_place_inside_a_character_is_before_it():
    assert Lines("a\U0001f600b", "utf-16").offset(0, 2) == 1
    assert Lines("a\U0001f600b", "utf-8").offset(0, 4) == 1


@pytest.mark.parametrize("place", [(2, 1), (3, 0), (-1, 0), (0, -1)])
def test_places_that_are_not_are_refused(place):
    with pytest.raises(OutsideText):
        Lines("a\nb", "utf-16").offset(*place)
