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
CACHED: Final = 2**16  # cells transformed at a time
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
    wanted = 2 * halo + 2 + np.geomspace(halo, 16 * halo + 64, 40)
    sizes = np.unique([2 * fft.next_fast_len(int(n) // 2, real=True) for n in wanted])
    whole = 2 * fft.next_fast_len(-(-(cells + 2 * halo) // 2), real=True)
    sizes = np.append(sizes[sizes < whole], whole)
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
    """Copy some rows with their halo and then zeros, shape (some, D, S); rows of two blocks that share cells add up.

    ``layout``: the first of these rows, the length of a row, the halo, and how many cells rows of blocks may share.
    """
    begin, length, halo, reach = layout
    rows = starts.size
    for r in range(begin, begin + out.shape[0]):
        windows = out[r - begin]
        windows[:, length if halo == 0 else 0 :] = 0
        if halo == 0:
            windows[:, :length] = cells[:, r * length : (r + 1) * length]
            continue
        for way in (1, -1):
            n = r if way > 0 else r - 1
            while 0 <= n < rows and abs(starts[n] - starts[r]) < length + halo + reach:
                shift = starts[n] - starts[r] + halo
                first = max(0, -shift)
                last = max(first, min(length, length + 2 * halo - shift))  # a row out of reach adds nothing
                for d in range(cells.shape[0]):  # slices, whose bounds the compiler knows, are added by vectors
                    target = windows[d, shift + first : shift + last]
                    source = cells[d, n * length + first : n * length + last]
                    for k in range(target.size):
                        target[k] += source[k]
                n += way


@jit
def put_planar(  # type: ignore[no-untyped-def]
    out, spectra, turn
):
    """Store ``spectra``, shape (rows, D, frequencies), times ``turn`` in ``out[f, row, real or imaginary, d]``.

    Where ``out`` has room for it, -1j times the conjugate follows: (-imaginary, real) at ``D + d``.
    """
    rows, series, _ = spectra.shape
    twice = out.shape[3] > series
    for f in range(out.shape[0]):
        c, s = turn[f].real, turn[f].imag
        for r in range(rows):
            real, imaginary = out[f, r, 0], out[f, r, 1]
            for d in range(series):
                x, y = spectra[r, d, f].real, spectra[r, d, f].imag
                real[d] = x * c - y * s
                imaginary[d] = x * s + y * c
            if twice:
                for d in range(series):
                    real[series + d] = -imaginary[d]
                    imaginary[series + d] = real[d]


def transforms(
    cells: NDArray[Any],
    layout: Layout,
    reach: int,
    span: tuple[int, int] | None = None,
    *,
    room: NDArray[Any] | None = None,
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Transform the segments of some series, without halo as ``products`` takes them for a, and with halo for b.

    Parameters
    ----------
    cells : ndarray, shape (parts, D, at least rows * length)
        Of values and of weights.
    layout : Layout
    reach : int
        Cells that rows of neighbouring blocks may share.
    span : tuple of int, optional
        The first row that is transformed, and the one after the last; all if not given.
    room : ndarray, optional
        Memory for what is returned, so that it need not be asked for again: ``room_for`` entries or more.

    Returns
    -------
    list of pairs of ndarray, shapes (F, rows, 2, 2 D) and (F, rows, 2, D)
        One for each part.
    """
    first, last = span or (0, layout.starts.size)
    rows, series = last - first, cells.shape[1]
    some = max(1, CACHED // (series * layout.size))
    windows = np.empty((some, series, layout.size), cells.dtype)
    frequency = 2 * np.pi * np.arange(layout.frequencies) / layout.size
    # one piece of memory, since large ones come in large pages
    need = room_for(cells, layout, rows)
    room = np.empty(need, cells.dtype) if room is None else room[:need]
    room = room.reshape(len(cells), 3, -1)
    planes = [
        (
            part[:2].reshape(layout.frequencies, rows, 2, 2 * series),
            part[2].reshape(layout.frequencies, rows, 2, series),
        )
        for part in room
    ]
    for part, out in zip(cells, planes, strict=True):
        for target, halo in zip(out, (0, layout.halo), strict=True):
            turn = np.exp(1j * frequency * halo).astype(np.result_type(cells.dtype, np.complex64))
            for row in range(0, rows, some):
                count = min(some, rows - row)
                shape = (first + row, layout.length, halo, reach)
                copy_windows(windows[:count], part, layout.starts, shape)
                put_planar(target[:, row : row + count], fft.rfft(windows[:count]), turn)
    return planes


def room_for(cells: NDArray[Any], layout: Layout, rows: int) -> int:
    """Count the entries of all planes that ``transforms`` makes of so many rows."""
    return int(cells.shape[0] * cells.shape[1] * 6 * layout.frequencies * rows)


def products(a: NDArray[Any], b: NDArray[Any], out: NDArray[Any]) -> None:
    """Sum conj(A) B over segments, for each series of one set with each of another: one matrix product a frequency.

    Parameters
    ----------
    a, b : ndarray, shapes (F, rows, 2, 2 D_a) and (F, rows, 2, D_b)
        As ``transforms`` makes them.
    out : ndarray, shape (F, 2, D_a, D_b)
        Gets real and imaginary parts.
    """
    f, rows, _, d = a.shape
    left, right = a.reshape(f, 2 * rows, d).swapaxes(1, 2), b.reshape(f, 2 * rows, -1)
    np.matmul(left, right, out=out.reshape(f, d, -1))


def products_of_pairs(a: NDArray[Any], b: NDArray[Any], out: NDArray[Any]) -> None:
    """Sum conj(A) B over segments for P pairs of series.

    Parameters
    ----------
    a, b : ndarray, shapes (F, rows, 2, 2 P) and (F, rows, 2, P)
    out : ndarray, shape (F, 2, P)
    """
    pairs = out.shape[2]
    np.einsum("frcp,frcp->fp", a[..., :pairs], b, out=out[:, 0])
    np.einsum("frcp,frcp->fp", a[..., pairs:], b, out=out[:, 1])
