"""The tokens before a cursor, read off the lines around an edit: a key does not wait for the whole text.

A text that is being typed is broken most of the time, and to recover from that a parser takes milliseconds; for a few
lines it takes a tenth of one. Tokens depend on little around them, unlike the tree above them: the lines are read by
themselves, and trusted if those of their tokens that stand before the edit are the ones that are known already.
Strings and comments of many lines are the exception: where one may begin or end, nothing is said.
"""

from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np

from learnsys.complete.languages import language
from learnsys.complete.lexing.leaves import tokens_of, utf8
from learnsys.complete.lexing.types import Kind, Tokens

if TYPE_CHECKING:
    import tree_sitter

BEFORE: Final = 16  # tokens before an edit that are read with it, and the rest of their line
LONGEST: Final = 2000  # code points from the first edit to the last, and from there to the cursor
_MARKS: Final = frozenset("\"'`\\${}<>&%@")  # that end strings of some language, or begin something else in them


class Region(NamedTuple):
    """Code points of a text that edits have changed."""

    begin: int
    end: int

    def edited(self, start: int, old_end: int, new_end: int) -> "Region":
        """Return the region after an edit, which is in it then."""
        end = self.end + new_end - old_end if self.end > old_end else new_end
        return Region(min(self.begin, start), max(end, new_end))

    def with_range(self, start: int, end: int) -> "Region":
        """Return the region with a range more, and all between."""
        return Region(min(self.begin, start), max(self.end, end))


class Around(NamedTuple):
    """Where a region is among the tokens of the text before the edits.

    Attributes
    ----------
    moved : int
        Code points that what comes after has moved by.
    head : int
        Tokens that end before it.
    tail : int
        First token that begins after it.
    """

    moved: int
    head: int
    tail: int

    @classmethod
    def of(cls, old: Tokens, text: str, region: Region) -> Self:
        """Find a region of ``text``, which has come from ``old.text``."""
        moved = len(text) - len(old.text)
        head = int(np.searchsorted(old.ends, region.begin, side="left"))
        tail = max(int(np.searchsorted(old.starts, region.end - moved, side="right")), head)
        return cls(moved, head, tail)


def near(old: Tokens, text: str, region: Region, offset: int, parser: "tree_sitter.Parser") -> Tokens | None:
    """Return the tokens of ``text`` that begin before code point ``offset``, and maybe more; None if lines do not tell.

    Parameters
    ----------
    old : Tokens
        Of the text before the edits.
    text : str
        After them.
    region : Region
        Of ``text`` that they changed.
    offset : int
        Where the cursor is.
    parser : tree_sitter.Parser
        Of the language.
    """
    around = Around.of(old, text, region)
    first = _line_start(old, around.head - BEFORE)
    begin = int(old.starts[first]) if first else 0
    if offset <= begin:
        return _followed(old, text, first, None)
    if _within(old, text, region, around) and offset <= int(old.ends[around.head]) + around.moved:
        return _longer(old, text, around)
    if max(region.end, offset) - region.begin > LONGEST or _long(old, text, region, around):
        return None
    lines = text[begin : _end(old, text, around, max(region.end, offset))]
    content = utf8(lines)
    found = tokens_of(parser.parse(content), lines, content, old.language)
    found.starts[:] += begin
    found.ends[:] += begin
    return _followed(old, text, first, found) if _agree(old, first, around.head, found) else None


def _line_start(old: Tokens, t: int) -> int:
    """Return the last token up to ``t`` that is the first of its line; 0 for the beginning of the text."""
    while t > 0 and "\n" not in old.gap(t):
        t -= 1
    return max(t, 0)


def _end(old: Tokens, text: str, around: Around, place: int) -> int:
    """Return where the lines end: before the first token of a line after that of ``place``, comments between read."""
    line_end = text.find("\n", place)
    if line_end < 0:
        return len(text)
    t = max(int(np.searchsorted(old.starts, line_end - around.moved, side="left")), around.tail)
    while t < len(old) and t > around.tail and "\n" not in old.gap(t):
        t += 1
    return int(old.starts[t]) + around.moved if t < len(old) else len(text)


def _within(old: Tokens, text: str, region: Region, around: Around) -> bool:
    """Tell whether the edit is inside a string of many lines, and nothing of it can end that or be code in it."""
    t, was_end = around.head, region.end - around.moved
    if around.tail != t + 1 or old.kinds[t] != Kind.TEXT or not old.starts[t] < region.begin <= was_end < old.ends[t]:
        return False
    now, was = text[region.begin - 2 : region.end + 2], old.text[region.begin - 2 : was_end + 2]
    lines = "\n" in old.words[t] and "\\\n" not in old.words[t]  # those of a macro are no string
    return lines and _MARKS.isdisjoint(now + was)


def _longer(old: Tokens, text: str, around: Around) -> Tokens:
    """Return the tokens up to the one that the edit is inside of, with what it has become."""
    n, end = around.head + 1, int(old.ends[around.head]) + around.moved
    return Tokens(
        language=old.language, text=text, words=[*old.words[: n - 1], text[old.starts[n - 1] : end]],
        starts=old.starts[:n], ends=np.append(old.ends[: n - 1], np.int32(end)), kinds=old.kinds[:n],
    )  # fmt: skip


def _long(old: Tokens, text: str, region: Region, around: Around) -> bool:
    """Tell whether a token or comment of many lines is touched, or may begin or end with the edit."""
    touched = range(around.head, around.tail)
    if any(old.kinds[t] == Kind.TEXT and "\n" in old.words[t] for t in touched):
        return True
    return any(
        mark in whole[max(region.begin - len(mark) + 1, 0) : end + len(mark) - 1]
        for mark in language(old.language).long
        for whole, end in ((text, region.end), (old.text, region.end - around.moved))
    )


def _agree(old: Tokens, first: int, head: int, found: Tokens) -> bool:
    """Tell whether the tokens before the edit are the ones that are known."""
    n = head - first
    return (
        found.words[:n] == old.words[first:head]
        and np.array_equal(found.starts[:n], old.starts[first:head])
        and np.array_equal(found.kinds[:n] == Kind.TEXT, old.kinds[first:head] == Kind.TEXT)
    )


def _followed(old: Tokens, text: str, first: int, found: Tokens | None) -> Tokens:
    """Return the ``first`` tokens that are known, and those that were ``found`` after them."""
    known = Tokens(
        language=old.language, text=text, words=old.words[:first], starts=old.starts[:first], ends=old.ends[:first],
        kinds=old.kinds[:first],
    )  # fmt: skip
    if found is None:
        return known
    return Tokens(
        language=old.language, text=text, words=known.words + found.words,
        starts=np.concatenate([known.starts, found.starts]), ends=np.concatenate([known.ends, found.ends]),
        kinds=np.concatenate([known.kinds, found.kinds]),
    )  # fmt: skip
