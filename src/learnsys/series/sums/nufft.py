# mypy: disable-error-code="no-any-return"
"""Fourier sums of real samples at any stamps: the non-uniform transform of type 1, for real inputs.

    F_k = sum_i c_i exp(-i w_k t_i),    w_k = 2 pi k / P,    k = 0 ... K - 1

Each c_i is spread with a window onto a periodic grid, finer than Nyquist's by ``oversampling``; a real FFT; division by
the window's transform (Greengard & Lee 2004). The window is the "exponential of a semicircle" of Barnett, Magland & af
Klinteberg (2019), in pieces of polynomials. Values and weights are spread by one evaluation of the window. Three things
make this quicker than a general library here: the inputs are real, so neither grid is complex; stamps are sorted, so
nothing is sorted into bins; and the place on the grid is found in float64 before anything is rounded to float32, where
phases in float32 lose all accuracy at high k (4 % at 2^20 modes).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, final

import msgspec
import numpy as np
import scipy.fft
from numpy.polynomial import chebyshev, legendre
from numpy.typing import NDArray

from learnsys.series.estimate.types import CoefficientsSpec
from learnsys.series.sums.compiled import jit
from learnsys.series.types import Floats

Spectra = NDArray[np.complexfloating]
BATCH: Final = 64  # samples whose windows are evaluated together, a lane each


@final
class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A window, how much finer than Nyquist's its grid is, and the relative error of a term at the worst k."""

    width: int
    degree: int
    oversampling: float
    dtype: str
    error: float

    @property
    def spectrum(self) -> str:
        """The type of the coefficients."""
        return {"float32": "complex64", "float64": "complex128"}[self.dtype]


SINGLE: Final = Window(width=8, degree=7, oversampling=1.25, dtype="float32", error=1.2e-4)
DOUBLE: Final = Window(width=16, degree=14, oversampling=1.5, dtype="float64", error=6e-12)
FINEST: Final = Window(width=16, degree=14, oversampling=2.0, dtype="float64", error=1e-13)


def transform(
    t: Floats, c: tuple[Floats, Floats], spec: CoefficientsSpec, window: Window, out: Spectra | None = None
) -> Spectra:
    """Sum up weights, and values times weights, at the frequencies k / period_s.

    Parameters
    ----------
    t : ndarray, shape (n,)
        Stamps in seconds, quickest when sorted.
    c : pair of ndarray, of shapes (m, n) and (n,)
        Values and weights.
    spec : CoefficientsSpec
        P and K.
    window : Window
    out : ndarray of complex, shape (m + 1, K), optional
        Where to put the answer.

    Returns
    -------
    ndarray, shape (m + 1, K)
        Of weights times each row of values; last, of the weights.

    Examples
    --------
    >>> t, x, w = np.array([0.0, 2.5]), np.array([[1.0, 3.0]]), np.ones(2)
    >>> np.round(transform(t, (x, w), CoefficientsSpec(period_s=10.0, modes=2), FINEST), 9).tolist()
    [[(4+0j), (1-3j)], [(2+0j), (1-1j)]]
    """
    x, w = c
    cells, pad = cells_of(spec.modes, window), window.width
    grids = np.zeros((len(x) + 1, cells + 2 * pad), window.dtype)
    pieces, inverse = tables(window)
    spreader(window)(t, x, w, (cells, 1 / spec.period_s), pieces, grids)
    grids[:, pad : 2 * pad] += grids[:, -pad:]
    grids[:, cells : cells + pad] += grids[:, :pad]
    spectra = scipy.fft.rfft(grids[:, pad:-pad], axis=1)
    if out is None:
        out = np.empty((len(grids), spec.modes), spectra.dtype)
    _divide(spectra, inverse, 2 * window.oversampling / cells, out)
    return out


def cells_of(modes: int, window: Window) -> int:
    """Choose the number of cells of the grid: even, with small factors, and not less than the window needs."""
    least = max(int(np.ceil(2 * window.oversampling * modes)), 4 * window.width)
    return 2 * scipy.fft.next_fast_len((least + 1) // 2, real=True)


@lru_cache(maxsize=8)
def tables(window: Window) -> tuple[NDArray[Any], NDArray[Any]]:
    """Make the polynomials of the window, (degree + 1, width), and that of its inverse transform, highest power first.

    A piece is a function of z = 1 - 2 f for a sample that is the fraction f beyond a cell; the inverse transform of
    y = 2 (k / k_max)^2 - 1, where k_max is the highest mode that the oversampling leaves.
    """
    half, ratio = window.width / 2, window.oversampling
    beta = 0.97 * np.pi * window.width * (1 - 0.5 / ratio)

    def phi(d: Floats) -> Floats:
        return np.asarray(np.exp(beta * (np.sqrt(np.maximum(1 - (d / half) ** 2, 0)) - 1)))

    z = np.cos(np.pi * (np.arange(64) + 0.5) / 64)
    cells = np.arange(window.width)[:, None] + 1 - half
    pieces = [chebyshev.cheb2poly(chebyshev.chebfit(z, phi(c - (1 - z) / 2), window.degree)) for c in cells]
    nodes, weights = legendre.leggauss(200)
    xi = np.sqrt((z + 1) / 2) / (2 * ratio)
    hat = (np.cos(2 * np.pi * half * np.outer(xi, nodes)) * phi(half * nodes)) @ weights * half
    inverse = chebyshev.cheb2poly(chebyshev.chebfit(z, 1 / hat, 20))
    return np.array(pieces).T[::-1].astype(window.dtype, order="C"), inverse[::-1].astype(window.dtype)


@lru_cache(maxsize=8)
def spreader(window: Window) -> Callable[..., None]:
    """Compile the spreading for a width and a degree, so that loops over them are unrolled into vector lanes."""
    width, degree = window.width, window.degree

    @jit
    def spread(t: Any, x: Any, w: Any, scale: Any, pieces: Any, grids: Any) -> None:
        cells, per_s = scale
        real = grids.dtype.type
        place, z = np.empty(BATCH, np.int64), np.zeros(BATCH, grids.dtype)
        phi, v = np.empty((width, BATCH), grids.dtype), np.empty((len(grids), BATCH), grids.dtype)
        m = len(x)
        for first in range(0, t.size, BATCH):
            count = min(BATCH, t.size - first)
            for i in range(count):
                s = t[first + i] * per_s
                s = (s - np.floor(s)) * cells
                whole = np.int64(s)
                place[i] = whole + width // 2 + 1
                z[i] = real(1 - 2 * (s - whole))
                v[m, i] = real(w[first + i])
            for c in range(m):
                for i in range(count):
                    v[c, i] = real(w[first + i] * x[c, first + i])
            for l in range(width):
                for i in range(BATCH):
                    value = pieces[0, l]
                    for p in range(1, degree + 1):
                        value = value * z[i] + pieces[p, l]
                    phi[l, i] = value
            for c in range(m + 1):
                for i in range(count):
                    g, value = place[i], v[c, i]
                    for l in range(width):
                        grids[c, g + l] += value * phi[l, i]

    return spread


@jit
def _divide(spectra: Any, inverse: Any, scale: float, out: Any) -> None:
    """Multiply each mode with the inverse of the window's transform."""
    real = inverse.dtype.type
    y, value = np.empty(BATCH, inverse.dtype), np.empty(BATCH, inverse.dtype)
    for first in range(0, out.shape[1], BATCH):
        count = min(BATCH, out.shape[1] - first)
        for i in range(BATCH):
            y[i] = real(2 * ((first + i) * scale) ** 2 - 1)
            value[i] = inverse[0]
        for p in range(1, inverse.size):
            for i in range(BATCH):
                value[i] = value[i] * y[i] + inverse[p]
        for c in range(out.shape[0]):
            for i in range(count):
                out[c, first + i] = spectra[c, first + i] * value[i]
