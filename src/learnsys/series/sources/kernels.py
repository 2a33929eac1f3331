"""Compiled loops over codes of series."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnsys.series.sums.compiled import jit


@jit
def look_up(codes: NDArray[np.int32], numbers: NDArray[np.int32]) -> Any:
    """Find ``numbers[code]`` for each code, shape (n,)."""
    out = np.empty(codes.size, np.int32)
    for i in range(codes.size):
        out[i] = numbers[codes[i]]
    return out


@jit
def since(t: NDArray[np.int64], t0: int) -> Any:
    """Subtract an origin from nanoseconds, and then turn them into seconds, shape (n,)."""
    out = np.empty(t.size)
    for i in range(t.size):
        out[i] = (t[i] - t0) / 1e9
    return out


@jit
def place(chunk: Any, origin: Any, at: NDArray[np.int64], last: Any, out: Any) -> Any:
    """Put samples behind those of their series; False as soon as one is before the one before.

    Parameters
    ----------
    chunk : tuple
        Numbers of series, stamps and values.
    origin : tuple
        What is subtracted from stamps, and how many ticks a second has.
    at, last : ndarray, shape (D,)
        Where the next sample of each series goes, and the stamp of its last one; both are moved on.
    out : tuple
        Seconds, values, and whether a sample is at the stamp of the one before; series after series.
    """
    codes, t, x = chunk
    t0, ticks = origin
    seconds, values, again, starts = out
    for i in range(codes.size):
        d = codes[i]
        k = at[d]
        if k > starts[d]:
            if t[i] < last[d]:
                return False
            again[k] = t[i] == last[d]
        last[d] = t[i]
        seconds[k] = (t[i] - t0) / ticks
        values[k] = x[i]
        at[d] = k + 1
    return True
