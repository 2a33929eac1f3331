"""Decide under a deadline: the cheapest machine whose upper bound on time is early enough.

The bound is one-sided and calibrated: of the times of workloads that the model had not seen, a share p lay below it.
Deciding on the mean instead misses every other deadline that is tight.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def order(
    cost: Floats, seconds: Floats, probability: Floats, p: float, usable: NDArray[np.bool_] | None = None
) -> tuple[Indices, int]:
    """Put machines that end in time with probability ``p`` first, the cheapest leading; then the likeliest others.

    Parameters
    ----------
    cost : ndarray, shape (V,)
        What to minimise: dollars, or seconds.
    seconds : ndarray, shape (V,)
        What tells machines apart that are as unlikely as each other.
    probability : ndarray, shape (V,)
        Of ending within the deadline, or of what else is asked for.
    p : float
        The probability that is enough.
    usable : ndarray of bool, shape (V,), optional
        Machines that do the job at all; the others go last.

    Returns
    -------
    order : ndarray of int, shape (V,)
    feasible : int
        How many of the first are usable and end in time.

    Examples
    --------
    >>> import numpy as np
    >>> rank, n = order(np.array([1.0, 2.0, 3.0]), np.ones(3), np.array([0.5, 0.95, 0.99]), 0.9)
    >>> rank.tolist(), n
    ([1, 2, 0], 2)
    """
    able = np.ones(cost.size, bool) if usable is None else usable
    early = able & (probability >= p)
    likely = np.where(early, 0.0, -np.round(probability, 2))
    return np.lexsort((np.where(early, cost, seconds), likely, ~able, ~early)), int(early.sum())
