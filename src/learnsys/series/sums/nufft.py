# mypy: disable-error-code="no-any-return, untyped-decorator"
"""Fourier sums of real samples at any stamps: the non-uniform transform of type 1, for real inputs.

    F_k = sum_i c_i exp(-i w_k t_i),    w_k = 2 pi k / P,    k = 0 ... K - 1

Each c_i is spread with a window onto a periodic grid, finer than Nyquist's by ``oversampling``; a real FFT
(``long_fft``); division by the window's transform (Greengard & Lee 2004). The window is the "exponential of a
semicircle" of Barnett, Magland & af Klinteberg (2019), in pieces of polynomials. Values and weights are spread by one
evaluation of the window. Three things make this quicker than a general library here: the inputs are real, so neither
grid is complex; stamps are sorted, so nothing is sorted into bins; and the place on the grid is found in float64 before
anything is rounded to float32, where phases in float32 lose all accuracy at high k (4 % at 2^20 modes).
"""

from functools import lru_cache
from typing import Any, Final, final

import msgspec
import numpy as np
import scipy.fft
from numpy.polynomial import chebyshev, legendre
from numpy.typing import NDArray

from learnsys.series.estimate.types import CoefficientsSpec
from learnsys.series.sums.compiled import cgutils, intrinsic, ir, jit, types
from learnsys.series.sums.long_fft import lowest
from learnsys.series.types import Floats

Spectra = NDArray[np.complexfloating]
INVERSE: Final = {"float32": 12, "float64": 24}  # degree of the polynomial of the inverse transform of a window
BATCH: Final = 64  # modes whose factors are evaluated together, a lane each


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


SINGLE: Final = Window(width=8, degree=7, oversampling=1.25, dtype="float32", error=1e-4)
DOUBLE: Final = Window(width=16, degree=14, oversampling=1.25, dtype="float64", error=2.5e-9)
FINER: Final = Window(width=16, degree=14, oversampling=1.5, dtype="float64", error=1e-11)
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
    given = pieces, (0,) * window.width, (0,) * (window.degree + 1)  # their lengths, known when compiling
    _spread(t, x, w, (cells, 1 / spec.period_s), given, grids)
    grids[:, pad : 2 * pad] += grids[:, -pad:]
    grids[:, cells : cells + pad] += grids[:, :pad]
    out = lowest(grids[:, pad:-pad], spec.modes, out)
    divide(out, inverse, 2 * window.oversampling / cells, out)
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
    beta = 0.972 * np.pi * window.width * (1 - 0.5 / ratio)

    def phi(d: Floats) -> Floats:
        return np.asarray(np.exp(beta * (np.sqrt(np.maximum(1 - (d / half) ** 2, 0)) - 1)))

    z = np.cos(np.pi * (np.arange(64) + 0.5) / 64)
    cells = np.arange(window.width)[:, None] + 1 - half
    pieces = [chebyshev.cheb2poly(chebyshev.chebfit(z, phi(c - (1 - z) / 2), window.degree)) for c in cells]
    nodes, weights = legendre.leggauss(200)
    xi = np.sqrt((z + 1) / 2) / (2 * ratio)
    hat = (np.cos(2 * np.pi * half * np.outer(xi, nodes)) * phi(half * nodes)) @ weights * half
    inverse = chebyshev.cheb2poly(chebyshev.chebfit(z, 1 / hat, INVERSE[window.dtype]))
    return np.array(pieces).T[::-1].astype(window.dtype, order="C"), inverse[::-1].astype(window.dtype)


@jit
def _spread(t: Any, x: Any, w: Any, scale: Any, window: Any, grids: Any) -> None:
    """Add all samples to the grids, shape (m + 1, cells and twice the width)."""
    cells, per_s = scale
    pieces, lanes, powers = window
    real, m, half = grids.dtype.type, len(x), len(lanes) // 2
    values = np.empty(m + 1, grids.dtype)
    for i in range(t.size):
        s = t[i] * per_s
        s = (s - np.floor(s)) * cells
        cell = np.int64(s)
        piece, sizes = (pieces, real(1 - 2 * (s - cell))), (lanes, powers)
        if m == 1:
            spread_one(grids, cell + half + 1, (real(w[i] * x[0, i]), real(w[i])), piece, sizes)
            continue
        for c in range(m):
            values[c] = real(w[i] * x[c, i])
        values[m] = real(w[i])
        spread_one(grids, cell + half + 1, values, piece, sizes)


@intrinsic
def spread_one(_: Any, grids: Any, cell: Any, values: Any, piece: Any, sizes: Any) -> Any:
    """Evaluate the window, phi, and add it times each of ``values`` to the grids from ``cell`` on.

    Numba makes vector instructions of a loop only where no two arrays can overlap, which it cannot tell of grids and
    tables; so they are written by hand. ``values``: an array, or a tuple, which stays in registers; ``piece``: the
    polynomials and their argument z; ``sizes``: two tuples whose lengths are the width of the window and the number of
    coefficients of a polynomial.
    """
    width, count = sizes[0].count, sizes[1].count

    def build(context: Any, builder: Any, _: Any, given: Any) -> Any:
        grid = context.make_array(grids)(context, builder, given[0])
        table = context.make_array(piece[0])(context, builder, builder.extract_value(given[3], 0))
        real = context.get_value_type(grids.dtype)
        bytes_, lanes = context.get_abi_sizeof(real), ir.VectorType(real, width)

        def load(data: Any, index: Any) -> tuple[Any, Any]:
            place = builder.bitcast(builder.gep(data, [index]), lanes.as_pointer())
            return place, builder.load(place, align=bytes_)

        def everywhere(number: Any) -> Any:
            first = builder.insert_element(ir.Constant(lanes, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
            return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), width), None))

        def fused(a: Any, b: Any, c: Any) -> Any:
            return builder.fadd(builder.fmul(a, b, flags=("contract",)), c, flags=("contract",))

        z = everywhere(builder.extract_value(given[3], 1))
        _, phi = load(table.data, ir.Constant(ir.IntType(64), 0))
        for p in range(1, count):
            phi = fused(phi, z, load(table.data, ir.Constant(ir.IntType(64), p * width))[1])
        stride = cgutils.unpack_tuple(builder, grid.strides, 2)[0]
        row = builder.sdiv(stride, ir.Constant(stride.type, bytes_))

        def add(n: Any, amount: Any) -> None:
            place, old = load(grid.data, builder.add(builder.mul(n, row), given[1]))
            builder.store(fused(everywhere(amount), phi, old), place, align=bytes_)

        if isinstance(values, types.BaseTuple):
            for n in range(values.count):
                add(ir.Constant(stride.type, n), builder.extract_value(given[2], n))
            return context.get_dummy_value()
        amounts = context.make_array(values)(context, builder, given[2])
        with cgutils.for_range(builder, cgutils.unpack_tuple(builder, amounts.shape, 1)[0]) as loop:
            add(loop.index, builder.load(builder.gep(amounts.data, [loop.index])))
        return context.get_dummy_value()

    return types.void(grids, cell, values, piece, sizes), build


@jit
def divide(spectra: Any, inverse: Any, scale: float, out: Any) -> None:
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
