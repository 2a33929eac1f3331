"""A text while it is typed: after an edit only what changed is parsed and read again.

Tree-sitter parses again from the old tree (Wagner 1998, "Practical algorithms for incremental software development
environments", chapter 6) and tells which ranges have another syntax; tokens outside of them and of the edit are kept.
Where the text cannot be parsed, how the parser recovers can depend on the tree it came from: a token here and there may
be of another kind than in a text that was opened as it is now. Once the text is whole again they are the same.
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple, final

import numpy as np

from learnsys.complete.languages import parser
from learnsys.complete.lexing.leaves import leaves, points, tokens_of, utf8
from learnsys.complete.lexing.types import Tokens
from learnsys.core.errors import InputError


class _Region(NamedTuple):
    """Bytes of the new text whose tokens may be others."""

    begin: int
    end: int

    def edited(self, start: int, old_end: int, new_end: int) -> "_Region":
        """Return the region after an edit, which is in it then."""
        end = self.end + new_end - old_end if self.end > old_end else new_end
        return _Region(min(self.begin, start), max(end, new_end))

    def with_range(self, start: int, end: int) -> "_Region":
        """Return the region with a range more, and all between."""
        return _Region(min(self.begin, start), max(self.end, end))


@final
class Document:
    """An editable text and its tokens; for one thread.

    Parameters
    ----------
    text : str
        At the start.
    key : str
        Its language.

    Attributes
    ----------
    text : str
        As it is now.

    Examples
    --------
    >>> document = Document("let a = 1; f(a);", "js")
    >>> len(document.tokens)
    10
    >>> document.mark_read()
    >>> document.edit(13, 14, "abc")
    >>> document.tokens.words[7], document.first_changed
    ('abc', 7)
    """

    def __init__(self, text: str, key: str) -> None:
        self.language = key
        self.text = text
        self._parser = parser(key)
        self._content = utf8(text)
        self._tree = self._parser.parse(self._content)
        self._tokens = tokens_of(self._tree, text, self._content, key)
        self._region: _Region | None = None  # to be read again
        self._kept = len(text)  # code points at the start of the text that no edit touched since the tokens were read
        self._first_changed = 0

    @property
    def tokens(self) -> Tokens:
        """The tokens of the text as it is now."""
        self._refresh()
        return self._tokens

    @property
    def first_changed(self) -> int:
        """Index of the first token that may differ since `mark_read`, 0 before that; their number if none does.

        A token differs if it is another one, stands elsewhere, or has another gap before it.
        """
        self._refresh()
        return self._first_changed

    def mark_read(self) -> None:
        """Let `first_changed` count from now on."""
        self._refresh()
        self._first_changed = len(self._tokens)

    def edit(self, start: int, end: int, new: str) -> None:
        """Replace the code points from ``start`` to ``end`` by ``new``; nothing is parsed before tokens are asked for.

        Raises
        ------
        InputError
            If there are no such code points in the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise InputError(
                f"an edit from {start} to {end} is outside a text of {len(self.text)} code points",
                value=(start, end),
                next="read the whole text again",
            )
        begin, old_end, put = self._byte(start), self._byte(end), utf8(new)
        new_end = begin + len(put)
        content = b"".join((self._content[:begin], put, self._content[old_end:]))
        self._tree.edit(
            begin, old_end, new_end,
            _point(self._content, begin), _point(self._content, old_end), _point(content, new_end),
        )  # fmt: skip
        self._region = (self._region or _Region(begin, old_end)).edited(begin, old_end, new_end)
        self._kept = min(self._kept, start)
        self._content = content
        self.text = self.text[:start] + new + self.text[end:]

    def become(self, text: str) -> None:
        """Take over a whole new text as one edit, from the first to the last place where it differs."""
        most = min(len(self.text), len(text))
        start = _common(most, lambda n: self.text.startswith(text[:n]))
        after = _common(most - start, lambda n: self.text.endswith(text[len(text) - n :]))
        if start < most or len(self.text) != len(text):
            self.edit(start, len(self.text) - after, text[start : len(text) - after])

    def _refresh(self) -> None:
        if self._region is None:
            return
        old_tree, old, region = self._tree, self._tokens, self._region
        self._tree = self._parser.parse(self._content, old_tree)
        for changed in old_tree.changed_ranges(self._tree):
            region = region.with_range(changed.start_byte, changed.end_byte)
        self._tokens = self._spliced(old, region) or tokens_of(self._tree, self.text, self._content, self.language)
        self._first_changed = min(self._first_changed, _same(old, self._tokens, self._kept))
        self._region, self._kept = None, len(self.text)

    def _spliced(self, old: Tokens, region: _Region) -> Tokens | None:
        """Read the tokens of a region and keep the others; None if one crosses its borders."""
        moved = len(self.text) - len(old.text)
        head = int(np.searchsorted(old.ends, self._point(region.begin), side="left"))
        tail = max(int(np.searchsorted(old.starts, self._point(region.end) - moved, side="right")), head)
        begin = self._byte(int(old.ends[head - 1])) if head else 0
        end = self._byte(int(old.starts[tail]) + moved) if tail < len(old) else len(self._content)
        found = leaves(self._tree, self.language, begin, end)
        if found.begins and (found.begins[0] < begin or found.ends[-1] > end):
            return None
        base = int(old.ends[head - 1]) if head else 0
        starts, ends = (
            points(self._content[begin:end], found.begins, begin),
            points(self._content[begin:end], found.ends, begin),
        )
        starts, ends = starts + base, ends + base
        words = [self.text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        return Tokens(
            language=self.language, text=self.text, words=[*old.words[:head], *words, *old.words[tail:]],
            starts=np.concatenate([old.starts[:head], starts, old.starts[tail:] + np.int32(moved)]),
            ends=np.concatenate([old.ends[:head], ends, old.ends[tail:] + np.int32(moved)]),
            kinds=np.concatenate([old.kinds[:head], np.array(found.kinds, np.uint8), old.kinds[tail:]]),
        )  # fmt: skip

    def _byte(self, point: int) -> int:
        """Return the byte at which a code point starts."""
        return point if len(self._content) == len(self.text) else len(utf8(self.text[:point]))

    def _point(self, byte: int) -> int:
        """Return the code point that starts at a byte."""
        return byte if len(self._content) == len(self.text) else len(self._content[:byte].decode(errors="ignore"))


def _point(content: bytes, byte: int) -> tuple[int, int]:
    """Return row and column of a byte as tree-sitter counts them."""
    return content.count(b"\n", 0, byte), byte - content.rfind(b"\n", 0, byte) - 1


def _common(most: int, agrees: Callable[[int], bool]) -> int:
    """Return the largest n <= most for which two texts agree in n code points."""
    return bisect_left(range(1, most + 1), True, key=lambda n: not agrees(n))


def _same(old: Tokens, new: Tokens, kept: int) -> int:
    """Count the leading tokens that are the same in both, within the ``kept`` code points that no edit touched."""
    n = min(int(np.searchsorted(found.ends, kept, side="right")) for found in (old, new))
    differs = (old.starts[:n] != new.starts[:n]) | (old.ends[:n] != new.ends[:n]) | (old.kinds[:n] != new.kinds[:n])
    return int(differs.argmax()) if differs.any() else n
