# mypy: disable-error-code="untyped-decorator"
"""Projection onto frequencies of samples that come in chunks, in any order, in memory that does not grow with them.

It is ``projection`` with the spreading turned around: a grid for each series stays, every chunk is spread onto it, and
one Fourier transform a series ends it. Values are spread relative to the first of their series, so that single
precision does not drown what varies in what is constant; the coefficients are of the values as they are.
"""

from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.series.estimate.types import CoefficientsSpec
from learnsys.series.sums.cardinality import SHARE
from learnsys.series.sums.compiled import jit
from learnsys.series.sums.long_fft import lowest
from learnsys.series.sums.nufft import Spectra, Window, cells_of, divide, spread_one, tables
from learnsys.series.sums.projection import Coefficients, window_for

SUMS: Final = 2  # of values relative to the first, and of their squares


@final
class Projecting:
    """A projection that takes chunks.

    Parameters
    ----------
    spec : CoefficientsSpec
        Period and number of frequencies.
    t0_ns : int
        Origin of stamps that are nanoseconds.
    tol : float
        Error relative to the root mean square of a series' coefficients; from about 1e-4 on float32 does.

    Raises
    ------
    InputError
        If the period or the number of frequencies is not positive.

    Examples
    --------
    >>> made = Projecting(CoefficientsSpec(period_s=10.0, modes=2))
    >>> made.add(("a",), np.zeros(2, np.int32), np.array([0.0, 2.5]), np.array([1.0, 3.0]))
    >>> made.finish().X.round(9).tolist()
    [[(4+0j), (1-3j)]]
    """

    def __init__(self, spec: CoefficientsSpec, *, t0_ns: int = 0, tol: float = 1e-9) -> None:
        if not spec.period_s > 0:
            raise InputError(f"the period is {spec.period_s} s", value=spec.period_s, next="give more than 0 s")
        if spec.modes < 1:
            raise InputError.below("modes", spec.modes, 1)
        self.spec, self.t0_ns = spec, t0_ns
        self.window: Window = window_for(tol)
        self.cells = cells_of(spec.modes, self.window)
        self.ids: tuple[str, ...] = ()
        self._grids = np.zeros((0, 2, self.cells + 2 * self.window.width), self.window.dtype)  # of x, of w
        self._n = np.zeros(0, np.int64)
        self._first, self._last = np.zeros(0), np.zeros(0)
        self._centre, self._sums = np.zeros(0), np.zeros((0, SUMS))

    def add(self, ids: tuple[str, ...], codes: NDArray[np.int32], t: NDArray[Any], x: NDArray[np.floating]) -> None:
        """Add samples.

        Parameters
        ----------
        ids : tuple of str
            Names of the series; later chunks may bring more, at the end.
        codes : ndarray of int32, shape (n,)
        t : ndarray, shape (n,)
            int64 nanoseconds since 1970, or float64 seconds.
        x : ndarray, shape (n,)
        """
        if len(ids) > len(self.ids):
            self._grow(ids)
        origin, tick_s = (self.t0_ns, 1e-9) if t.dtype.kind == "i" else (0.0, 1.0)
        place = (origin, tick_s, 1 / self.spec.period_s, self.cells)
        known = (self._n, self._first, self._last, self._centre, self._sums)
        window = (tables(self.window)[0], (0,) * self.window.width, (0,) * (self.window.degree + 1))
        _spread(codes, t, x, place, window, self._grids, known)

    def finish(self) -> Coefficients:
        """Transform what was spread."""
        n = self._n.astype(float)
        some = self._n > 0
        x, xx, m = self._sums[:, 0], self._sums[:, 1], self._centre
        both = self._transformed()
        sum_x, sum_x2 = x + m * n, xx + 2 * m * x + m**2 * n
        W = both[:, 1]
        return Coefficients(
            ids=self.ids, t0_ns=self.t0_ns, period_s=self.spec.period_s, X=both[:, 0] + m[:, None].astype(W.dtype) * W,
            W=W, n=self._n.copy(), first_s=np.where(some, self._first, np.nan),
            last_s=np.where(some, self._last, np.nan), sum_w=n, sum_wx=sum_x,
            sum_wx2=sum_x2, sum_w2=n.copy(), sum_w2x=sum_x.copy(), sum_w2x2=sum_x2.copy(),
        )  # fmt: skip

    def _transformed(self) -> Spectra:
        pad, cells = self.window.width, self.cells
        out = np.empty((len(self.ids), 2, self.spec.modes), self.window.spectrum)
        for grids, spectra in zip(self._grids, out, strict=True):
            folded = grids[:, pad:-pad].copy()
            folded[:, :pad] += grids[:, -pad:]
            folded[:, cells - pad :] += grids[:, :pad]
            lowest(folded, self.spec.modes, spectra)
            divide(spectra, tables(self.window)[1], 2 * self.window.oversampling / cells, spectra)
        return out

    def _grow(self, ids: tuple[str, ...]) -> None:
        from learnsys.core.host import this_host

        more = len(ids) - len(self.ids)
        size = len(ids) * self._grids.itemsize * 2 * (self.cells + 2 * self.window.width)
        if size > SHARE * this_host().memory_bytes:
            raise InputError(
                f"{len(ids):,} series on {self.spec.modes:,} frequencies take {size / 1e9:.1f} GB",
                value=size,
                next="select fewer series, or take a larger bandwidth or a shorter period",
            )
        self.ids = ids
        self._grids = np.concatenate([self._grids, np.zeros((more, *self._grids.shape[1:]), self._grids.dtype)])
        self._n = np.append(self._n, np.zeros(more, np.int64))
        self._first, self._last, self._centre = (
            np.append(a, np.zeros(more)) for a in (self._first, self._last, self._centre)
        )
        self._sums = np.concatenate([self._sums, np.zeros((more, SUMS))])


@jit
def _spread(codes: Any, t: Any, x: Any, place: Any, window: Any, grids: Any, known: Any) -> None:
    """Add samples to the grids, shape (D, 2, cells and twice the width), and to what is known of their series."""
    origin, tick_s, per_s, cells = place
    pieces, lanes, powers = window
    n, first, last, centre, sums = known
    real, half, length = grids.dtype.type, len(lanes) // 2, grids.shape[2]
    lines, values = grids.reshape(-1, length), np.ones(2, grids.dtype)
    for i in range(codes.size):
        d, y = codes[i], x[i]
        at = (t[i] - origin) * tick_s
        if n[d] == 0:
            first[d], last[d], centre[d] = at, at, y
        n[d] += 1
        first[d], last[d] = min(first[d], at), max(last[d], at)
        off = y - centre[d]
        sums[d, 0] += off
        sums[d, 1] += off * off
        s = at * per_s
        s = (s - np.floor(s)) * cells
        cell = np.int64(s)
        values[0] = real(off)
        where = 2 * length * np.int64(d) + cell + half + 1
        spread_one(lines, where, values, (pieces, real(1 - 2 * (s - cell))), (lanes, powers))
