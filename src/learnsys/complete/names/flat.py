"""A syntax tree as flat lists in depth-first order: naming looks at every node many times, and lists are fast.

Nodes are the named ones of tree-sitter, comments among them, and anonymous ones that fill a field (operators,
``const``). The subtree of node i is ``i .. last[i]``.
"""

from collections.abc import Iterator
from typing import final

import msgspec
import numpy as np

from learnsys.complete.languages import parser


@final
class Flat(msgspec.Struct, frozen=True, kw_only=True):
    """The tree of ``text``; node 0 is the root.

    Attributes
    ----------
    language, text : str
        Key of the language, and the whole text.
    types, fields : list of str
        Type of each node, and which field of its parent it fills (empty: none).
    parents, last : list of int
        Parent of each node (-1: none), and the last node of its subtree.
    starts, ends : list of int
        Code points in ``text``.
    """

    language: str
    text: str
    types: list[str]
    fields: list[str]
    parents: list[int]
    last: list[int]
    starts: list[int]
    ends: list[int]

    def __len__(self) -> int:
        return len(self.types)

    def spelled(self, i: int) -> str:
        """Return the text of node ``i``."""
        return self.text[self.starts[i] : self.ends[i]]

    def children(self, i: int) -> Iterator[int]:
        """Yield the children of node ``i`` in order."""
        child, end = i + 1, self.last[i]
        while child <= end:
            yield child
            child = self.last[child] + 1

    def field(self, i: int, name: str) -> int:
        """Return the first child of ``i`` that fills field ``name``, -1 if none does."""
        return next((child for child in self.children(i) if self.fields[child] == name), -1)

    def is_leaf(self, i: int) -> bool:
        """Tell whether a node has no children."""
        return self.last[i] == i

    def within(self, i: int, kinds: frozenset[str]) -> int:
        """Return the nearest ancestor of ``i`` whose type is among ``kinds``, -1 if there is none."""
        parent = self.parents[i]
        while parent >= 0 and self.types[parent] not in kinds:
            parent = self.parents[parent]
        return parent


def flat(text: str, language: str) -> Flat:
    """Parse ``text``; broken code has a tree too.

    Examples
    --------
    >>> tree = flat("a + 1", "js")
    >>> tree.types, tree.spelled(3)
    (['program', 'expression_statement', 'binary_expression', 'identifier', '+', 'number'], 'a')
    """
    content = text.encode("utf-8", "surrogatepass")
    cursor = parser(language).parse(content).walk()
    types: list[str] = []
    fields: list[str] = []
    parents: list[int] = []
    last: list[int] = []
    spans: list[tuple[int, int]] = []
    path: list[int] = []  # number of each node from the root to the cursor, -1 for one left out
    here = -1
    while True:
        node, field = cursor.node, cursor.field_name
        assert node is not None  # a cursor stands on one; only its type leaves that open
        path.append(here)
        if node.is_named or field:
            parents.append(here)
            here = len(types)
            types.append(node.type)
            fields.append(field or "")
            last.append(here)
            spans.append(node.byte_range)
        if cursor.goto_first_child():
            continue
        while True:
            if here >= 0:
                last[here] = len(types) - 1
            here = path.pop()
            if cursor.goto_next_sibling():
                break
            if not cursor.goto_parent():
                starts, ends = _points(content, spans)
                return Flat(
                    language=language, text=text, types=types, fields=fields, parents=parents, last=last,
                    starts=starts, ends=ends,
                )  # fmt: skip


def _points(content: bytes, spans: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Turn byte offsets into code points."""
    offsets = np.array(spans, np.int64).reshape(-1, 2)
    if not content.isascii():
        begins = (np.frombuffer(content, np.uint8) & 0xC0) != 0x80
        offsets = np.concatenate([[0], np.cumsum(begins)])[offsets]
    return offsets[:, 0].tolist(), offsets[:, 1].tolist()
