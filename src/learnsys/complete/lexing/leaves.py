"""Tokens of a text: the leaves of its tree-sitter tree, comments and line ends left out.

Leaves of a prefix are nearly always those of the whole text, while the tree above them is not: broken code is normal
at a cursor. Texts whose parser gives up are still tokens: an error node has leaves too.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.languages import Language, grammar, language, parser
from learnsys.complete.lexing.types import Kind, Tokens

if TYPE_CHECKING:
    import tree_sitter

QUOTE: Final = re.compile(r"[A-Za-z0-9]{0,2}(\"\"\"|'''|\"|'|`)")
"""A token that begins or ends a string."""
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_QUOTED: Final = ("string", "regex", "character", "escape", "preproc_arg", "content", "jsx_text", "format_specifier")


class Leaves(NamedTuple):
    """Where leaves begin and end in bytes, and the `Kind` of each."""

    begins: list[int]
    ends: list[int]
    kinds: list[int]


def tokens(text: str, key: str) -> Tokens:
    """Split ``text`` into the tokens of a language.

    Examples
    --------
    >>> found = tokens("let total = f(1) // sum", "js")
    >>> found.words
    ['let', 'total', '=', 'f', '(', '1', ')']
    >>> found.gap(7)
    ' // sum'
    """
    content = utf8(text)
    return tokens_of(parser(key).parse(content), text, content, key)


def tokens_of(tree: "tree_sitter.Tree", text: str, content: bytes, key: str) -> Tokens:
    """Read the tokens off a tree that is parsed already; ``content`` is ``text`` as `utf8` gives it."""
    found = leaves(tree, key)
    starts, ends = points(content, found.begins), points(content, found.ends)
    return Tokens(
        language=key, text=text, words=[text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)],
        starts=starts, ends=ends, kinds=np.array(found.kinds, np.uint8),
    )  # fmt: skip


def utf8(text: str) -> bytes:
    """Encode a text for a parser; half of a surrogate pair, which UTF-8 has no bytes for, becomes U+FFFD.

    Code points keep their number of bytes, so that places in the text do not move.
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode()


def leaves(tree: "tree_sitter.Tree", key: str, begin: int = 0, end: int | None = None) -> Leaves:
    """Read the tokens off a tree, in order: those that end after byte ``begin`` and begin before byte ``end``."""
    kinds, whole = kinds_of(key), whole_types(key)
    found = Leaves([], [], [])
    cursor = tree.walk()
    if not tree.root_node.child_count and not tree.root_node.is_error:
        return found
    while not (whole and _id(cursor) in whole) and cursor.goto_first_child_for_byte(begin) is not None:
        pass
    while True:
        if (whole and _id(cursor) in whole) or not cursor.goto_first_child():
            node = cursor.node
            assert node is not None
            start, stop, kind = node.start_byte, node.end_byte, kinds[node.kind_id]
            if end is not None and start >= end:
                return found
            if kind >= 0 and stop > max(start, begin):
                found.begins.append(start)
                found.ends.append(stop)
                found.kinds.append(kind)
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return found


def _id(cursor: "tree_sitter.TreeCursor") -> int:
    node = cursor.node
    assert node is not None
    return node.kind_id


@cache
def kinds_of(key: str) -> list[int]:
    """Return the kind of every node type of a grammar, -1 for what is no token."""
    spoken, rules = language(key), grammar(key)
    names = [rules.node_kind_for_id(i) or "" for i in range(rules.node_kind_count)]
    found = [_kind(spoken, name, named=rules.node_kind_is_named(i)) for i, name in enumerate(names)]
    return [*found, *([int(Kind.TEXT)] * (65536 - len(found)))]  # error nodes have the id 65535


@cache
def whole_types(key: str) -> frozenset[int]:
    """Return the numbers of the inner node types that are one token."""
    rules = grammar(key)
    return frozenset(i for i in range(rules.node_kind_count) if rules.node_kind_for_id(i) in language(key).whole)


def _kind(spoken: Language, kind: str, *, named: bool) -> int:
    if kind in spoken.comments or kind.isspace():
        return -1
    if kind in spoken.names:
        return Kind.NAME
    if not named:
        return Kind.KEYWORD if kind.strip("#").isidentifier() else Kind.SIGN
    if any(part in kind for part in ("number", "integer", "float")):
        return Kind.NUMBER
    if any(part in kind for part in _QUOTED):
        return Kind.TEXT
    return Kind.KEYWORD


def points(content: bytes, offsets: Sequence[int], begin: int = 0) -> NDArray[np.int32]:
    """Turn byte offsets into code points of ``content``, which starts at byte ``begin``."""
    places = np.array(offsets, np.int64) - begin
    if not content.isascii():
        starts = (np.frombuffer(content, np.uint8) & 0xC0) != 0x80
        places = np.concatenate([[0], np.cumsum(starts)])[places]
    return places.astype(np.int32)
