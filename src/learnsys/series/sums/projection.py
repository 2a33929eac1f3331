"""Projection of each series onto the frequencies k / period: all that second-order statistics need, and mergeable.

    X_k = sum_i w_i x_i exp(-i w_k t_i),   W_k = sum_i w_i exp(-i w_k t_i),   w_k = 2 pi k / P

They are sums over samples, so the coefficients of chunks, days or workers add, in any order; the sampling itself is
kept beside the values (W), and a mean is removed after the fact: X - m W.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import Incompatible, InputError
from learnsys.series.estimate.types import CoefficientsSpec
from learnsys.series.sums import nufft
from learnsys.series.sums.cardinality import check_modes
from learnsys.series.sums.compiled import jit
from learnsys.series.sums.nufft import Spectra, Window
from learnsys.series.types import Floats, Samples

Precision = Literal["float32", "float64"]
TOTALS: Final = ("sum_w", "sum_wx", "sum_wx2", "sum_w2", "sum_w2x", "sum_w2x2")
TOGETHER: Final = 8  # series of the same stamps that are spread at a time


@final
class Coefficients(msgspec.Struct, frozen=True, kw_only=True):
    """Fourier coefficients of D series at K frequencies, with sums over their samples.

    Attributes
    ----------
    ids : tuple of str
    t0_ns : int
        Origin of the stamps.
    period_s : float
        P: frequency k is k / P.
    X, W : ndarray of complex, shape (D, K)
        Of values times weights, and of weights; k = 0 ... K - 1.
    n : ndarray of int64, shape (D,)
        Samples.
    first_s, last_s : ndarray, shape (D,)
        Stamps of the first and the last sample; NaN where there is none.
    sum_w, sum_wx, sum_wx2, sum_w2, sum_w2x, sum_w2x2 : ndarray, shape (D,)
        Sums over samples of the products in their names.
    """

    ids: tuple[str, ...]
    t0_ns: int
    period_s: float
    X: Spectra
    W: Spectra
    n: NDArray[np.int64]
    first_s: Floats
    last_s: Floats
    sum_w: Floats
    sum_wx: Floats
    sum_wx2: Floats
    sum_w2: Floats
    sum_w2x: Floats
    sum_w2x2: Floats

    @property
    def modes(self) -> int:
        """How many frequencies, K."""
        return int(self.X.shape[1])

    @property
    def omega(self) -> Floats:
        """Angular frequencies, shape (K,), radians a second."""
        return np.asarray(2 * np.pi / self.period_s * np.arange(self.modes), float)

    def __add__(self, other: Self) -> Self:
        """Add the coefficients of other samples of the same series.

        Raises
        ------
        Incompatible
            If the series, the origin, the period or the number of frequencies differ.
        """
        for name in ("ids", "t0_ns", "period_s", "modes"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if ours != theirs:
                raise Incompatible(
                    f"coefficients with {name} {_short(ours)} do not add to some with {_short(theirs)}",
                    value=theirs,
                    next=f"project both with the same {name}",
                )
        sums: dict[str, Any] = {k: getattr(self, k) + getattr(other, k) for k in ("X", "W", "n", *TOTALS)}
        first, last = np.fmin(self.first_s, other.first_s), np.fmax(self.last_s, other.last_s)
        return msgspec.structs.replace(self, first_s=first, last_s=last, **sums)

    def without(self, m: Floats) -> Self:
        """Subtract ``m``, shape (D,), from the values: exact, as if it had been before."""
        X, sum_wx = self.X - _column(m, self.W) * self.W, self.sum_wx - m * self.sum_w
        X[:, 0] = sum_wx  # which is the same, without what single precision rounds
        return msgspec.structs.replace(
            self,
            X=X,
            sum_wx=sum_wx,
            sum_wx2=self.sum_wx2 - 2 * m * self.sum_wx + m**2 * self.sum_w,
            sum_w2x=self.sum_w2x - m * self.sum_w2,
            sum_w2x2=self.sum_w2x2 - 2 * m * self.sum_w2x + m**2 * self.sum_w2,
        )

    def centred(self) -> Self:
        """Subtract from each series its weighted mean; one without samples stays as it is."""
        return self.without(np.divide(self.sum_wx, self.sum_w, out=np.zeros(len(self.ids)), where=self.sum_w > 0))


def _column(m: Floats, like: Spectra) -> Spectra:
    return m[:, None].astype(like.dtype)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def project(
    samples: Samples,
    spec: CoefficientsSpec,
    *,
    tol: float = 1e-9,
    dtype: Precision | None = None,
    threads: int = 1,
) -> Coefficients:
    """Compute the coefficients of every series.

    Parameters
    ----------
    samples : Samples
        Series of the same stamps and weights share the coefficients of these.
    spec : CoefficientsSpec
    tol : float
        Error relative to the root mean square of a series' coefficients; from about 1e-4 on float32 does.
    dtype : {"float32", "float64"}, optional
        By default the quicker one that reaches ``tol``.
    threads : int
        Series done at the same time.

    Raises
    ------
    InputError
        If the period is not positive, there is no frequency, or the coefficients would not fit in memory.
    Incompatible
        If float32 does not reach ``tol``.

    Examples
    --------
    >>> s = Samples.of({"a": ([0.0, 2.5], [1.0, 3.0])})
    >>> project(s, CoefficientsSpec(period_s=10.0, modes=2)).X.round(9).tolist()
    [[(4+0j), (1-3j)]]
    """
    if not spec.period_s > 0:
        raise InputError(f"the period is {spec.period_s} s", value=spec.period_s, next="give more than 0 s")
    if spec.modes < 1:
        raise InputError.below("modes", spec.modes, 1)
    window = window_for(tol, dtype)
    check_modes(len(samples), spec.modes, itemsize=np.dtype(window.spectrum).itemsize)
    X, W = (_shared if _same_stamps(samples) else _apart)(samples, spec, window, threads)
    d, starts = len(samples), samples.starts
    totals = _totals(samples.x, samples.w, starts)
    first, last = np.full(d, np.nan), np.full(d, np.nan)
    some = np.diff(starts) > 0
    first[some], last[some] = samples.t[starts[:-1][some]], samples.t[starts[1:][some] - 1]
    sums = dict(zip(TOTALS, totals, strict=True))
    return Coefficients(
        ids=samples.ids, t0_ns=samples.t0_ns, period_s=spec.period_s, X=X, W=W, n=np.diff(starts),
        first_s=first, last_s=last, **sums,
    )  # fmt: skip


def window_for(tol: float, dtype: Precision | None = None) -> Window:
    """Choose the quickest window that is good to ``tol``.

    Raises
    ------
    Incompatible
        If float32 does not reach ``tol``.
    """
    if dtype == "float32" and tol < nufft.SINGLE.error:
        raise Incompatible(
            f"float32 does not reach a tolerance of {tol}", value=tol, next=f"allow {nufft.SINGLE.error} or use float64"
        )
    windows = (nufft.SINGLE, nufft.DOUBLE, nufft.FINER)[dtype == "float64" :]
    return next((w for w in windows if w.error <= tol), nufft.FINEST)


def _same_stamps(samples: Samples) -> bool:
    """Tell whether all of several series have the same stamps and weights."""
    d, sizes = len(samples), np.diff(samples.starts)
    if d < 2 or (sizes != sizes[0]).any() or not sizes[0]:
        return False
    t, w = samples.t.reshape(d, -1), samples.w.reshape(d, -1)
    ends = [0, -1]
    return bool((t[:, ends] == t[0, ends]).all() and (t == t[0]).all() and (w == w[0]).all())


def _apart(samples: Samples, spec: CoefficientsSpec, window: Window, threads: int) -> tuple[Spectra, Spectra]:
    """Project series by series."""
    both = np.empty((len(samples), 2, spec.modes), window.spectrum)

    def one(d: int) -> None:
        t, x, w = samples.one(d)
        nufft.transform(t, (x[None], w), spec, window, both[d])

    _each(one, range(len(samples)), threads)
    return both[:, 0], both[:, 1]


def _shared(samples: Samples, spec: CoefficientsSpec, window: Window, threads: int) -> tuple[Spectra, Spectra]:
    """Project several series with one set of stamps and weights."""
    t, _, w = samples.one(0)
    x = samples.x.reshape(-1, t.size)
    X, W = np.empty((len(x), spec.modes), window.spectrum), np.empty((1, spec.modes), window.spectrum)

    def one(first: int) -> None:
        part = slice(first, first + TOGETHER)
        *X[part], W[0] = nufft.transform(t, (x[part], w), spec, window)

    _each(one, range(0, len(x), TOGETHER), threads)
    return X, np.broadcast_to(W, X.shape)


def _each(do: Callable[[int], None], numbers: range, threads: int) -> None:
    if threads == 1 or len(numbers) < 2:
        for number in numbers:
            do(number)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(do, numbers))


@jit
def _totals(x: Any, w: Any, starts: Any) -> Any:
    """Add up products of weights and values of each series, shape (6, D), in the order of ``TOTALS``."""
    out = np.zeros((6, starts.size - 1))
    for d in range(starts.size - 1):
        a = b = c = e = f = g = 0.0
        for i in range(starts[d], starts[d + 1]):
            wx = w[i] * x[i]
            a += w[i]
            b += wx
            c += wx * x[i]
            e += w[i] * w[i]
            f += w[i] * wx
            g += wx * wx
        out[:, d] = (a, b, c, e, f, g)
    return out
