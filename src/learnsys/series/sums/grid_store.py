"""Pieces of a grid on disk, to which rows are added that come in no order of time."""

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, final
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

Piece = tuple[NDArray[Any], NDArray[np.float64]]


@final
class GridStore:
    """Cells, and sums of samples with themselves, by pieces of equally many rows; a file each, in a temporary folder.

    The folder goes when the store does.
    """

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="learnsys-grid-"))
        finalize(self, rmtree, self.folder, ignore_errors=True)
        self.numbers: set[int] = set()

    def add(self, number: int, cells: NDArray[Any], own: NDArray[np.float64]) -> None:
        """Add to a piece; later ones may have more series, at the end."""
        if number in self.numbers:
            before = self.piece(number)
            cells, own = cells.copy(), own.copy()
            cells[: len(before[0])] += before[0]
            own[..., : before[1].shape[2]] += before[1]
        np.savez(self._path(number), cells=cells, own=own)
        self.numbers.add(number)

    def piece(self, number: int) -> Piece:
        """Read a piece."""
        with np.load(self._path(number)) as kept:
            return kept["cells"], kept["own"]

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.npz"
