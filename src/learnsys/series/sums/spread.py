# mypy: disable-error-code="untyped-decorator, no-any-return"
"""A compact kernel by which samples are spread onto a grid in time, and how fine that grid must be.

A sample at t adds phi(m - t/delta) to the cells m near it. A lag kernel K that is small beyond a frequency W needs
cells of delta = pi / (s W), s > 1; the sums over pairs of samples follow from the grid once K's transform is divided
by |phi^|^2. What remains is aliasing: frequencies above pi/delta fold back. phi is the Kaiser-Bessel window,

    phi(z) = I0(b sqrt(1 - (2z/width)^2)) / I0(b),    phi^(x) = width sinh(r) / (r I0(b)),  r^2 = b^2 - (width x / 2)^2,

near the best for a given width. Since K's transform falls where aliasing rises, s = 1.25 is enough (a
non-uniform FFT, which knows no K, takes up to 2; Barnett, Magland and af Klinteberg, SIAM J. Sci. Comput. 2019).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import i0e

from learnsys.series.sums.compiled import intrinsic, ir, jit, types
from learnsys.series.sums.kernels import bandlimit, moments, transform
from learnsys.series.types import Floats, Kernel

OVERSAMPLING: Final = (1.25, 1.5, 2.0)  # nearer to 1 the window is too small at the edge of the band
LANES: Final = 8  # cells that one instruction adds; a width up to this costs the same
WIDEST: Final = 16
LINE: Final = 2  # coefficients of a line, by which phi is tabulated in single precision
SHARPNESS: Final = np.linspace(0.45, 0.9, 19)  # of the window: b / (pi width)


@final
class Spreading(msgspec.Struct, frozen=True, kw_only=True):
    """How samples are put onto a grid.

    Attributes
    ----------
    cell_s : float
        The width of a cell, in seconds.
    width : int
        Cells that a sample reaches; 1: samples lie on the grid themselves.
    sharpness : float
        b of the window.
    band : float
        Angular frequency up to which the grid is right, radians a second.
    """

    cell_s: float
    width: int
    sharpness: float
    band: float


def window(z: Floats, spreading: Spreading) -> Floats:
    """Evaluate phi at distances ``z`` in cells, at most half the width."""
    b = spreading.sharpness
    root = np.sqrt(np.maximum(1 - (2 * z / spreading.width) ** 2, 0))
    return np.asarray(i0e(b * root) * np.exp(b * (root - 1)) / i0e(b), float)


def window_transform(x: Floats, width: int, sharpness: float | Floats) -> Floats:
    """Evaluate phi^ at angular frequencies ``x`` a cell; 1 for a width of 1, where nothing is spread."""
    if width == 1:
        return np.ones_like(x)
    b = np.asarray(sharpness, float)
    square = b**2 - (0.5 * width * x) ** 2
    r = np.sqrt(np.maximum(np.abs(square), 1e-24))
    inside = np.exp(np.minimum(r - b, 0)) * (1 - np.exp(-2 * r)) / 2
    return np.asarray(width * np.where(square > 0, inside, np.exp(-b) * np.sin(r)) / (r * i0e(b)), float)


@lru_cache(maxsize=256)
def design(kernels: tuple[Kernel, ...], tol: float) -> Spreading:
    """Choose cells and a window so that no lag kernel is wrong by more than about ``tol`` of its peak.

    Examples
    --------
    >>> found = design((Kernel(name="gaussian", h=1.0),), 1e-3)
    >>> found.width, round(found.cell_s, 2)
    (5, 0.72)
    """
    band = max(_band(kernel, tol) for kernel in kernels)
    chosen = None
    for s in OVERSAMPLING:
        width, sharpness = _narrowest(kernels, tol, band, s)
        if chosen is None or width < chosen.width:
            chosen = Spreading(cell_s=np.pi / (s * band), width=width, sharpness=sharpness, band=band)
        if width <= LANES or (tol < 1e-6 and width <= 1.5 * LANES):
            break
    assert chosen is not None
    return chosen


def _band(kernel: Kernel, tol: float) -> float:
    """The frequency beyond which the transforms add up to less than half of ``tol`` of the whole."""
    if kernel.name == "box":
        return bandlimit(kernel, tol)
    omega = np.linspace(0, bandlimit(kernel, tol / 100), 2001)
    tails = [np.cumsum(size[::-1])[::-1] / size.sum() for size in _sizes(kernel, omega)]
    return float(omega[max(int(np.searchsorted(-tail, -0.5 * tol)) for tail in tails)])


def _sizes(kernel: Kernel, omega: Floats) -> list[Floats]:
    return [np.abs(transform(kernel, omega, p)) for p in range(moments(kernel)[0])]


def _narrowest(kernels: Sequence[Kernel], tol: float, band: float, s: float) -> tuple[int, float]:
    """The smallest width, and its sharpness, at which what folds back stays below half of ``tol``."""
    omega = np.linspace(0, band, 65)
    sizes = [size / size.sum() for kernel in kernels for size in _sizes(kernel, omega)]
    x = np.pi / s * omega / band
    for width in range(2, WIDEST + 1):
        b = np.pi * width * SHARPNESS[:, None]
        folded = sum(
            np.abs(window_transform(2 * np.pi * m + sign * x, width, b)) for m in (1, 2, 3) for sign in (-1, 1)
        )
        relative = 2 * folded / np.abs(window_transform(x, width, b))
        errors = np.max([relative @ size for size in sizes], axis=0)
        best = int(np.argmin(errors))
        if errors[best] < 0.5 * tol:
            break
    return width, float(b[best, 0])


@lru_cache(maxsize=64)
def table(spreading: Spreading, single: bool) -> NDArray[np.floating]:
    """Tabulate phi by the place of a sample between two cells, shape (places, degree + 1, lanes).

    Around each place it is a polynomial, lowest power first: a line in single precision, which costs the least, else a
    cubic. Lanes beyond the width are 0.
    """
    degree, places = (1, 1024) if single else (3, 512)
    lanes = -(-spreading.width // LANES) * LANES if spreading.width > 1 else 1
    dtype = np.float32 if single else np.float64
    out = np.zeros((places, degree + 1, lanes), dtype)
    if spreading.width == 1:
        out[:, 0] = 1
        return out
    nodes = 0.5 * np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
    place = (np.arange(places)[:, None, None] + 0.5 + nodes[:, None]) / places
    values = window(place + np.arange(spreading.width) - 0.5 * spreading.width, spreading)
    out[:, :, : spreading.width] = np.linalg.inv(np.vander(nodes, increasing=True)) @ values
    return out


@intrinsic
def add_line(_: Any, cells: Any, phi: Any, places: Any, amounts: Any) -> Any:
    """Evaluate phi, a line at each of ``LANES`` cells, and add it to cells twice, times two amounts.

    By hand, since numba makes no vector instructions where arrays may overlap. ``places``: where x and w are added,
    counted from the beginning of the cells, and the row of the table; ``amounts``: what phi is multiplied with, and the
    argument of the line.
    """

    def build(context: Any, builder: Any, _: Any, given: Any) -> Any:
        target, table = (
            context.make_array(kind)(context, builder, given[n]).data for n, kind in ((0, cells), (1, phi))
        )
        real, whole = context.get_value_type(cells.dtype), ir.IntType(64)
        bytes_, lanes = context.get_abi_sizeof(real), ir.VectorType(real, LANES)

        def place(data: Any, index: Any) -> Any:
            return builder.bitcast(builder.gep(data, [index]), lanes.as_pointer())

        def load(data: Any, index: Any) -> Any:
            return builder.load(place(data, index), align=bytes_)

        def fused(a: Any, number: Any, c: Any) -> Any:
            first = builder.insert_element(ir.Constant(lanes, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
            b = builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), LANES), None))
            return builder.fadd(builder.fmul(a, b, flags=("contract",)), c, flags=("contract",))

        row = builder.mul(builder.extract_value(given[2], 2), ir.Constant(whole, LINE * LANES))
        slope = load(table, builder.add(row, ir.Constant(whole, LANES)))
        v = fused(slope, builder.extract_value(given[3], 2), load(table, row))
        for n in range(2):
            at = builder.extract_value(given[2], n)
            sum_ = fused(v, builder.extract_value(given[3], n), load(target, at))
            builder.store(sum_, place(target, at), align=bytes_)
        return context.get_dummy_value()

    return types.void(cells, phi, places, amounts), build


@jit
def add_samples(  # type: ignore[no-untyped-def]
    out, own, data, cells, phi
):
    """Spread samples of some series: ``out[0, d]`` gets w x phi, ``out[1, d]`` w phi.

    ``own[:, block, d]`` gets the sums of w^2, w^2 x and w^2 x^2, what pairs of a sample with itself add. ``data``:
    stamps, values, weights, first samples of the series. ``cells``: the origin in seconds, cells a second, half the
    width, then how cells are laid out by blocks and rows (see ``segments.Layout``).
    """
    t, x, w, starts = data
    origin, rate, half, blocks, first, span, low, base, place, length = cells
    places, powers, lanes = phi.shape
    to, lines = phi.dtype.type, powers == LINE and lanes == LANES
    line, part = out.strides[1] // out.itemsize, out.strides[0] // out.itemsize
    for d in range(starts.size - 1):
        for i in range(starts[d], starts[d + 1]):
            block = 0
            if blocks > 1:
                block = min(int(blocks * (t[i] - first) / span), blocks - 1)
            at = (t[i] - origin) * rate - half
            cell = np.ceil(at)
            y = (cell - at) * places
            row = int(y)
            dy = to(y - row - 0.5)
            cell = int(cell) - low[block]
            if place.size:
                r = cell // length
                cell += (place[base[block] + r] - r) * length
            else:
                cell += base[block] * length
            z = w[i] * x[i]
            own[0, block, d] += w[i] * w[i]
            own[1, block, d] += w[i] * z
            own[2, block, d] += z * z
            wx, ww = to(z), to(w[i])
            if lines:
                add_line(out, phi, (d * line + cell, part + d * line + cell, row), (wx, ww, dy))
                continue
            here_x, here_w, q = out[0, d, cell : cell + lanes], out[1, d, cell : cell + lanes], phi[row]
            if powers == 2:
                for k in range(lanes):
                    v = q[0, k] + dy * q[1, k]
                    here_x[k] += wx * v
                    here_w[k] += ww * v
            else:
                for k in range(lanes):
                    v = q[0, k] + dy * (q[1, k] + dy * (q[2, k] + dy * q[3, k]))
                    here_x[k] += wx * v
                    here_w[k] += ww * v
