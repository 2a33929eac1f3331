"""Lines of a text, and positions in it as editors count them: code units of UTF-8, UTF-16 or UTF-32."""

import re
from bisect import bisect_right
from typing import Final, final

_ENDS: Final = re.compile(r"\r\n|\n|\r")  # the line ends of the protocol: no others


class OutsideText(Exception):
    """A position that the text does not have."""


@final
class Lines:
    """Where the lines of ``text`` begin and end.

    Examples
    --------
    >>> lines = Lines("a = '\U0001f600' + b\\n", "utf-16")
    >>> lines.offset(0, 8), lines.position(8)
    (7, (0, 9))
    """

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self.encoding = encoding
        ends = list(_ENDS.finditer(text))
        self._starts = [0, *(end.end() for end in ends)]
        self._stops = [*(end.start() for end in ends), len(text)]

    def __len__(self) -> int:
        return len(self._starts)

    def offset(self, line: int, character: int) -> int:
        """Return the code point at a position; beyond its end, the end of the line.

        Raises
        ------
        OutsideText
            If there is no such line; the one after the last, column 0, is the end of the text.
        """
        if line == len(self) and character == 0:
            return len(self.text)
        if not (0 <= line < len(self) and character >= 0):
            raise OutsideText(f"line {line + 1} of {len(self)}")
        start, stop = self._starts[line], self._stops[line]
        if self.encoding == "utf-32" or self.text[start:stop].isascii():
            return min(start + character, stop)
        for at in range(start, stop):
            character -= self._units(self.text[at])
            if character < 0:  # a position inside a character is before it
                return at
        return stop

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and character of a code point."""
        line = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[line] : offset]
        if self.encoding == "utf-32" or before.isascii():
            return line, len(before)
        return line, sum(map(self._units, before))

    def _units(self, character: str) -> int:
        if self.encoding == "utf-8":
            return len(character.encode("utf-8", "surrogatepass"))
        return 2 if ord(character) > 0xFFFF else 1
