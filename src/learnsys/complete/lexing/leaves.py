"""Tokens of a text: the leaves of its tree-sitter tree, comments left out.

Leaves of a prefix are nearly always those of the whole text, while the tree above them is not: broken code is normal
at a cursor. Texts whose parser gives up are still tokens: an error node has leaves too.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.languages import Language, grammar, language, parser
from learnsys.complete.lexing.types import Kind, Tokens

if TYPE_CHECKING:
    import tree_sitter


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
    content = text.encode("utf-8", "surrogatepass")
    return of_tree(parser(key).parse(content), text, content, key)


def of_tree(tree: "tree_sitter.Tree", text: str, content: bytes, key: str) -> Tokens:
    """Read the tokens off a tree that is parsed already; ``content`` is ``text`` in UTF-8."""
    kinds = _kinds(key)
    begins: list[int] = []
    ends: list[int] = []
    marks: list[int] = []
    cursor = tree.walk()
    while True:
        if not cursor.goto_first_child():
            node = cursor.node
            kind = kinds[node.kind_id]  # type: ignore[union-attr]
            if kind >= 0 and node.end_byte > node.start_byte:  # type: ignore[union-attr]
                begins.append(node.start_byte)  # type: ignore[union-attr]
                ends.append(node.end_byte)  # type: ignore[union-attr]
                marks.append(kind)
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    starts, stops = (
                        _points(content, np.array(begins, np.int64)),
                        _points(content, np.array(ends, np.int64)),
                    )
                    words = [text[a:b] for a, b in zip(starts.tolist(), stops.tolist(), strict=True)]
                    return Tokens(
                        language=key, text=text, words=words, starts=starts, ends=stops, kinds=np.array(marks, np.uint8)
                    )


@cache
def _kinds(key: str) -> list[int]:
    """Return the kind of every node type of a grammar, -1 for what is no token."""
    spoken, rules = language(key), grammar(key)
    found = [
        _kind(spoken, rules.node_kind_for_id(i) or "", named=rules.node_kind_is_named(i))
        for i in range(rules.node_kind_count)
    ]
    return [*found, *([int(Kind.TEXT)] * (65536 - len(found)))]  # error nodes have the id 65535


def _kind(spoken: Language, kind: str, *, named: bool) -> int:
    if kind in spoken.comments:
        return -1
    if kind in spoken.names:
        return Kind.NAME
    if not named:
        return Kind.KEYWORD if kind.strip("#").isidentifier() else Kind.SIGN
    if any(part in kind for part in ("number", "integer", "float")):
        return Kind.NUMBER
    if any(part in kind for part in ("string", "regex", "character", "escape", "preproc_arg", "content")):
        return Kind.TEXT
    return Kind.KEYWORD


def _points(content: bytes, offsets: NDArray[np.int64]) -> NDArray[np.int32]:
    """Turn byte offsets of UTF-8 into code points."""
    if content.isascii():
        return offsets.astype(np.int32)
    starts = (np.frombuffer(content, np.uint8) & 0xC0) != 0x80
    return np.concatenate([[0], np.cumsum(starts)])[offsets].astype(np.int32)
