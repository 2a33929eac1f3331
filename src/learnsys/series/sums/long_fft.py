# mypy: disable-error-code="no-any-return, untyped-decorator"
"""Fourier transforms of long real vectors, by columns and by rows (Bailey's four steps, J. Supercomputing 1990).

A vector of N = N1 N2 cells, seen as N1 rows, is transformed along its columns, multiplied by e^{-2 pi i k1 j2 / N}, and
transformed along its rows: frequency k1 + N1 k2 is then at (k1, k2). A library transforms several columns or rows at
once by vector instructions and from cache, but one long vector neither way: so this is up to three times as quick.
"""

from typing import Any, Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from learnsys.series.sums.compiled import jit

LONG: Final = 2**17  # cells, from which it pays
LINE: Final = 8  # neighbours in memory that are fetched together
FINE: Final = 32  # cells after which a phase is computed anew


def lowest(cells: NDArray[Any], modes: int, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Transform real vectors to their lowest frequencies.

    Parameters
    ----------
    cells : ndarray of float32 or float64, shape (m, N)
        N with small factors.
    modes : int
        K <= N / 2 + 1.
    out : ndarray of complex, shape (m, K), optional
        Where to put the answer.

    Returns
    -------
    ndarray of complex64 or complex128, shape (m, K)

    Examples
    --------
    >>> lowest(np.array([[1.0, 0.0, 0.0, 1.0]]), 2).tolist()
    [[(2+0j), (1+1j)]]
    """
    many, size = cells.shape
    rows = divisor(size)
    if out is None:
        out = np.empty((many, modes), np.result_type(cells, np.complex64))
    if size < LONG or rows < FINE:
        out[:] = scipy.fft.rfft(cells, axis=1)[:, :modes]
        return out
    table = scipy.fft.rfft(cells.reshape(many, rows, size // rows), axis=1)
    _turn(table, 1 / size)
    table = scipy.fft.fft(table, axis=2, overwrite_x=True)
    _in_order(table, rows, out)
    return out


def divisor(size: int) -> int:
    """Find the divisor of a number that is the nearest below its square root.

    Examples
    --------
    >>> divisor(1_310_720)
    1024
    """
    root = int(np.sqrt(size))
    return next(d for d in range(root, 0, -1) if size % d == 0)


@jit
def _turn(table: Any, per_turn: float) -> None:
    """Multiply entry (k1, j2) of each table by exp(-2 pi i k1 j2 / N)."""
    many, rows, columns = table.shape
    phase = np.empty(columns, table.dtype)
    kind = table.dtype.type
    fine = np.empty(FINE, np.complex128)
    for k in range(rows):
        angle = -2 * np.pi * k * per_turn
        for j in range(FINE):
            fine[j] = np.exp(1j * angle * j)
        for first in range(0, columns, FINE):
            coarse = np.exp(1j * angle * first)
            for j in range(first, min(first + FINE, columns)):
                phase[j] = kind(coarse * fine[j - first])
        for m in range(many):
            for j in range(columns):
                table[m, k, j] *= phase[j]


@jit
def _in_order(table: Any, rows: int, out: Any) -> None:
    """Put frequency k1 + N1 k2 from (k1, k2), or from its mirror image, in its place."""
    many, half, columns = table.shape
    modes = out.shape[1]
    for m in range(many):
        for first in range(0, -(-modes // rows), LINE):
            for k1 in range(rows):
                for k2 in range(first, first + LINE):
                    k = k1 + rows * k2
                    if k < modes:
                        if k1 < half:
                            out[m, k] = table[m, k1, k2]
                        else:
                            out[m, k] = np.conj(table[m, rows - k1, columns - 1 - k2])
