"""Nested samples of the rows, from coarse to all of them: where to start, and what to precondition with."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATIO: Final = 8  # each sample has this many times the rows of the one before
LEAST: Final = 10  # rows a column in the smallest sample: its curvature is then within a third of the true one


def strides(n: int, d: int) -> tuple[int, ...]:
    """List one row in how many each sample takes, coarse to fine; the last one is 1.

    Examples
    --------
    >>> strides(327_346, 120), strides(500, 120)
    ((64, 8, 1), (1,))
    """
    count = 1
    while n >= LEAST * d * RATIO**count:
        count += 1
    return tuple(RATIO**k for k in reversed(range(count)))


def one_in(stride: int, n: int, rng: np.random.Generator) -> NDArray[np.int64] | slice:
    """Choose one row at random out of every ``stride`` consecutive ones, at least one in all.

    The choice is spread evenly over the rows, and unlike a fixed stride it cannot be in step with a period of theirs.
    """
    if stride == 1:
        return slice(None)
    m = max(1, n // stride)
    chosen: NDArray[np.int64] = np.minimum(np.arange(m) * stride + rng.integers(0, stride, m), n - 1)
    return chosen
