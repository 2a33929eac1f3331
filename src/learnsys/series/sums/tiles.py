"""Correlations of pairs of series while rows of the grid come: products of transforms, added up, then turned to lags.

To turn products to lags takes longer than to make them of a few rows, so they are turned only when a block of time
ends, and in single precision after ``TURN`` additions, by when it has lost no more than a digit.
"""

from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.series.sums import segments
from learnsys.series.sums.cell_sums import PRODUCTS, CellGrid

SIDE: Final = 10  # series by as many are multiplied at once, values and weights together: what they make stays in cache
TURN: Final = 32

Planes = list[NDArray[Any]]  # of x and w together, a tile of series each


def upper(series: int) -> NDArray[np.int64]:
    """List all pairs a <= b, shape (P, 2).

    Examples
    --------
    >>> upper(2).tolist()
    [[0, 0], [0, 1], [1, 1]]
    """
    return np.stack(np.triu_indices(series), axis=1).astype(np.int64)


def ordered(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put the smaller number of each pair first, each pair once.

    Examples
    --------
    >>> ordered(np.array([[1, 0], [0, 1], [0, 0]])).tolist()
    [[0, 0], [0, 1]]
    """
    return np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)


def tiles_of(pairs: NDArray[np.int64], side: int) -> list[tuple[int, int]]:
    """List the tiles in which pairs a <= b are, in such an order that those of later series come later."""
    return [(int(i), int(k)) for k, i in np.unique(pairs[:, ::-1] // side, axis=0)]


@final
class Tiles:
    """Correlations of pairs of series, by tiles of series and by blocks of time, while they are added up.

    Parameters
    ----------
    grid : CellGrid
    side : int
        Series of a tile's side.
    pairs : ndarray, shape (P, 2), optional
        The pairs a <= b that are wanted; all if not given.
    dtype : numpy type
        Of the correlations; single precision for blocks, which are added two by two.
    """

    def __init__(
        self, grid: CellGrid, side: int, pairs: NDArray[np.int64] | None = None, *, dtype: Any = np.float64
    ) -> None:
        self.grid, self.side, self.pairs, self.dtype = grid, side, pairs, dtype
        self.inverse = grid.inverse()
        self.keys = [] if pairs is None else tiles_of(pairs, side)
        self.blocks: dict[int, NDArray[Any]] = {}  # of each block, shape (tiles, lags, 4 side^2)
        self.block, self.added = 0, 0
        self.products = np.empty(0)  # of ``block``, not yet turned to lags, shape (tiles, F, 2, 2 side, 2 side)

    def add(self, a: Planes, b: Planes, rows: slice, block: int) -> None:
        """Add some rows of planes of x and w together, a list of tiles of series each."""
        if self.pairs is None and len(a) * (len(a) + 1) // 2 > len(self.keys):
            self.turn()
            self.keys, self.products = tiles_of(upper(len(a)), 1), np.empty(0)
        if block != self.block or (self.added == TURN and a[0].dtype == np.float32):
            self.turn()
        shape = (a[0].shape[0], 2, 2 * self.side, 2 * self.side)
        if not self.products.size:  # one piece of memory: many, with what is made between them, would leave holes
            self.products = np.empty((len(self.keys), *shape), a[0].dtype)
        product = np.empty(shape, a[0].dtype)
        for n, (i, k) in enumerate(self.keys):
            segments.products(a[i][:, rows], b[k][:, rows], product if self.added else self.products[n])
            if self.added:
                self.products[n] += product
        self.block, self.added = block, self.added + 1
        self._make_room(block)

    def turn(self) -> None:
        """Turn products to lags, and begin anew."""
        found = np.empty((2 * self.grid.halo + 1, 4 * self.side**2), self.products.dtype)
        for n in range(len(self.keys) if self.added else 0):
            self.inverse.apply(self.products[n], None, found)
            self.blocks[self.block][n] += found
        self.added = 0

    def _make_room(self, block: int) -> None:
        """Let a block have all tiles that there are by now."""
        before = self.blocks.get(block)
        if before is None or len(before) < len(self.keys):
            self.blocks[block] = np.zeros((len(self.keys), 2 * self.grid.halo + 1, 4 * self.side**2), self.dtype)
            if before is not None:
                self.blocks[block][: len(before)] = before

    def join(self) -> None:
        """Join blocks two by two."""
        self.turn()
        joined: dict[int, NDArray[Any]] = {}
        for block in sorted(self.blocks):
            values = self.blocks.pop(block)
            if (before := joined.get(block // 2)) is None:
                joined[block // 2] = values
            else:  # the later one has all series that the other has
                values[: len(before)] += before
                joined[block // 2] = values
        self.blocks = joined

    def take(self, series: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
        """Give the numbers of blocks, the pairs and their correlations, shape (blocks, 4, lags, P), and forget them."""
        self.turn()
        self.products = np.empty(0)
        numbers = np.array(sorted(self.blocks), np.int64)
        pairs = upper(series) if self.pairs is None else self.pairs
        a, b = pairs.T
        out = np.zeros((len(numbers), len(PRODUCTS), 2 * self.grid.halo + 1, len(pairs)), self.dtype)
        for n, block in enumerate(numbers):
            for (i, k), values in zip(self.keys, self.blocks.pop(int(block)), strict=False):
                here = np.flatnonzero((a // self.side == i) & (b // self.side == k))
                square = values.reshape(len(values), 2, self.side, 2, self.side)
                for which, (of_a, of_b) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
                    out[n, which][:, here] = square[:, of_a, a[here] % self.side, of_b, b[here] % self.side]
        return numbers, pairs, out
