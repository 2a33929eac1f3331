"""A syntax tree as a sequence: open a node, a leaf, close it; or as pairs of a node type and a token.

The events are what a stack machine reads that both goes down into a tree and comes up from it. The pairs are those of
Liu et al. 2017, "Neural Code Completion", section 3: nodes in depth-first order, each with two bits (has a child, has a
sibling to its right), from which the tree follows, and the token of a leaf.
"""

from enum import IntEnum
from functools import cache
from typing import final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.languages import grammar, parser
from learnsys.complete.lexing.leaves import kinds_of, tokens_of, utf8, whole_types
from learnsys.complete.lexing.types import Nesting, Tokens


class Action(IntEnum):
    """What happens at an event."""

    OPEN = 0
    LEAF = 1
    CLOSE = 2


@final
class Events(msgspec.Struct, frozen=True, kw_only=True):
    """The m events of a syntax tree, from left to right.

    Attributes
    ----------
    tokens : Tokens
        Of the text; the leaves are these, in order.
    actions : (m,) uint8
        Values of `Action`.
    types : (m,) int32
        Node type, in `node_types`; of a closing event, that of the node it closes.
    leaves : (m,) int32
        Token of a leaf, else -1.
    nesting : Nesting
        Over events: an event goes on from the one before it, but closing from what was before its node was opened,
        with the last event inside as ``child``.
    """

    tokens: Tokens
    actions: NDArray[np.uint8]
    types: NDArray[np.int32]
    leaves: NDArray[np.int32]
    nesting: Nesting

    def __len__(self) -> int:
        return len(self.actions)


@final
class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """The n nodes of a syntax tree in depth-first order.

    Attributes
    ----------
    types : (n,) int32
        Node type, in `node_types`.
    has_child, has_sibling : (n,) bool
        Whether a node has a child, and a sibling to its right.
    parents : (n,) int32
        Node above, -1 for the root.
    leaves : (n,) int32
        Token of a leaf, -1 for the empty terminal of an inner node.
    """

    types: NDArray[np.int32]
    has_child: NDArray[np.bool_]
    has_sibling: NDArray[np.bool_]
    parents: NDArray[np.int32]
    leaves: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.types)

    @property
    def nonterminals(self) -> NDArray[np.int32]:
        """Type and bits as one number, (n,): what the paper calls N; below four times the number of node types."""
        return 4 * self.types + 2 * self.has_child + self.has_sibling


@cache
def node_types(key: str) -> tuple[str, ...]:
    """Return the names of the node types of a language; those of signs and keywords are in quotes, errors are last."""
    rules = grammar(key)
    ids = range(rules.node_kind_count)
    names = (_name(rules.node_kind_for_id(i), rules.node_kind_is_named(i)) for i in ids)
    return (*dict.fromkeys(names), "ERROR")


def events(text: str, key: str) -> Events:
    """Read the events of a text; nodes that hold nothing, and comments, are left out.

    Examples
    --------
    >>> found = events("f(a)", "js")
    >>> names = node_types("js")
    >>> for action, kind, leaf in zip(found.actions, found.types, found.leaves):
    ...     print(Action(action).name, names[kind] if leaf < 0 else found.tokens.words[leaf])
    OPEN program
    OPEN expression_statement
    OPEN call_expression
    LEAF f
    OPEN arguments
    LEAF (
    LEAF a
    LEAF )
    CLOSE arguments
    CLOSE call_expression
    CLOSE expression_statement
    CLOSE program
    """
    content = utf8(text)
    tree = parser(key).parse(content)
    types, kinds, whole = _type_numbers(key), kinds_of(key), whole_types(key)
    found = _Reader()
    cursor = tree.walk()
    while True:
        node = cursor.node
        assert node is not None
        wide = node.end_byte > node.start_byte
        if wide and node.kind_id not in whole and cursor.goto_first_child():
            found.open(types[node.kind_id])
            continue
        if wide and kinds[node.kind_id] >= 0 and (cursor.depth > 0 or node.is_error):
            found.leaf(types[node.kind_id])
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found.events(tokens_of(tree, text, content, key))
            found.close()


def pairs(found: Events) -> Pairs:
    """Turn events into the pairs of node types and tokens.

    Examples
    --------
    >>> made = pairs(events("f(a)", "js"))
    >>> for i in (2, 3):
    ...     print(node_types("js")[made.types[i]], made.has_child[i], made.has_sibling[i], made.leaves[i])
    call_expression True False -1
    identifier False True 0
    """
    parents: list[int] = []
    above: list[int] = []
    last_child: dict[int, int] = {}  # of a node
    for action in found.actions.tolist():
        if action == Action.CLOSE:
            above.pop()
            continue
        node, parent = len(parents), above[-1] if above else -1
        parents.append(parent)
        last_child[parent] = node
        if action == Action.OPEN:
            above.append(node)
    n = len(parents)
    keep = found.actions != Action.CLOSE
    has_sibling = np.ones(n, np.bool_)
    has_sibling[list(last_child.values())] = False
    has_child = np.zeros(n, np.bool_)
    has_child[[node for node in last_child if node >= 0]] = True
    return Pairs(
        types=found.types[keep], has_child=has_child, has_sibling=has_sibling,
        parents=np.array(parents, np.int32), leaves=found.leaves[keep],
    )  # fmt: skip


class _Reader:
    """Collects events while a tree is walked."""

    def __init__(self) -> None:
        self.actions: list[int] = []
        self.types: list[int] = []
        self.leaves: list[int] = []
        self.previous: list[int] = []
        self.child: list[int] = []
        self.depth: list[int] = []
        self.above: list[int] = []  # opening events
        self.n_leaves = 0

    def open(self, kind: int) -> None:
        """Go down into a node."""
        self._add(Action.OPEN, kind, -1, len(self.actions) - 1)
        self.above.append(len(self.actions) - 1)

    def leaf(self, kind: int) -> None:
        """Read a leaf."""
        self._add(Action.LEAF, kind, self.n_leaves, len(self.actions) - 1)
        self.n_leaves += 1

    def close(self) -> None:
        """Come up from the node that was opened last."""
        opener = self.above.pop()
        inside = len(self.actions) - 1
        self._add(Action.CLOSE, self.types[opener], -1, self.previous[opener])
        self.child[-1] = inside

    def _add(self, action: Action, kind: int, leaf: int, previous: int) -> None:
        self.depth.append(len(self.above))
        self.actions.append(action)
        self.types.append(kind)
        self.leaves.append(leaf)
        self.previous.append(previous)
        self.child.append(-1)

    def events(self, tokens: Tokens) -> Events:
        """Return what was read."""
        tree = Nesting(
            previous=np.array(self.previous, np.int32), child=np.array(self.child, np.int32),
            depth=np.array(self.depth, np.int32),
        )  # fmt: skip
        return Events(
            tokens=tokens, actions=np.array(self.actions, np.uint8), types=np.array(self.types, np.int32),
            leaves=np.array(self.leaves, np.int32), nesting=tree,
        )  # fmt: skip


def _name(kind: str | None, named: bool) -> str:
    return (kind or "") if named else f"'{kind}'"


@cache
def _type_numbers(key: str) -> list[int]:
    """Return the place in `node_types` of every number that a grammar gives to a node."""
    rules, names = grammar(key), node_types(key)
    place = {name: i for i, name in enumerate(names)}
    known = [place[_name(rules.node_kind_for_id(i), rules.node_kind_is_named(i))] for i in range(rules.node_kind_count)]
    return [*known, *([len(names) - 1] * (65536 - len(known)))]  # error nodes have the number 65535
