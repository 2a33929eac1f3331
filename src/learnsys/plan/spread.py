"""How far a prediction may be off, from the errors it made where the answer was known.

A handful of probes says little of its own spread, so that each is shrunk to what is usual: a variance has the
weight of ``USUAL_WEIGHT`` more errors of the usual size behind it (the mean of a scaled inverse chi-squared posterior).
"""

from typing import Final, Self, final

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

USUAL_WEIGHT: Final = 3.0
USUAL_SD: Final = 0.06  # of a fit to probes, at a worker count that was probed
USUAL_OCTAVE_SD: Final = 0.12  # one doubling of the workers away from the nearest count that was probed
USUAL_DEEPER_SD: Final = 2.0  # for each e-fold of depth beyond what probes reached: log s, s or s^2 rounds?
# The beginnings of curves do not tell of a slower tail, however well they predict each other: where a target is twice
# as deep as the probes, an interval of 90 % holds ten times the rounds.
LEAST_DEEPER_SD: Final = 2.05


@final
class Spread(Struct, frozen=True, kw_only=True):
    """Standard deviations on a log scale: where probes were, an octave of workers away, an e-fold of depth beyond."""

    near: float
    octave: float
    deeper: float = 0.0

    @classmethod
    def of(cls, residuals: ArrayLike, apart: ArrayLike, deeper: ArrayLike = (), *, free: int | None = None) -> Self:
        """Estimate all from log errors.

        Parameters
        ----------
        residuals : array_like, shape (m,)
            Errors of the fit at its own points.
        apart : array_like, shape (k,)
            Errors at worker counts left out of the fit, divided by the root of their distance in octaves.
        deeper : array_like, shape (j,)
            Errors at the ends of curves of which the fit saw only the beginning, for each e-fold of depth.
        free : int, optional
            Degrees of freedom of the residuals, m if not given.
        """
        r, a, d = (np.asarray(e, float) for e in (residuals, apart, deeper))
        return cls(
            near=_shrunk(r, r.size if free is None else max(free, 0), USUAL_SD),
            octave=_shrunk(a, a.size, USUAL_OCTAVE_SD),
            deeper=max(_shrunk(d, d.size, USUAL_DEEPER_SD), LEAST_DEEPER_SD),
        )

    def at(self, workers: int, seen: ArrayLike, *, beyond: float = 0.0) -> float:
        """Standard deviation at ``workers`` if the counts ``seen`` were probed, ``beyond`` e-folds past their depth.

        Examples
        --------
        >>> Spread(near=0.03, octave=0.1).at(16, [1, 2, 4]) > 0.1
        True
        """
        away = self.octave**2 * octaves(workers, seen)
        return float(np.sqrt(self.near**2 + away + (self.deeper * beyond) ** 2))


def octaves(workers: float, seen: ArrayLike) -> float:
    """Distance from ``workers`` to the nearest count ``seen``, in doublings."""
    return float(np.abs(np.log2(workers / np.asarray(seen, float))).min())


def _shrunk(errors: NDArray[np.float64], free: int, usual: float) -> float:
    return float(np.sqrt((np.sum(errors**2) + USUAL_WEIGHT * usual**2) / (free + USUAL_WEIGHT)))
