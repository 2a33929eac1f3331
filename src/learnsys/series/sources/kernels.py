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
