# mypy: disable-error-code="untyped-decorator"
"""Correlations of many grids at few lags: Fourier transforms of short segments, a product of matrices per frequency.

Each series is a row of cells. For series a the cells are cut into segments of B cells, padded with zeros; for b each
segment reaches L cells further at both ends. The product conj(A_f) B_f of their transforms of size S >= B + 2L then
holds all lags up to L cells of either sign, and it adds up over segments: one matrix product (D x segments)(segments x
D) a frequency. Only frequencies below the band of the lag kernel are needed, and the sums at the wanted lags are a
small matrix times these products. Per pair of series that is about 8 W T / 2 pi operations for the products, whatever
the cells.
"""

from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from learnsys.core.errors import InputError
from learnsys.series.sums.compiled import jit

MOST_ROWS: Final = 100_000_000
CHUNK: Final = 32  # series transformed at a time: their grids stay in cache
TRANSFORM: Final = 6.0  # what an operation of a transform costs, in operations of a matrix product


@final
class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Where the cells of a grid are kept: rows of equally many cells, blocks of time after one another.

    Attributes
    ----------
    low : ndarray of int64, shape (blocks,)
        The first cell of each block.
    base : ndarray of int64, shape (blocks,)
        The number of each block's first row, empty rows counted.
    place : ndarray of int64
        Which of the kept rows each row is, -1 for an empty one; no entries where all rows are kept.
    starts : ndarray of int64, shape (rows,)
        The first cell of each kept row.
    edges : ndarray of int64, shape (blocks + 1,)
        Kept rows of block j are ``edges[j]:edges[j + 1]``.
    length, halo, size, frequencies : int
        B, L, S, and how many frequencies are used, from 0 on.
    """

    low: NDArray[np.int64]
    base: NDArray[np.int64]
    place: NDArray[np.int64]
    starts: NDArray[np.int64]
    edges: NDArray[np.int64]
    length: int
    halo: int
    size: int
    frequencies: int

    @classmethod
    def of(cls, low: NDArray[np.int64], high: NDArray[np.int64], sizes: tuple[int, int, int]) -> "Layout":
        """Lay out blocks of cells ``low[j]:high[j]``; ``sizes``: L, S and the number of frequencies."""
        halo, size, frequencies = sizes
        length = size - 2 * halo
        rows = -(-(high - low) // length)
        if rows.sum() > MOST_ROWS:
            raise InputError(
                f"the samples cover {rows.sum() * length:.2g} cells of the grid that such a bandwidth needs",
                value=int(rows.sum() * length), next="take a larger bandwidth, or the direct sums",
            )  # fmt: skip
        edges = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)
        block = np.repeat(np.arange(len(low)), rows)
        starts = low[block] + length * (np.arange(edges[-1]) - edges[block])
        return cls(
            low=low, base=edges[:-1].copy(), place=np.empty(0, np.int64), starts=starts, edges=edges,
            length=length, halo=halo, size=size, frequencies=frequencies,
        )  # fmt: skip

    def without(self, empty: NDArray[np.bool_]) -> "Layout":
        """Keep no room for rows without a sample."""
        kept = ~empty
        place = np.where(kept, np.cumsum(kept) - 1, -1)
        edges = np.concatenate([[0], np.cumsum(kept)])[self.edges]
        return msgspec.structs.replace(self, place=place, starts=self.starts[kept], edges=edges)


def segment_size(halo: int, cells: int, *, band: float, series: int, pairs: int, lags: int) -> int:
    """Choose the size of the transforms that costs least.

    Parameters
    ----------
    halo, cells : int
        L, and the cells of all blocks together.
    band : float
        The part of the frequencies that is used.
    series, pairs, lags : int
        How many; lags of all kernels and moments together.
    """
    sizes = np.array(
        [fft.next_fast_len(n, real=True) for n in (2 * halo + 2 + np.geomspace(halo, 16 * halo + 64, 40)).astype(int)]
    )
    sizes = np.unique(sizes + sizes % 2)
    sizes = np.append(sizes[sizes < cells + 2 * halo], 2 * fft.next_fast_len(-(-(cells + 2 * halo) // 2), real=True))
    used = band * sizes / 2
    rows = np.ceil(cells / (sizes - 2 * halo))
    cost = pairs * used * (16 * rows + 4 * lags) + TRANSFORM * series * rows * 10 * sizes * np.log2(sizes)
    return int(sizes[np.argmin(cost)])


@jit
def occupied(  # type: ignore[no-untyped-def]
    empty, data, cells, lanes
):
    """Mark the rows that samples reach (``empty`` becomes False)."""
    t = data[0]
    origin, rate, half, blocks, first, span, low, base, _, length = cells
    for i in range(t.size):
        block = 0
        if blocks > 1:
            block = min(int(blocks * (t[i] - first) / span), blocks - 1)
        cell = int(np.ceil((t[i] - origin) * rate - half)) - low[block]
        empty[base[block] + cell // length] = False
        empty[min(base[block] + (cell + lanes - 1) // length, empty.size - 1)] = False


@jit
def copy_windows(  # type: ignore[no-untyped-def]
    out, cells, starts, layout
):
    """Copy each row with its halo and then zeros, shape (rows, D, S); rows of two blocks that share cells add up."""
    length, halo, reach = layout
    rows = starts.size
    for r in range(rows):
        for d in range(cells.shape[0]):
            window = out[r, d]
            window[:] = 0
            for way in (1, -1):
                n = r if way > 0 else r - 1
                while 0 <= n < rows and (n == r or (halo and abs(starts[n] - starts[r]) < length + halo + reach)):
                    shift = starts[n] - starts[r] + halo
                    source = cells[d, n * length : (n + 1) * length]
                    for k in range(max(0, -shift), min(length, length + 2 * halo - shift)):
                        window[shift + k] += source[k]
                    n += way


@jit
def put_planar(  # type: ignore[no-untyped-def]
    out, spectra, turn, at
):
    """Store ``spectra``, shape (rows, D, frequencies), times ``turn`` in ``out[f, row, real or imaginary, at + d]``."""
    rows, series, _ = spectra.shape
    frequencies = out.shape[0]
    for r in range(rows):
        here = spectra[r]
        for f in range(frequencies):
            real, imaginary = out[f, r, 0, at : at + series], out[f, r, 1, at : at + series]
            c, s = turn[f].real, turn[f].imag
            for d in range(series):
                x, y = here[d, f].real, here[d, f].imag
                real[d] = x * c - y * s
                imaginary[d] = x * s + y * c


def transforms(
    cells: NDArray[Any], layout: Layout, reach: int, out: tuple[NDArray[Any], NDArray[Any]], at: int
) -> None:
    """Transform the segments of some series, without and with halo, into the planes ``out`` from series ``at`` on.

    Parameters
    ----------
    cells : ndarray, shape (D, at least rows * length)
    layout : Layout
    reach : int
        Cells that rows of neighbouring blocks may share.
    out : pair of ndarray, shape (frequencies, rows, 2, all series)
    at : int
    """
    windows = np.empty((layout.starts.size, len(cells), layout.size), cells.dtype)
    frequency = 2 * np.pi * np.arange(layout.frequencies) / layout.size
    for planes, halo in zip(out, (0, layout.halo), strict=True):
        copy_windows(windows, cells, layout.starts, (layout.length, halo, reach))
        spectra = fft.rfft(windows)
        put_planar(planes, spectra, np.exp(1j * frequency * halo).astype(spectra.dtype), at)


def products(a: NDArray[Any], b: NDArray[Any], out: NDArray[Any]) -> None:
    """Sum conj(A) B over segments, for each series of one set with each of another.

    Parameters
    ----------
    a, b : ndarray, shapes (F, rows, 2, D_a) and (F, rows, 2, D_b)
        Real and imaginary parts.
    out : ndarray, shape (2, F, D_a, D_b)
        Gets real and imaginary parts.
    """
    f, rows, _, d = a.shape
    turned = np.empty((f, rows, 2, d), a.dtype)
    np.negative(a[:, :, 1], out=turned[:, :, 0])
    turned[:, :, 1] = a[:, :, 0]
    right = b.reshape(f, 2 * rows, -1)
    np.matmul(a.reshape(f, 2 * rows, d).swapaxes(1, 2), right, out=out[0])
    np.matmul(turned.reshape(f, 2 * rows, d).swapaxes(1, 2), right, out=out[1])


def products_of_pairs(a: NDArray[Any], b: NDArray[Any], out: NDArray[Any]) -> None:
    """Sum conj(A) B over segments for pairs of series, ``a`` and ``b`` of shape (F, rows, 2, P), ``out`` (2, F, P)."""
    np.einsum("frcp,frcp->fp", a, b, out=out[0])
    np.einsum("frp,frp->fp", a[:, :, 0], b[:, :, 1], out=out[1])
    out[1] -= np.einsum("frp,frp->fp", a[:, :, 1], b[:, :, 0])
