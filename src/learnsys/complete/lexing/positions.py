"""Places in a text as each side counts them: code points here, UTF-16 units of a line in editors, bytes in parsers.

The Language Server Protocol counts lines that end with ``\\n``, ``\\r\\n`` or ``\\r``, and in a line UTF-16 code units
unless both sides agree on other ones (specification 3.17, "Position").
"""

import re
from bisect import bisect_right
from functools import cached_property
from typing import Final, NamedTuple, final

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class Position(NamedTuple):
    """A place as editors count it: line and UTF-16 unit in it, both from 0."""

    line: int
    character: int


@final
class Positions:
    """The places of one text.

    Examples
    --------
    >>> places = Positions("a = '😀' + b\\r\\nc")
    >>> places.position(9), places.offset(0, 10), places.position(13)
    (Position(line=0, character=10), 9, Position(line=1, character=0))
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def line_starts(self) -> list[int]:
        """Code point at which each line starts."""
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    @property
    def lines(self) -> int:
        """Number of lines, at least 1."""
        return len(self.line_starts)

    def position(self, offset: int) -> Position:
        """Return the position of a code point; one outside the text is taken as its nearer end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.line_starts, offset) - 1
        return Position(line, utf16_units(self.text[self.line_starts[line] : offset]))

    def offset(self, line: int, character: int) -> int:
        """Return the code point of a position.

        A character beyond the end of its line is that end, a line beyond the text is the end of the text, and the
        middle of a pair of units is the code point they make: what the protocol asks for.
        """
        if line < 0:
            return 0
        if line >= self.lines:
            return len(self.text)
        begin, end = self.line_starts[line], self.line_end(line)
        written = self.text[begin:end]
        if written.isascii():
            return begin + min(max(character, 0), len(written))
        units = 0
        for i, point in enumerate(written):
            units += 1 + (point > "\uffff")
            if units > character:
                return begin + i
        return end

    def line_end(self, line: int) -> int:
        """Return the code point at which a line ends, before its line end."""
        if line + 1 >= self.lines:
            return len(self.text)
        end = self.line_starts[line + 1] - 1
        return end - (self.text[end] == "\n" and end > self.line_starts[line] and self.text[end - 1] == "\r")


def utf16_units(text: str) -> int:
    """Count the UTF-16 code units of a text.

    Examples
    --------
    >>> utf16_units("a😀")
    3
    """
    return len(text) if text.isascii() else len(text) + sum(point > "\uffff" for point in text)
