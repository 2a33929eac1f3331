"""Seconds of one round as a function of workers and rows: the system half of Hemingway.

Ernest (Venkataraman et al., NSDI 2016, sec. 3.2) adds up the ways in which a round grows:

    t(p, n) = c0 + c1 n ceil(p/s)/p + c2 log p + c3 p,    c >= 0

c0 what nothing changes, c1 the work on the critical path, c2 a tree of messages, c3 a message per worker. Of p
partitions s (slots) are computed at once, so that the longest line of work holds ceil(p/s) of them; on a cluster
s >= p and the term is Ernest's n/p.
"""

from typing import Final, final

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from learnsys.plan.relative import fit_relative
from learnsys.plan.spread import Spread, octaves

TINY_S: Final = 1e-9
TERMS: Final = ("fixed", "work", "tree", "fan-in")

# What messages cost shows least where probes are cheapest. On 125 contexts of C3O's Spark jobs (3 scale-outs predict
# the rest) this price of the last two terms took the mean error from 9.5 % (median 6.4) to 6.1 % (4.5); half and twice
# of it give 7 to 8 %.
PRICE: Final = (0.0, 0.0, 0.17, 0.17)

# Seconds are extrapolated from a sample to all rows through caches and memory: a wider interval for each e-fold.
ROWS_SD: Final = 0.05


def features(workers: ArrayLike, rows: ArrayLike, slots: ArrayLike | None = None) -> NDArray[np.float64]:
    """Stack the terms, one row per observation, shape (m, 4); as many slots as workers if not given."""
    given = (workers, rows, workers if slots is None else slots)
    p, n, s = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, float)) for v in given))
    return np.column_stack([np.ones_like(p), n * np.ceil(p / s) / p, np.log(p), p])


@final
class Throughput(Struct, frozen=True, kw_only=True):
    """A fitted model of seconds per round.

    ``spread`` holds its errors on a log scale, ``workers`` the counts and ``rows`` the most rows that it has seen.
    """

    coefficients: tuple[float, ...]
    spread: Spread
    workers: tuple[int, ...]
    rows: float

    def seconds(self, workers: ArrayLike, rows: ArrayLike, slots: ArrayLike | None = None) -> NDArray[np.float64]:
        """Predict seconds per round, shape of the broadcast arguments (at least one dimension)."""
        seconds: NDArray[np.float64] = features(workers, rows, slots) @ np.array(self.coefficients)
        return seconds

    def log_sd(self, workers: int, rows: float) -> float:
        """Standard deviation of the logarithm of the true seconds around the predicted ones."""
        return float(np.hypot(self.spread.at(workers, self.workers), ROWS_SD * abs(np.log(rows / self.rows))))


def fit_throughput(
    workers: ArrayLike, rows: ArrayLike, seconds: ArrayLike, *, slots: ArrayLike | None = None
) -> Throughput:
    """Fit Ernest's terms by non-negative least squares on relative errors, with a price on the last two.

    Parameters
    ----------
    workers, rows : array_like, shape (m,)
        Workers and data rows of each observed kind of round.
    seconds : array_like, shape (m,)
        Wall seconds of the round, > 0.
    slots : array_like, shape (m,), optional
        Workers that ran at once; all of them if not given.

    Examples
    --------
    >>> model = fit_throughput([1, 2, 4], [1e6] * 3, [8.2, 4.2, 2.2])
    >>> round(float(model.seconds(8, 1e6)[0]), 1)
    1.2

    References
    ----------
    Venkataraman et al., "Ernest: Efficient Performance Prediction for Large-Scale Advanced Analytics", NSDI 2016.
    """
    p, n, t = (np.asarray(v, float) for v in (workers, rows, seconds))
    F = features(p, n, slots)
    c = fit_relative(F, t, price=PRICE)
    apart = []
    for left in np.unique(p) if np.unique(p).size > 1 else []:
        out = p == left
        rest = fit_relative(F[~out], t[~out], price=PRICE)
        apart.append(np.mean(np.log(np.maximum(F[out] @ rest, TINY_S) / t[out])) / np.sqrt(octaves(left, p[~out])))
    return Throughput(
        coefficients=tuple(c.tolist()),
        spread=Spread.of(np.log(F @ c / t), apart, free=len(t) - int(np.count_nonzero(c))),
        workers=tuple(int(q) for q in np.unique(p)),
        rows=float(n.max()),
    )
