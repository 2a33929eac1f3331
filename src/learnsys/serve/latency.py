"""Latencies in a few numbers: nearest-rank percentiles and a histogram with logarithmic bins.

A percentile by nearest rank is a latency that some request really had: the smallest one that at
least a share q of all did not exceed.
"""

import math
from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike

BINS_A_DECADE: Final = 20


@final
class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    """Nearest-rank percentiles, in seconds."""

    p50_s: float
    p90_s: float
    p99_s: float
    p999_s: float
    max_s: float

    @classmethod
    def of(cls, seconds: ArrayLike) -> Self:
        """Take the percentiles of one or more samples of any order.

        Examples
        --------
        >>> Percentiles.of([0.003, 0.001, 0.002]).p50_s
        0.002
        """
        ordered = np.sort(np.asarray(seconds, float))
        p50, p90, p99, p999 = (float(ordered[math.ceil(q * ordered.size) - 1]) for q in (0.5, 0.9, 0.99, 0.999))
        return cls(p50_s=p50, p90_s=p90, p99_s=p99, p999_s=p999, max_s=float(ordered[-1]))


@final
class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """How many latencies lie in [low, high)."""

    low_s: float
    high_s: float
    count: int


def histogram(seconds: ArrayLike) -> tuple[Bin, ...]:
    """Count positive samples in bins whose edges are the powers 10^(k/20) of a second.

    Examples
    --------
    >>> [(round(b.low_s, 4), b.count) for b in histogram([0.0011, 0.0011, 0.0013])]
    [(0.001, 2), (0.0013, 1)]
    """
    x = np.asarray(seconds, float)
    if not x.size:
        return ()
    k = np.floor(BINS_A_DECADE * np.log10(np.maximum(x, 1e-9))).astype(int)
    values, counts = np.unique(k, return_counts=True)
    return tuple(
        Bin(low_s=_edge(int(v)), high_s=_edge(int(v) + 1), count=int(c)) for v, c in zip(values, counts, strict=True)
    )


def _edge(k: int) -> float:
    return float(10.0 ** (k / BINS_A_DECADE))


@final
class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """Requests due in one slice of time: how many, how many answered within the SLO, and their latencies."""

    start_s: float
    width_s: float
    due: int
    within: int
    p50_s: float | None
    p99_s: float | None


def slices(
    due_s: ArrayLike, latency_s: ArrayLike, answered: ArrayLike, *, slo_s: float, most: int = 60
) -> tuple[Slice, ...]:
    """Cut time into at most ``most`` slices of equal width.

    Parameters
    ----------
    due_s, latency_s : array_like, shape (n,)
        When each request was due and how long its answer took, in seconds.
    answered : array_like of bool, shape (n,)
        Whether it was answered as asked; only those count for percentiles.
    slo_s : float
        Latency up to which an answer is within the SLO.
    """
    due, latency, good = np.asarray(due_s, float), np.asarray(latency_s, float), np.asarray(answered, bool)
    if not due.size:
        return ()
    width = _round_up(float(due.max()) / most)
    which = np.floor(due / width).astype(int)
    return tuple(_slice(k * width, width, latency[which == k], good[which == k], slo_s) for k in range(which.max() + 1))


def _slice(start: float, width: float, latency: np.ndarray, good: np.ndarray, slo_s: float) -> Slice:
    answered = Percentiles.of(latency[good]) if good.any() else None
    return Slice(
        start_s=start, width_s=width, due=int(latency.size), within=int((latency[good] <= slo_s).sum()),
        p50_s=answered.p50_s if answered else None, p99_s=answered.p99_s if answered else None,
    )  # fmt: skip


def _round_up(width: float) -> float:
    """The next of ..., 0.1, 0.2, 0.5, 1, 2, 5, ... seconds above ``width``."""
    scale = 10.0 ** math.floor(math.log10(max(width, 1e-3)))
    return next(scale * m for m in (1, 2, 5, 10, 20) if scale * m > width)
