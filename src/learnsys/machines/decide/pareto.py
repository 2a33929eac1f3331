"""The Pareto front of time and cost: machines that no other beats in both."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def front(time: ArrayLike, cost: ArrayLike) -> NDArray[np.intp]:
    """Find the points that no other is at least as good as in both coordinates and better in one.

    Parameters
    ----------
    time, cost : array_like, shape (n,)
        Less is better; a point with a NaN is never on the front.

    Returns
    -------
    ndarray of int
        From fast and dear to slow and cheap. Of equal points the first counts.

    Examples
    --------
    >>> front([3, 1, 2, 2], [1, 5, 4, 9]).tolist()
    [1, 2, 0]
    """
    t, c = np.asarray(time, float), np.asarray(cost, float)
    order = np.lexsort((c, t))
    order = order[np.isfinite(t[order]) & np.isfinite(c[order])]
    least = np.minimum.accumulate(np.concatenate([[np.inf], c[order]]))[:-1]
    best: NDArray[np.intp] = order[c[order] < least]
    return best
