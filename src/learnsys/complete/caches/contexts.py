# Numba has no types for its decorators.
# mypy: disable-error-code="untyped-decorator"
"""The contexts of a place in code, as hashes: what stood where one of them was equal may come next here.

Beside the last one to six tokens (the n-grams of Hellendoorn & Devanbu 2017) these are contexts that code has and
prose has not: the call and the position of the argument, the beginning of the line and of the line above, and
n-grams that leave out the last token. All take in how the white space at the cursor shows the line to go on.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.compiled import jit
from learnsys.complete.data.lexicon import Lexicon

ORDERS: Final = 6
KINDS: Final = 14
START: Final = -7  # stands for tokens before the file
_OPENERS: Final = ("(", "[", "{", "${")
_CLOSERS: Final = (")", "]", "}")

Layout = NDArray[np.int32]  # (n + 1, COLUMNS): what stands before token t; see `_LEVEL` ...
_LEVEL: Final = 0  # place of the innermost open bracket
_SLOT: Final = 1  # commas since it
_FIRST: Final = 2  # place of the first token of the line
_ABOVE: Final = 3  # ... of the line above
COLUMNS: Final = 4


def marks(lexicon: Lexicon) -> NDArray[np.int32]:
    """Return the numbers of the brackets that open, those that close, and of the comma."""
    return lexicon.ids((*_OPENERS, *_CLOSERS, ","))


@jit(inline="always")
def _mixed(h: Any, value: Any) -> Any:
    h = (h ^ np.uint64(value + 11)) * np.uint64(0x9E3779B97F4A7C15)
    return h ^ (h >> np.uint64(29))


@jit(inline="always")
def _at(names: Any, t: Any) -> Any:
    return names[t] if t >= 0 else START


@jit()
def advance(
    t: int, names: NDArray[np.int32], lines: NDArray[np.uint8], layout: Layout, signs: NDArray[np.int32]
) -> None:
    """Write what stands before token t + 1 into ``layout[t + 1]``, token t known."""
    now, after, name = layout[t], layout[t + 1], names[t]
    after[:] = now
    if lines[t] != 0 or t == 0:
        after[_ABOVE] = now[_FIRST]
        after[_FIRST] = t
    for i in range(len(signs)):
        if name != signs[i]:
            continue
        if i < 4:
            after[_LEVEL] = t
            after[_SLOT] = 0
        elif i < 7 and now[_LEVEL] >= 0:
            opener = layout[now[_LEVEL]]
            after[_LEVEL] = opener[_LEVEL]
            after[_SLOT] = opener[_SLOT]
        elif i == 7:
            after[_SLOT] += 1


@jit()
def row(t: int, line: int, names: NDArray[np.int32], layout: Layout, out: NDArray[np.uint32]) -> None:
    """Write the hash of each kind of context of token t, which stands on ``line``, into ``out`` (KINDS,)."""
    base = _mixed(np.uint64(1469598103934665603), line)
    h = base
    for order in range(ORDERS):
        h = _mixed(h, _at(names, t - 1 - order))
        out[order] = np.uint32((h >> np.uint64(32)) ^ np.uint64(order))
    level, slot, first, above = layout[t, _LEVEL], layout[t, _SLOT], layout[t, _FIRST], layout[t, _ABOVE]
    last = _at(names, t - 1)
    callee = _at(names, level - 1) if level >= 0 else START
    opener = _at(names, level)
    begin = _at(names, first)
    k = ORDERS
    out[k] = np.uint32(_mixed(_mixed(_mixed(base, 101), _at(names, t - 2)), _at(names, t - 3)) >> np.uint64(32))
    out[k + 1] = np.uint32(
        _mixed(_mixed(_mixed(_mixed(_mixed(base, 102), last), callee), opener), slot) >> np.uint64(32)
    )
    out[k + 2] = np.uint32(
        _mixed(_mixed(_mixed(_mixed(base, 103), callee), _at(names, level - 2) if level > 0 else START), slot)
        >> np.uint64(32)
    )
    out[k + 3] = np.uint32(_mixed(_mixed(_mixed(base, 104), begin), last) >> np.uint64(32))
    line_above = first if line else above
    upper = _at(names, line_above)
    after_upper = _at(names, line_above + 1) if line_above + 1 < t else START
    offset = 0 if line else t - first
    out[k + 4] = np.uint32(
        _mixed(_mixed(_mixed(_mixed(_mixed(base, 105), upper), after_upper), min(offset, 20)), last) >> np.uint64(32)
    )
    out[k + 5] = np.uint32(_mixed(base, 106) >> np.uint64(32))
    out[k + 6] = np.uint32(
        _mixed(_mixed(_mixed(_mixed(base, 107), last), _at(names, t - 3)), _at(names, t - 4)) >> np.uint64(32)
    )
    out[k + 7] = np.uint32(
        _mixed(_mixed(_mixed(_mixed(base, 108), begin), _at(names, first + 1) if first + 1 < t else START), opener)
        >> np.uint64(32)
    )


@jit()
def rows_from(
    begin: int, end: int, names: NDArray[np.int32], lines: NDArray[np.uint8], layout: Layout, signs: NDArray[np.int32]
) -> NDArray[np.uint32]:
    """Return the contexts (end - begin, KINDS) of tokens ``begin`` to ``end`` and write their layout."""
    out = np.empty((end - begin, KINDS), np.uint32)
    for t in range(begin, end):
        row(t, lines[t], names, layout, out[t - begin])
        advance(t, names, lines, layout, signs)
    return out


@jit()
def rows(
    names: NDArray[np.int32], lines: NDArray[np.uint8], signs: NDArray[np.int32]
) -> tuple[NDArray[np.uint32], Layout]:
    """Return the contexts (n, KINDS) of all tokens of a file, and the layout they were read from."""
    n = len(names)
    layout = np.full((n + 1, COLUMNS), -1, np.int32)
    layout[0, _SLOT] = 0
    return rows_from(0, n, names, lines, layout, signs), layout
