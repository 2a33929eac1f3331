"""The tree of brackets and indents over a token stream, left to right: what a stack-LSTM runs on.

Unlike a syntax tree it is the same for a prefix as for the whole text, so the stack is the editor's state.
"""

from typing import Final

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
    stack: list[tuple[str, int, int]] = []  # opener's word (empty: an indent), its token, column of the level
    column = 0
    for t, (word, kind, here) in enumerate(zip(found.words, found.kinds.tolist(), columns, strict=True)):
        if here >= 0 and not (stack and stack[-1][0]):
            if here > column and t:
                stack.append(("", t - 1, column))
                column = here
            while here < column and stack and not stack[-1][0]:
                _, previous[t], column = stack.pop()
                child[t] = t - 1
        depth[t] = len(stack)
        if word not in _BRACKETS or kind == Kind.TEXT or kind == Kind.NAME:
            continue
        if word in OPENERS:
            stack.append((word, t, column))
        elif (at := _opener(stack, word)) is not None:
            _, previous[t], column = stack[at]
            del stack[at:]
            child[t] = t - 1
            depth[t] = len(stack)
    return Nesting(
        previous=np.array(previous, np.int32), child=np.array(child, np.int32), depth=np.array(depth, np.int32)
    )


def _opener(stack: list[tuple[str, int, int]], closer: str) -> int | None:
    """Return where in the stack the opener of ``closer`` is, None if it has none."""
    for at in range(len(stack) - 1, -1, -1):
        if stack[at][0] in CLOSERS[closer]:
            return at
    return None


def line_columns(found: Tokens) -> NDArray[np.int32]:
    """Return the column of each token that is the first of its line, -1 for the others."""
    starts = found.starts
    ends = np.flatnonzero(np.frombuffer(found.text.encode("utf-32-le", "surrogatepass"), np.uint32) == ord("\n"))
    lines = np.concatenate([[-1], ends])[np.searchsorted(ends, starts)]  # where the line before each token's ended
    first = lines >= np.concatenate([[0], found.ends[:-1]])[: len(starts)]
    first[:1] = True
    return np.where(first, starts - lines - 1, -1).astype(np.int32)
