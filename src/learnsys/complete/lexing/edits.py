"""A text while it is typed: after an edit only what changed is parsed and read again.

Tree-sitter parses again from the old tree (Wagner 1998, "Practical algorithms for incremental software development
environments", chapter 6) and tells which ranges have another syntax; tokens outside of them and of the edit are kept.
Where the text cannot be parsed, how the parser recovers can depend on the tree it came from: a token here and there may
be of another kind than in a text that was opened as it is now. Once the text is whole again they are the same.
"""

from typing import TYPE_CHECKING, final

import numpy as np

from learnsys.complete.languages import parser
from learnsys.complete.lexing.difference import difference
from learnsys.complete.lexing.leaves import leaves, points, tokens_of, utf8
from learnsys.complete.lexing.near import Around, Region, near
from learnsys.complete.lexing.types import Tokens
from learnsys.core.errors import InputError

if TYPE_CHECKING:
    import tree_sitter


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
    >>> document.mark_read(document.tokens)
    >>> document.edit(13, 14, "abc")
    >>> document.tokens.words[7], document.unchanged(document.tokens)
    ('abc', 7)
    >>> document.edit(15, 16, "d")
    >>> document.leading(16).words[6:8]
    ['(', 'abd']
    """

    def __init__(self, text: str, key: str) -> None:
        self.language = key
        self.text = text
        self._parser = parser(key)
        content = utf8(text)
        self._tree = self._parser.parse(content)
        self._tokens = tokens_of(self._tree, text, content, key)
        self._region: Region | None = None  # that the tokens do not know yet
        self._read: Tokens | None = None
        self._kept = len(text)  # code points at the start of the text that no edit touched since tokens were read

    @property
    def tokens(self) -> Tokens:
        """The tokens of the text as it is now."""
        self._refresh()
        return self._tokens

    def leading(self, offset: int) -> Tokens:
        """Return the tokens that begin before a cursor at code point ``offset``, and maybe more.

        They are `tokens` as far as they go, but for broken texts, of which the parser may see other tokens when it
        reads the whole.
        """
        if self._region is None:
            return self._tokens
        found = near(self._tokens, self.text, self._region, offset, self._parser)
        return self.tokens if found is None else found

    def mark_read(self, found: Tokens) -> None:
        """Let `unchanged` compare with the tokens ``found``, which are of the text as it is now."""
        self._read, self._kept = found, len(self.text)

    def unchanged(self, found: Tokens) -> int:
        """Count the leading tokens of ``found`` that are those that were read; 0 if none were.

        A token is another one if it stands elsewhere, or has another gap before it.
        """
        return 0 if self._read is None else alike(self._read, found, self._kept)

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
        self._region = (self._region or Region(start, end)).edited(start, end, start + len(new))
        self._kept = min(self._kept, start)
        self.text = self.text[:start] + new + self.text[end:]

    def become(self, text: str) -> None:
        """Take over a whole new text as one edit, from the first to the last place where it differs."""
        start, end, new = difference(self.text, text)
        if start < end or new:
            self.edit(start, end, new)

    def tree(self, offset: int = 0, new: str = "") -> "tree_sitter.Tree":
        """Return the syntax tree as it is, or as it would be with ``new`` put in at a code point; nothing changes."""
        self._refresh()
        if not new:
            return self._tree
        text = self.text[:offset] + new + self.text[offset:]
        region = Region(offset, offset + len(new))
        return self._parsed(self._tree.copy(), _Bytes(self.text), _Bytes(text), region)

    def _parsed(
        self, tree: "tree_sitter.Tree", before: "_Bytes", content: "_Bytes", region: Region
    ) -> "tree_sitter.Tree":
        """Parse a text that differs in a region from the one of ``tree``, which is told so."""
        begin, new_end = content.byte(region.begin), content.byte(region.end)
        old_end = before.byte(region.end - len(content.text) + len(before.text))
        tree.edit(
            begin, old_end, new_end,
            _point(before.content, begin), _point(before.content, old_end), _point(content.content, new_end),
        )  # fmt: skip
        return self._parser.parse(content.content, tree)

    def _refresh(self) -> None:
        if self._region is None:
            return
        old_tree, old, region = self._tree, self._tokens, self._region
        content = _Bytes(self.text)
        self._tree = self._parsed(old_tree, _Bytes(old.text), content, region)
        for changed in old_tree.changed_ranges(self._tree):
            region = region.with_range(content.point(changed.start_byte), content.point(changed.end_byte))
        self._tokens = self._spliced(old, region, content) or tokens_of(
            self._tree, self.text, content.content, self.language
        )
        self._region = None

    def _spliced(self, old: Tokens, region: Region, content: "_Bytes") -> Tokens | None:
        """Read the tokens of a region and keep the others; None if one crosses its borders."""
        moved, head, tail = Around.of(old, self.text, region)
        base = int(old.ends[head - 1]) if head else 0
        begin = content.byte(base)
        end = content.byte(int(old.starts[tail]) + moved) if tail < len(old) else len(content.content)
        found = leaves(self._tree, self.language, begin, end)
        if found.begins and (found.begins[0] < begin or found.ends[-1] > end):
            return None
        piece = content.content[begin:end]
        starts, ends = points(piece, found.begins, begin) + base, points(piece, found.ends, begin) + base
        words = [self.text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        return Tokens(
            language=self.language, text=self.text, words=[*old.words[:head], *words, *old.words[tail:]],
            starts=np.concatenate([old.starts[:head], starts, old.starts[tail:] + np.int32(moved)]),
            ends=np.concatenate([old.ends[:head], ends, old.ends[tail:] + np.int32(moved)]),
            kinds=np.concatenate([old.kinds[:head], np.array(found.kinds, np.uint8), old.kinds[tail:]]),
        )  # fmt: skip


@final
class _Bytes:
    """A text as a parser reads it, and its places."""

    def __init__(self, text: str) -> None:
        self.text, self.content = text, utf8(text)

    def byte(self, point: int) -> int:
        """Return the byte at which a code point starts."""
        return point if len(self.content) == len(self.text) else len(utf8(self.text[:point]))

    def point(self, byte: int) -> int:
        """Return the code point that starts at a byte."""
        return byte if len(self.content) == len(self.text) else len(self.content[:byte].decode(errors="ignore"))


def _point(content: bytes, byte: int) -> tuple[int, int]:
    """Return row and column of a byte as tree-sitter counts them."""
    return content.count(b"\n", 0, byte), byte - content.rfind(b"\n", 0, byte) - 1


def alike(old: Tokens, new: Tokens, kept: int) -> int:
    """Count the leading tokens that are the same in both, within the ``kept`` code points that no edit touched."""
    n = min(int(np.searchsorted(found.ends, kept, side="right")) for found in (old, new))
    differs = (old.starts[:n] != new.starts[:n]) | (old.ends[:n] != new.ends[:n]) | (old.kinds[:n] != new.kinds[:n])
    return int(differs.argmax()) if differs.any() else n
