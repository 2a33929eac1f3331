"""What one look at samples, in the order in which they come, tells of each series, in memory they do not fill.

Gaps from one sample of a series to the next are counted in bins of an eighth of an octave, and their total length is
kept beside: the median gap is the mean of the bin that holds it, which is exact where sampling is regular and within
a few per cent elsewhere.
"""

from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.series.sums.compiled import jit
from learnsys.series.types import Floats

PER_OCTAVE: Final = 8
BINS: Final = 63 * PER_OCTAVE
TICKS_A_SECOND: Final = 10**9

_WHOLE: Final = (("n", 0), ("first", 2**63 - 1), ("last", -(2**63)), ("before", 0), ("repeated", 0), ("disorder", 0),
                 ("quantum", 0))  # fmt: skip
_REAL: Final = (
    ("shift", 0.0),
    ("sum_x", 0.0),
    ("sum_x2", 0.0),
    ("sum_gap2", 0.0),
    ("least", np.inf),
    ("greatest", -np.inf),
)


@final
class Tally:
    """Counts and sums of D series that grow with every chunk; D may grow too.

    Attributes
    ----------
    n, repeated, disorder : ndarray of int64, shape (D,)
        Samples; those at the stamp of the one before; those before the stamp of the one before.
    first, last : ndarray of int64, shape (D,)
        The least and the greatest stamp, nanoseconds.
    quantum : ndarray of int64, shape (D,)
        The greatest common divisor of the gaps, nanoseconds; 0 where there is no gap.
    """

    def __init__(self) -> None:
        self._whole = np.empty((len(_WHOLE), 0), np.int64)
        self._real = np.empty((len(_REAL), 0))
        self._counts = np.empty((0, BINS), np.int64)
        self._lengths = np.empty((0, BINS))

    def add(self, d: int, codes: NDArray[np.int32], t: NDArray[Any], x: NDArray[np.floating]) -> None:
        """Look at samples of ``d`` series.

        Parameters
        ----------
        d : int
            How many series are known.
        codes : ndarray of int32, shape (n,)
        t : ndarray, shape (n,)
            Nanoseconds, or seconds if of float64.
        x : ndarray, shape (n,)

        Raises
        ------
        InputError
            If stamps in seconds are more than 292 years from their origin.
        """
        self._grow(d)
        if t.dtype.kind == "f":
            if t.size and np.abs(t).max() > (2**63 - 1) / TICKS_A_SECOND:
                raise InputError(
                    "stamps reach beyond 292 years", value=float(np.abs(t).max()), next="give another unit="
                )
            t = np.rint(t * TICKS_A_SECOND).astype(np.int64)
        _add(codes, t, x, self._whole, self._real, self._counts, self._lengths)

    def __getattr__(self, name: str) -> NDArray[Any]:
        for rows, kept in ((_WHOLE, "_whole"), (_REAL, "_real")):
            for place, (known, _) in enumerate(rows):
                if name == known:
                    return np.asarray(self.__dict__[kept][place])
        raise AttributeError(name)

    @property
    def mean(self) -> Floats:
        """Mean of the values, shape (D,); NaN without samples."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.shift + self.sum_x / self.n, float)

    @property
    def variance(self) -> Floats:
        """Variance of the values, shape (D,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.maximum(self.sum_x2 / self.n - (self.sum_x / self.n) ** 2, 0.0), float)

    def median_gap_s(self) -> Floats:
        """Median of the gaps that are not 0, in seconds, shape (D,); NaN without one."""
        total = self._counts.sum(axis=1)
        place = (2 * self._counts.cumsum(axis=1) < total[:, None]).sum(axis=1).clip(max=BINS - 1)
        rows = np.arange(len(place))
        with np.errstate(invalid="ignore"):
            return np.asarray(self._lengths[rows, place] / self._counts[rows, place] / TICKS_A_SECOND, float)

    def gap_cv(self) -> Floats:
        """Standard deviation over mean of the gaps that are not 0, shape (D,): 0 on a grid, 1 at random."""
        count, length = self._counts.sum(axis=1), self._lengths.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            square = self.sum_gap2 / count / (length / count) ** 2
        return np.asarray(np.sqrt(np.maximum(square - 1, 0)), float)

    def share_in_gaps(self, times: float) -> Floats:
        """Share of the time between samples that is in gaps of more than ``times`` the median, shape (D,)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            from_bin = np.log2(times * self.median_gap_s() * TICKS_A_SECOND) * PER_OCTAVE
            long = np.arange(BINS) > from_bin[:, None]
            return np.asarray((self._lengths * long).sum(axis=1) / self._lengths.sum(axis=1), float)

    def _grow(self, d: int) -> None:
        more = d - self._whole.shape[1]
        if more <= 0:
            return
        whole, real = (np.array([[start] * more for _, start in rows]) for rows in (_WHOLE, _REAL))
        self._whole = np.concatenate([self._whole, whole], axis=1)
        self._real = np.concatenate([self._real, real], axis=1)
        self._counts = np.concatenate([self._counts, np.zeros((more, BINS), np.int64)])
        self._lengths = np.concatenate([self._lengths, np.zeros((more, BINS))])


@jit
def _add(codes: Any, t: Any, x: Any, whole: Any, real: Any, counts: Any, lengths: Any) -> None:
    """Go through samples; rows of ``whole`` and ``real`` are those of ``_WHOLE`` and ``_REAL``."""
    for i in range(codes.size):
        d, stamp, value = codes[i], t[i], x[i]
        if whole[0, d] == 0:
            real[0, d] = value
        else:
            gap = stamp - whole[3, d]
            if gap == 0:
                whole[4, d] += 1
            elif gap < 0:
                whole[5, d] += 1
            else:
                place = int(np.log2(gap) * PER_OCTAVE)
                counts[d, place] += 1
                lengths[d, place] += gap
                real[3, d] += float(gap) * float(gap)
            a, b = abs(gap), whole[6, d]
            while b:
                a, b = b, a % b
            whole[6, d] = a
        whole[0, d] += 1
        whole[1, d] = min(whole[1, d], stamp)
        whole[2, d] = max(whole[2, d], stamp)
        whole[3, d] = stamp
        off = value - real[0, d]
        real[1, d] += off
        real[2, d] += off * off
        real[4, d] = min(real[4, d], value)
        real[5, d] = max(real[5, d], value)
