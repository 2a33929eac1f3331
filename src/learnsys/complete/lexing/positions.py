"""Places in a text as each side counts them: code points here, units of a line in editors, bytes in parsers.

The Language Server Protocol counts lines that end with ``\\n``, ``\\r\\n`` or ``\\r``, and in a line UTF-16 code units
unless both sides agree on other ones (specification 3.17, "Position").
"""

from bisect import bisect_right
from functools import cached_property
from typing import Literal, NamedTuple, final

import numpy as np

from learnsys.core.errors import InputError

Encoding = Literal["utf-8", "utf-16", "utf-32"]


class Position(NamedTuple):
    """A place as editors count it: line and code unit in it, both from 0."""

    line: int
    character: int


@final
class Positions:
    """The places of one text; columns are code units of ``encoding``.

    Examples
    --------
    >>> places = Positions("a = '😀' + b\\r\\nc")
    >>> places.position(9), places.offset(0, 10), places.position(13)
    (Position(line=0, character=10), 9, Position(line=1, character=0))
    """

    def __init__(self, text: str, encoding: Encoding = "utf-16") -> None:
        self.text = text
        self.encoding = encoding

    @cached_property
    def line_starts(self) -> list[int]:
        """Code point at which each line starts."""
        points = np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), np.uint32)
        ends = points == ord("\n")
        if "\r" in self.text:
            ends |= (points == ord("\r")) & np.append(~ends[1:], True)  # one before \n is part of it
        return [0, *(np.flatnonzero(ends) + 1).tolist()]

    @property
    def lines(self) -> int:
        """Number of lines, at least 1."""
        return len(self.line_starts)

    def position(self, offset: int) -> Position:
        """Return the position of a code point; one outside the text is taken as its nearer end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.line_starts, offset) - 1
        return Position(line, units(self.text[self.line_starts[line] : offset], self.encoding))

    def offset(self, line: int, character: int) -> int:
        """Return the code point of a position.

        A character beyond the end of its line is that end, a line beyond the text is the end of the text, and the
        middle of the units of a code point is that code point: what the protocol asks for.
        """
        if line < 0:
            return 0
        if line >= self.lines:
            return len(self.text)
        begin, end = self.line_starts[line], self.line_end(line)
        written = self.text[begin:end]
        if written.isascii():
            return begin + min(max(character, 0), len(written))
        before = 0
        for i, point in enumerate(written):
            before += units(point, self.encoding)
            if before > character:
                return begin + i
        return end

    def line_end(self, line: int) -> int:
        """Return the code point at which a line ends, before its line end."""
        if line + 1 >= self.lines:
            return len(self.text)
        end = self.line_starts[line + 1] - 1
        return end - (self.text[end] == "\n" and end > self.line_starts[line] and self.text[end - 1] == "\r")


def offset_at(text: str, line: int, column: int, *, name: str) -> int:
    """Return the code point before which a cursor stands; beyond the end of its line it is that end.

    Parameters
    ----------
    text : str
        Of the file.
    line, column : int
        From 1, columns in code points.
    name : str
        What an error calls the file.

    Raises
    ------
    InputError
        If there is no such line, or the column is below 1.
    """
    places = Positions(text, "utf-32")
    if not 1 <= line <= places.lines:
        raise InputError(f"{name} has no line {line}", value=line, next=f"its lines are 1 to {places.lines}")
    if column < 1:
        raise InputError.below("column", column, 1)
    return places.offset(line - 1, column - 1)


def line_of(text: str, offset: int) -> int:
    """Return the line, from 1, of a code point, without finding those of all others.

    Examples
    --------
    >>> line_of("a\\r\\nb\\rc\\nd", 7)
    4
    """
    returns = text.count("\r", 0, offset) - text.count("\r\n", 0, offset) if "\r" in text else 0
    return 1 + text.count("\n", 0, offset) + returns


def units(text: str, encoding: Encoding = "utf-16") -> int:
    """Count the code units of a text.

    Examples
    --------
    >>> units("a😀"), units("a😀", "utf-8"), units("a😀", "utf-32")
    (3, 5, 2)
    """
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(point > "\uffff" for point in text)
