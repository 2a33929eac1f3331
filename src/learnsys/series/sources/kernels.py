"""Compiled loops over codes."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def look_up(codes: NDArray[np.int32], numbers: NDArray[np.int32]) -> Any:
    """Find ``numbers[code]`` for each code, shape (n,)."""
    out = np.empty(codes.size, np.int32)
    for i in range(codes.size):
        out[i] = numbers[codes[i]]
    return out
