"""What the room works on: samples of irregular series, lags, lag kernels, and sums over pairs of samples.

Symbols: series a and b with stamps t_i, values x_i and weights w_i; a lag tau > 0 pairs a sample of a with a later one
of b, so that a peak at tau > 0 says that a leads b by tau.
"""

from collections.abc import Mapping
from typing import Final, Literal, Self, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from learnsys.core.errors import InputError
from learnsys.core.units import parse_duration

Floats = NDArray[np.float64]
KernelName = Literal["gaussian", "k4", "box", "local-linear"]
Pairs = Literal["all", "auto"] | tuple[tuple[int, int], ...]

KERNELS: Final[tuple[KernelName, ...]] = ("gaussian", "k4", "box", "local-linear")
WHOLE: Final = 1e-9  # of a step: by so much a range of lags may miss a whole number of steps


@final
class Lags(msgspec.Struct, frozen=True, kw_only=True):
    """Equally spaced lags, in seconds.

    Attributes
    ----------
    first_s, step_s : float
        The first lag, and the distance from one to the next (> 0).
    count : int
        How many there are, >= 1.
    """

    first_s: float
    step_s: float
    count: int

    @property
    def values(self) -> Floats:
        """The lags in seconds, shape (count,)."""
        return np.asarray(self.first_s + self.step_s * np.arange(self.count), float)

    @property
    def reach_s(self) -> float:
        """The largest absolute lag."""
        return max(abs(self.first_s), abs(self.first_s + self.step_s * (self.count - 1)))


def lags(first: str | float, last: str | float, step: str | float) -> Lags:
    """Make equally spaced lags from the first to the last.

    Parameters
    ----------
    first, last, step : str or float
        Durations such as ``"-60s"`` and ``"500ms"``, or seconds; ``step > 0``.

    Raises
    ------
    InputError
        If the step is not positive, the last lag is before the first, or they are not whole steps apart.

    Examples
    --------
    >>> lags("-2s", "2s", "1s").values.tolist()
    [-2.0, -1.0, 0.0, 1.0, 2.0]
    """
    start, end, by = signed_duration(first), signed_duration(last), signed_duration(step)
    if by <= 0:
        raise InputError(f"the step of the lags is {step!r}, but must be more than 0", value=step, next="try 1s")
    if end < start:
        raise InputError(f"the last lag, {last!r}, is before the first, {first!r}", value=last, next="swap them")
    steps = (end - start) / by
    if abs(steps - round(steps)) > WHOLE * max(1.0, steps):
        raise InputError(
            f"from {first!r} to {last!r} it is no whole number of steps of {step!r}", value=step, next="change the step"
        )
    return Lags(first_s=start, step_s=by, count=round(steps) + 1)


def signed_duration(text: str | float) -> float:
    """Read a duration that may be negative, in seconds.

    Examples
    --------
    >>> signed_duration("-1m30s"), signed_duration("500ms"), signed_duration(-2)
    (-90.0, 0.5, -2.0)
    """
    if not isinstance(text, str):
        return float(text)
    text = text.strip()
    return -parse_duration(text[1:]) if text.startswith("-") else parse_duration(text)


@final
class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of D series, one series after the other, each in order of time.

    Attributes
    ----------
    ids : tuple of str
        Names of the series.
    t0_ns : int
        The origin, in nanoseconds since 1970 (UTC); 0 where stamps are plain numbers.
    t : ndarray, shape (n,)
        Seconds since the origin, not decreasing within a series.
    x : ndarray, shape (n,)
        Values, finite.
    w : ndarray, shape (n,)
        Weights, >= 0.
    starts : ndarray of int64, shape (D + 1,)
        Series ``d`` is at ``starts[d]:starts[d + 1]``.
    """

    ids: tuple[str, ...]
    t0_ns: int
    t: Floats
    x: Floats
    w: Floats
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, series: Mapping[str, tuple[ArrayLike, ArrayLike]], *, t0_ns: int = 0) -> Self:
        """Take stamps (seconds since the origin) and values of each series, in any order; weights are 1.

        Examples
        --------
        >>> s = Samples.of({"a": ([2.0, 0.5], [20.0, 5.0]), "b": ([1.0], [10.0])})
        >>> s.t.tolist(), s.x.tolist(), s.starts.tolist()
        ([0.5, 2.0, 1.0], [5.0, 20.0, 10.0], [0, 2, 3])
        """
        stamps, values = [], []
        for t, x in series.values():
            order = np.argsort(t := np.asarray(t, float), kind="stable")
            stamps.append(t[order])
            values.append(np.asarray(x, float)[order])
        sizes = [t.size for t in stamps]
        t, x = (np.concatenate([*part, np.empty(0)]) for part in (stamps, values))
        starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
        return cls(ids=tuple(series), t0_ns=t0_ns, t=t, x=x, w=np.ones_like(t), starts=starts)

    def __len__(self) -> int:
        return len(self.ids)

    def one(self, d: int) -> tuple[Floats, Floats, Floats]:
        """Stamps, values and weights of series ``d``."""
        part = slice(self.starts[d], self.starts[d + 1])
        return self.t[part], self.x[part], self.w[part]

    @property
    def series(self) -> NDArray[np.int64]:
        """The number of each sample's series, shape (n,)."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.starts))

    def sums(self, values: Floats) -> Floats:
        """Add up ``values``, shape (n,), by series, shape (D,)."""
        out, some = np.zeros(len(self.ids)), np.flatnonzero(np.diff(self.starts))
        if some.size:
            out[some] = np.add.reduceat(values, self.starts[some])
        return out

    @property
    def means(self) -> Floats:
        """The weighted mean of each series, shape (D,); NaN where there is no sample."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.sums(self.w * self.x) / self.sums(self.w)

    def centred(self) -> Self:
        """Subtract from each series its weighted mean."""
        x = np.repeat(self.means, np.diff(self.starts))
        return msgspec.structs.replace(self, x=np.subtract(self.x, x, out=x))


@final
class Kernel(msgspec.Struct, frozen=True, kw_only=True):
    """A lag kernel K_h: how much a pair of samples tells about a lag, by its distance from it.

    Attributes
    ----------
    name : {"gaussian", "k4", "box", "local-linear"}
        See ``learnsys.series.sums.kernels``.
    h : float
        The bandwidth in seconds, > 0: standard deviation of the Gaussian kernels, half-width of the box.
    """

    name: KernelName
    h: float


@final
class SumsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Which sums over pairs of samples are wanted.

    Attributes
    ----------
    pairs : {"all", "auto"} or tuple of pairs of int
        Pairs (a, b) of series; ``"all"``: all with a <= b, by rows of the upper triangle; ``"auto"``: each with itself.
    kernels : tuple of Kernel
        One result for each.
    lags : Lags
        Where.
    blocks : int
        The time of all samples is cut into so many equal blocks, and a pair of samples is counted in the block of its
        sample of a: what the jackknife and cross-validation need.
    cross : bool
        Whether the sums ``xw`` and ``wx`` are wanted too, by which a mean is removed after the fact.
    """

    pairs: Pairs
    kernels: tuple[Kernel, ...]
    lags: Lags
    blocks: int = 1
    cross: bool = False

    def numbered(self, d: int) -> NDArray[np.int64]:
        """The pairs of ``d`` series as numbers, shape (P, 2)."""
        if self.pairs == "all":
            return np.stack(np.triu_indices(d), axis=1).astype(np.int64)
        if self.pairs == "auto":
            return np.stack([np.arange(d), np.arange(d)], axis=1).astype(np.int64)
        return np.array(self.pairs, np.int64).reshape(-1, 2)


@final
class KernelSums(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over pairs of samples, weighted by how near their distance in time is to a lag.

    With u = t^b_j - t^a_i - tau and the kernel's moments K_p(u) = u^p K_h(u):

        ww_p(tau) = sum_ij K_p(u) w_i w_j,          xy_p(tau) = sum_ij K_p(u) w_i x_i w_j y_j,
        xw_p(tau) = sum_ij K_p(u) w_i x_i w_j,      wx_p(tau) = sum_ij K_p(u) w_i w_j y_j

    without the terms i = j of a series with itself. p = 0; for the local-linear kernel also p = 1, and p = 2 for ww.
    Sums of disjoint blocks, and of disjoint sets of pairs of samples, add.

    Attributes
    ----------
    kernel : Kernel
    lags : Lags
    pairs : ndarray of int64, shape (P, 2)
    ww : ndarray, shape (1 or 3, blocks, P, L)
    xy : ndarray, shape (1 or 2, blocks, P, L)
    xw, wx : ndarray like xy, or None
        Only where ``SumsSpec.cross`` asked for them.
    """

    kernel: Kernel
    lags: Lags
    pairs: NDArray[np.int64]
    ww: NDArray[np.floating]
    xy: NDArray[np.floating]
    xw: NDArray[np.floating] | None = None
    wx: NDArray[np.floating] | None = None
