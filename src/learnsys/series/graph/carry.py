# mypy: disable-error-code="untyped-decorator"
"""Operations that look at neighbours, on rows of many series as they come: what a series was like is carried along."""

import numpy as np

from learnsys.series.sums.compiled import jit

KEEP, MEAN, FIRST, LAST = range(4)


@jit
def merge_stamps(  # type: ignore[no-untyped-def]
    codes, t, x, state, policy, out
):
    """Make one row of those of a series at one stamp; each waits until the next stamp of its series.

    Parameters
    ----------
    state : tuple
        Of each series: the stamp that waits, its value (of a mean: the sum), and of how many rows.
    out : tuple
        Series, stamps and values of rows that go on; as long as ``codes``.

    Returns
    -------
    int
        How many go on; -1 if a series' stamps are not in order.
    """
    at, value, count = state
    to_codes, to_t, to_x = out
    n = 0
    for i in range(codes.size):
        d = codes[i]
        if count[d] > 0 and t[i] == at[d]:
            if policy == MEAN:
                value[d] += x[i]
            elif policy == LAST:
                value[d] = x[i]
            count[d] += 1
            continue
        if count[d] > 0:
            if t[i] < at[d]:
                return -1
            to_codes[n], to_t[n] = d, at[d]
            to_x[n] = value[d] / count[d] if policy == MEAN else value[d]
            n += 1
        at[d], value[d], count[d] = t[i], x[i], 1
    return n


@jit
def increments(  # type: ignore[no-untyped-def]
    codes, t, x, state, out
):
    """Take increments of each series, at the middle of intervals; as ``merge_stamps``."""
    at, value, count = state
    to_codes, to_t, to_x = out
    n = 0
    for i in range(codes.size):
        d = codes[i]
        if count[d] > 0:
            if t[i] < at[d]:
                return -1
            to_codes[n], to_t[n], to_x[n] = d, 0.5 * (at[d] + t[i]), x[i] - value[d]
            n += 1
        at[d], value[d], count[d] = t[i], x[i], 1
    return n


@jit
def count_rows(  # type: ignore[no-untyped-def]
    codes, t, x, table
):
    """Count rows, first and last stamps, sums and squares of values relative to the first; ``table``: shape (6, D)."""
    for i in range(codes.size):
        d = codes[i]
        if table[0, d] == 0:
            table[1, d] = table[2, d] = t[i]
            table[3, d] = x[i]
        table[0, d] += 1
        table[1, d] = min(table[1, d], t[i])
        table[2, d] = max(table[2, d], t[i])
        away = x[i] - table[3, d]
        table[4, d] += away
        table[5, d] += away * away


def grown(columns: tuple[np.ndarray, ...], d: int) -> tuple[np.ndarray, ...]:
    """Make room for ``d`` series along the last axis."""
    return tuple(
        np.concatenate([c, np.zeros((*c.shape[:-1], max(d - c.shape[-1], 0)), c.dtype)], axis=-1) for c in columns
    )
