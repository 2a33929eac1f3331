"""Sums over pairs of samples by whichever way is quickest.

The costs are simple counts of what each way does, times nanoseconds measured once; they need only be right to a factor
where the ways differ by more than that. A box is always summed directly, since the two other ways replace it by one
without high frequencies, and which way is taken must not change an answer by more than the tolerance.
"""

from collections.abc import Callable
from typing import Final, Literal, Self, final

import msgspec
import numpy as np

from learnsys.core.errors import UnknownName
from learnsys.series.sums.kernels import bandlimit, moments, reach_s
from learnsys.series.types import Kernel, KernelSums, Samples, SumsSpec

Way = Literal["direct", "spectral", "grid"]
WAYS: Final[tuple[Way, ...]] = ("direct", "spectral", "grid")
SINGLE: Final = 1e-4  # from this tolerance on the spectral way works in float32, which is twice as quick
MOST_BYTES: Final = 2**31  # of coefficients: more are not worth their memory

# Nanoseconds, by ``bench/series/speed.py`` on one core; a pair is one of series, a meeting one of two samples.
MEETING: Final = 8.0  # direct: to look at two samples
NEAR: Final = 40.0  # direct: to evaluate a kernel where they are within reach of a lag
HIT: Final = 4.0  # direct: to add to one sum at one lag
SPREAD: Final = 18.0  # spectral: to spread a sample
CELL: Final = 24.0  # spectral: to transform a cell of values and one of weights
PRODUCT: Final = 6.0  # spectral: to multiply the coefficients of a pair at one frequency, a sum
CALL: Final = 4e4  # spectral: to begin on a pair and a sum
GRIDDED: Final = 100.0  # grid: a sample, all told but the pairs
PAIR_CELL: Final = 0.7  # grid: to multiply a cell of a pair, a sum
PHASE: Final = 50.0  # grid: to make an entry of the matrix from frequencies to lags
START: Final = 1e6  # grid and spectral: before anything is done


@final
class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is to do.

    Attributes
    ----------
    series, pairs, samples : int
    meetings : float
        Pairs of samples, over all pairs of series.
    span_s : float
        From the first sample of all to the last.
    """

    series: int
    pairs: int
    samples: int
    meetings: float
    span_s: float

    @classmethod
    def of(cls, samples: Samples, spec: SumsSpec) -> Self:
        """Count."""
        n, pairs = np.diff(samples.starts).astype(float), spec.numbered(len(samples))
        span = float(np.ptp(samples.t)) if samples.t.size else 0.0
        meetings = float(n[pairs[:, 0]] @ n[pairs[:, 1]]) if len(pairs) else 0.0
        return cls(series=len(samples), pairs=len(pairs), samples=samples.t.size, meetings=meetings, span_s=span)


def sums(
    samples: Samples, spec: SumsSpec, *, tol: float = 1e-6, how: Literal["auto"] | Way = "auto"
) -> tuple[KernelSums, ...]:
    """Compute the sums, one result a kernel.

    Parameters
    ----------
    samples : Samples
    spec : SumsSpec
    tol : float
        Error of the ways that are not exact, relative to the sums of a constant series.
    how : {"auto", "direct", "spectral", "grid"}
        ``"auto"`` takes the way of least cost.

    Raises
    ------
    UnknownName
        If ``how`` is none of these.
    """
    if how == "auto":
        how = choose(Size.of(samples, spec), spec, tol)
    if how == "direct":
        from learnsys.series.sums import direct

        return direct.sums(samples, spec)
    if how == "spectral":
        from learnsys.series.sums import spectral

        return spectral.sums(samples, spec, tol=tol)
    if how == "grid":
        from learnsys.series.sums import grid

        return grid.sums(samples, spec, tol=tol)
    raise UnknownName.of("way to compute sums", how, ("auto", *WAYS))


def choose(size: Size, spec: SumsSpec, tol: float) -> Way:
    """Choose the way of least cost.

    Examples
    --------
    >>> from learnsys.series.types import Kernel, Lags
    >>> size = Size(series=2, pairs=1, samples=2_000_000, meetings=1e12, span_s=1e6)
    >>> lags = Lags(first_s=-40.0, step_s=1.0, count=81)
    >>> narrow, wide = (SumsSpec(pairs=((0, 1),), kernels=(Kernel(name="k4", h=h),), lags=lags) for h in (0.001, 1.0))
    >>> choose(size, narrow, 1e-6), choose(size, wide, 1e-4)
    ('direct', 'spectral')
    """
    if any(kernel.name == "box" for kernel in spec.kernels):
        return "direct"
    return min(WAYS, key=lambda way: COSTS[way](size, spec, tol))


def direct_ns(size: Size, spec: SumsSpec, tol: float) -> float:
    """Estimate the nanoseconds of ``direct.sums``."""
    total = 0.0
    for kernel in spec.kernels:
        reach, count = reach_s(kernel), spec.lags.count
        width = spec.lags.step_s * (count - 1) + 2 * reach
        met = size.meetings * min(1.0, width / max(size.span_s, 1e-300))
        near, hits = min(1.0, count * 2 * reach / width), count * 2 * reach / width
        total += met * (MEETING + NEAR * near + HIT * hits * _channels(spec, kernel))
    return total


def spectral_ns(size: Size, spec: SumsSpec, tol: float) -> float:
    """Estimate the nanoseconds of ``spectral.sums``; infinite where its coefficients take too much memory."""
    modes = _band(spec, tol) * (size.span_s + spec.lags.reach_s) / (2 * np.pi) + 1
    if 32 * modes * size.series > MOST_BYTES:
        return float("inf")
    passes = 2 if spec.blocks > 1 else 1
    cells = 2.5 * modes * (1 if passes == 1 else spec.blocks + 1) * size.series
    products = sum(_channels(spec, kernel) for kernel in spec.kernels)
    begun = products * size.pairs * spec.blocks
    work = passes * SPREAD * size.samples + CELL * cells + PRODUCT * begun * modes
    return START + CALL * begun + (0.5 if tol >= SINGLE else 1.0) * float(work)


def grid_ns(size: Size, spec: SumsSpec, tol: float) -> float:
    """Estimate the nanoseconds of ``grid.sums``."""
    cell_s = np.pi / (1.25 * _band(spec, tol))
    cells, halo = size.span_s / cell_s, spec.lags.reach_s / cell_s
    channels = 4 if spec.cross else 2  # the products serve all kernels and moments
    samples = GRIDDED * (size.samples + cells * size.series / 4) * (0.5 if tol >= SINGLE else 1.0)
    return START + samples + PAIR_CELL * channels * cells * size.pairs + PHASE * spec.lags.count * halo


COSTS: Final[dict[Way, Callable[[Size, SumsSpec, float], float]]] = {
    "direct": direct_ns,
    "spectral": spectral_ns,
    "grid": grid_ns,
}


def _band(spec: SumsSpec, tol: float) -> float:
    return max(bandlimit(kernel, tol) for kernel in spec.kernels)


def _channels(spec: SumsSpec, kernel: Kernel) -> int:
    """How many sums a kernel takes."""
    weights, values = moments(kernel)
    return weights + values * (3 if spec.cross else 1)
