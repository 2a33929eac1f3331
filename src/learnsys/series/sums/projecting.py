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
from learnsys.series.sums.cardinality import check_modes
from learnsys.series.sums.compiled import jit
from learnsys.series.sums.long_fft import lowest
from learnsys.series.sums.nufft import Spectra, Window, cells_of, divide, spread_one, tables
from learnsys.series.sums.projection import Coefficients, window_for

N, FIRST, LAST, CENTRE, X, XX = range(6)  # known of a series: sums X and XX are of values relative to CENTRE
TOGETHER: Final = 2  # series, of values and ones each: four lines are what vector instructions transform at once


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
        self._known = np.zeros((0, XX + 1))

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
        window = (tables(self.window)[0], (0,) * self.window.width, (0,) * (self.window.degree + 1))
        _spread(codes, t, x, place, window, self._grids, self._known)

    def finish(self) -> Coefficients:
        """Transform what was spread."""
        n, first, last, m, x, xx = self._known.T.copy()
        both = self._transformed()
        sum_x, sum_x2 = x + m * n, xx + 2 * m * x + m**2 * n
        W = both[:, 1]
        return Coefficients(
            ids=self.ids, t0_ns=self.t0_ns, period_s=self.spec.period_s, X=both[:, 0] + m[:, None].astype(W.dtype) * W,
            W=W, n=n.astype(np.int64), first_s=np.where(n > 0, first, np.nan),
            last_s=np.where(n > 0, last, np.nan), sum_w=n, sum_wx=sum_x,
            sum_wx2=sum_x2, sum_w2=n.copy(), sum_w2x=sum_x.copy(), sum_w2x2=sum_x2.copy(),
        )  # fmt: skip

    def _transformed(self) -> Spectra:
        pad, cells = self.window.width, self.cells
        out = np.empty((len(self.ids), 2, self.spec.modes), self.window.spectrum)
        for d in range(0, len(out), TOGETHER):
            grids, spectra = (a[d : d + TOGETHER].reshape(-1, a.shape[2]) for a in (self._grids, out))
            folded = grids[:, pad:-pad].copy()
            folded[:, :pad] += grids[:, -pad:]
            folded[:, cells - pad :] += grids[:, :pad]
            lowest(folded, self.spec.modes, spectra)
            divide(spectra, tables(self.window)[1], 2 * self.window.oversampling / cells, spectra)
        return out

    def _grow(self, ids: tuple[str, ...]) -> None:
        more, length = len(ids) - len(self.ids), self._grids.shape[2]
        cell, number = self._grids.itemsize, np.dtype(self.window.spectrum).itemsize
        check_modes(len(ids), self.spec.modes, itemsize=number + -(-cell * length // self.spec.modes))
        self.ids = ids
        self._grids = np.concatenate([self._grids, np.zeros((more, 2, length), self._grids.dtype)])
        self._known = np.concatenate([self._known, np.zeros((more, XX + 1))])


@jit
def _spread(codes: Any, t: Any, x: Any, place: Any, window: Any, grids: Any, known: Any) -> None:
    """Add samples to the grids, shape (D, 2, cells and twice the width), and to what is known of their series."""
    origin, tick_s, per_s, cells = place
    pieces, lanes, powers = window
    real, half, length = grids.dtype.type, len(lanes) // 2, grids.shape[2]
    lines = grids.reshape(-1, length)
    for i in range(codes.size):
        d, y = np.int64(np.uint32(codes[i])), x[i]  # not negative: no test for it
        at, own = (t[i] - origin) * tick_s, known[d]
        if own[N] == 0:
            own[FIRST], own[LAST], own[CENTRE] = at, at, y
        off = y - own[CENTRE]
        own[N] += 1
        own[FIRST], own[LAST] = min(own[FIRST], at), max(own[LAST], at)
        own[X] += off
        own[XX] += off * off
        s = at * per_s
        s = (s - np.floor(s)) * cells
        cell = np.int64(s)
        where = 2 * length * d + cell + half + 1
        spread_one(lines, where, (real(off), real(1.0)), (pieces, real(1 - 2 * (s - cell))), (lanes, powers))
