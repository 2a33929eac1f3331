"""The tree of brackets and indents over a token stream, left to right: what a stack-LSTM runs on.

Unlike a syntax tree it is the same for a prefix as for the whole text, so the stack is the editor's state.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.languages import language
from learnsys.complete.lexing.types import Kind, Nesting, Tokens

CLOSERS: Final = {")": ("(",), "]": ("[",), "}": ("{", "${"), "#endif": ("#if", "#ifdef", "#ifndef")}
OPENERS: Final = frozenset(opener for openers in CLOSERS.values() for opener in openers)
_BRACKETS: Final = OPENERS | CLOSERS.keys()


def nesting(found: Tokens) -> Nesting:
    """Find for each token the token whose state it goes on from, and the inside of the level it closes.

    An opening token belongs to the level it stands in, and its inside flows down from it. A closing token goes on from
    its opener with what the inside has become. In languages made of indents, the first token of a line that is
    indented less closes the blocks it leaves. A closer without its opener is an ordinary token.

    Examples
    --------
    >>> from learnsys.complete.lexing.leaves import tokens
    >>> tree = nesting(tokens("f(a, b);", "js"))
    >>> tree.previous.tolist(), tree.child.tolist()
    ([-1, 0, 1, 2, 3, 1, 5], [-1, -1, -1, -1, -1, 4, -1])
    """
    n = len(found)
    previous, child, depth = list(range(-1, n - 1)), [-1] * n, [0] * n
    columns = line_columns(found).tolist() if language(found.language).indented else [-1] * n
    standing = OUTSIDE
    for t, (word, kind, column) in enumerate(zip(found.words, found.kinds.tolist(), columns, strict=True)):
        if column >= 0 or word in _BRACKETS:
            standing, previous[t], child[t], depth[t] = step(standing, t, word=word, kind=kind, column=column)
        else:
            depth[t] = standing.level.depth if standing.level else 0
    return Nesting(
        previous=np.array(previous, np.int32), child=np.array(child, np.int32), depth=np.array(depth, np.int32)
    )


class Level(NamedTuple):
    """An open level: its opener's word (empty: an indent) and token, the column around it, how deep its inside is."""

    opener: str
    token: int
    column: int
    depth: int
    outer: "Level | None"


class Standing(NamedTuple):
    """Where the stack machine stands after a token: the innermost open level, and the column of the block.

    It is never changed, so that the one after each token of a document can be kept at no cost.
    """

    level: Level | None = None
    column: int = 0

    @property
    def depth(self) -> int:
        """Levels that are open."""
        return self.level.depth if self.level else 0


class Step(NamedTuple):
    """Where the machine stands after a token, and what `Nesting` says of that token."""

    standing: Standing
    previous: int
    child: int
    depth: int


OUTSIDE: Final = Standing()


def step(standing: Standing, t: int, *, word: str, kind: int, column: int) -> Step:
    """Take in token ``t``; ``column`` is where it starts if it is the first of its line and indents count, else -1."""
    previous, child = t - 1, -1
    if column >= 0 and not (standing.level and standing.level.opener):
        if column > standing.column and t:
            standing = Standing(_inside(standing, "", t - 1), column)
        while column < standing.column and standing.level and not standing.level.opener:
            previous, child = standing.level.token, t - 1
            standing = Standing(standing.level.outer, standing.level.column)
    if kind in (Kind.TEXT, Kind.NAME):
        return Step(standing, previous, child, standing.depth)
    if word in OPENERS:
        return Step(Standing(_inside(standing, word, t), standing.column), previous, child, standing.depth)
    if word in CLOSERS and (closed := _opened(standing.level, word)) is not None:
        standing = Standing(closed.outer, closed.column)
        return Step(standing, closed.token, t - 1, standing.depth)
    return Step(standing, previous, child, standing.depth)


def _inside(standing: Standing, opener: str, token: int) -> Level:
    return Level(opener, token, standing.column, standing.depth + 1, standing.level)


def _opened(level: Level | None, closer: str) -> Level | None:
    """Return the innermost open level that ``closer`` closes, None if there is none."""
    while level is not None and level.opener not in CLOSERS[closer]:
        level = level.outer
    return level


def line_columns(found: Tokens) -> NDArray[np.int32]:
    """Return the column of each token that is the first of its line, -1 for the others."""
    starts = found.starts
    ends = np.flatnonzero(np.frombuffer(found.text.encode("utf-32-le", "surrogatepass"), np.uint32) == ord("\n"))
    lines = np.concatenate([[-1], ends])[np.searchsorted(ends, starts)]  # where the line before each token's ended
    first = lines >= np.concatenate([[0], found.ends[:-1]])[: len(starts)]
    first[:1] = True
    return np.where(first, starts - lines - 1, -1).astype(np.int32)
