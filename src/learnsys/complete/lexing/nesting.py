"""The tree of brackets and indents over a token stream, left to right: what a stack-LSTM runs on.

Unlike a syntax tree it is the same for a prefix as for the whole text, so the stack is the editor's state.
"""

from typing import Final

import numpy as np

from learnsys.complete.languages import language
from learnsys.complete.lexing.types import Kind, Nesting, Tokens

CLOSERS: Final = {")": ("(",), "]": ("[",), "}": ("{", "${"), "#endif": ("#if", "#ifdef", "#ifndef")}
OPENERS: Final = frozenset(opener for openers in CLOSERS.values() for opener in openers)


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
    previous = np.arange(-1, n - 1, dtype=np.int32)
    child = np.full(n, -1, np.int32)
    depth = np.zeros(n, np.int32)
    columns = line_columns(found) if language(found.language).indented else None
    stack: list[tuple[str, int, int]] = []  # opener's word (empty: an indent), its token, column of the level
    column = 0
    for t, (word, kind) in enumerate(zip(found.words, found.kinds.tolist(), strict=True)):
        if columns is not None and (here := columns[t]) >= 0 and not (stack and stack[-1][0]):
            if here > column and t:
                stack.append(("", t - 1, column))
                column = here
            while here < column and stack and not stack[-1][0]:
                _, previous[t], column = stack.pop()
                child[t] = t - 1
        depth[t] = len(stack)
        if kind == Kind.TEXT or kind == Kind.NAME:
            continue
        if word in OPENERS:
            stack.append((word, t, column))
        elif word in CLOSERS and (at := _opener(stack, word)) is not None:
            _, previous[t], column = stack[at]
            del stack[at:]
            child[t] = t - 1
            depth[t] = len(stack)
    return Nesting(previous=previous, child=child, depth=depth)


def _opener(stack: list[tuple[str, int, int]], closer: str) -> int | None:
    """Return where in the stack the opener of ``closer`` is, None if it has none."""
    for at in range(len(stack) - 1, -1, -1):
        if stack[at][0] in CLOSERS[closer]:
            return at
    return None


def line_columns(found: Tokens) -> list[int]:
    """Return the column of each token that is the first of its line, -1 for the others."""
    columns = []
    for t, start in enumerate(found.starts.tolist()):
        line = found.text.rfind("\n", int(found.ends[t - 1]) if t else 0, start)
        columns.append(start - line - 1 if line >= 0 else (start if t == 0 else -1))
    return columns
