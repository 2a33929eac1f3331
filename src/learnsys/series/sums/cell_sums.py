"""Correlations of grids at lags of whole cells: what a state keeps, and how every lag kernel follows from it.

    R_ab[j] = sum_m A[m] B[m + j],    sum at lag tau = sum_j R_ab[j] kappa(j delta - tau),

where kappa is the lag kernel with its transform divided by |phi^|^2 and cut at the band. R serves all kernels whose
transforms fit the band, all their moments, and all lags within its reach.
"""

from functools import lru_cache
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from learnsys.core.errors import Incompatible
from learnsys.series.sums.grid_plan import extent_s
from learnsys.series.sums.kernels import density, moments, transform
from learnsys.series.sums.lag_sums import LagMatrix
from learnsys.series.sums.segments import Layout
from learnsys.series.sums.spread import LANES, Spreading, design, window_transform
from learnsys.series.types import Floats, Kernel, Lags

SEGMENT: Final = 2  # half a transform, in halos: longer ones take fewer operations, and more memory for every pair
PRODUCTS: Final = ("xy", "xw", "wx", "ww")
WHOLE: Final = 62  # a level at which all time is one block


@final
class CellGrid(msgspec.Struct, frozen=True, kw_only=True):
    """The grid that states must share to be added.

    Attributes
    ----------
    t0_ns : int
        Where its first cell is, nanoseconds since 1970; 0 where stamps are plain numbers.
    spreading : Spreading
    tol : float
        Error of the sums, relative to the peak of a lag kernel.
    halo, size : int
        Largest lag in cells, and the size of the transforms.
    block_rows : int
        Rows of ``length`` cells in a block of the jackknife, before blocks are joined.
    """

    t0_ns: int
    spreading: Spreading
    tol: float
    halo: int
    size: int
    block_rows: int

    @classmethod
    def of(
        cls, kernels: tuple[Kernel, ...], lags: Lags, *, tol: float = 1e-4, t0_ns: int = 0, block_s: float | None = None
    ) -> "CellGrid":
        """Choose a grid for all of ``kernels``, at lags up to the largest of ``lags``.

        Parameters
        ----------
        block_s : float, optional
            About how long a block of the jackknife is at least; one row of cells if not given.
        """
        spreading = design(kernels, tol)
        reach = lags.reach_s + max(extent_s(kernel, tol, spreading) for kernel in kernels)
        halo = int(np.ceil(reach / spreading.cell_s)) + 2 * spreading.width + 1
        size = 2 * fft.next_fast_len(SEGMENT * halo, real=True)
        rows = 1 if block_s is None else max(1, round(block_s / (spreading.cell_s * (size - 2 * halo))))
        return cls(t0_ns=t0_ns, spreading=spreading, tol=tol, halo=halo, size=size, block_rows=rows)

    @property
    def length(self) -> int:
        """Cells of a row."""
        return self.size - 2 * self.halo

    @property
    def edge(self) -> int:
        """Cells at both ends that a state keeps, so that it can be added to a neighbour."""
        return 2 * self.halo + 4 * LANES

    @property
    def dtype(self) -> Any:
        """The precision of cells."""
        return np.float32 if self.tol >= 2e-6 else np.float64

    def layout(self, rows: int) -> Layout:
        """Lay out so many rows from cell 0 on."""
        low = np.zeros(1, np.int64)
        return Layout.of(low, low + rows * self.length, (self.halo, self.size, self.size // 2 + 1))

    def inverse(self) -> LagMatrix:
        """Make the matrix from products of transforms to correlations at lags -halo ... halo."""
        f, j = np.arange(self.size // 2 + 1), np.arange(self.halo + 1)[:, None]
        scale = np.where((f == 0) | (2 * f == self.size), 1, 2) / self.size
        x = 2 * np.pi * f / self.size
        real, imaginary = scale * np.cos(x * j), -scale * np.sin(x * j)
        return LagMatrix(real=real.astype(self.dtype), imaginary=imaginary.astype(self.dtype), mirrored=True, odd=False)

    def kernel_matrix(self, kernel: Kernel, tau: Floats, p: int) -> Floats:
        """Evaluate kappa for one moment, shape (lags, 2 halo + 1).

        Raises
        ------
        Incompatible
            If the grid is too coarse for the kernel, or does not reach as far as a lag.
        """
        self._check(kernel, tau)
        cell, width = self.spreading.cell_s, self.spreading.width
        j = np.asarray(np.arange(-self.halo, self.halo + 1) * cell, float)
        if width == 1:
            return density(kernel, j - tau[:, None], p)
        omega, g = self._band(kernel, p)
        g /= window_transform(omega * cell, width, self.spreading.sharpness) ** 2
        return _inverted(omega, g, j, tau, odd=p == 1)

    def own_responses(self, kernel: Kernel, tau: Floats) -> list[Floats]:
        """What a sample adds to its own sums at each lag, for each moment; see ``lag_sums.own_responses``."""
        orders = range(moments(kernel)[0])
        if self.spreading.width == 1:
            return [density(kernel, -tau, p) for p in orders]
        return [_inverted(*self._band(kernel, p), np.zeros(1), tau, odd=p == 1)[:, 0] for p in orders]

    def _band(self, kernel: Kernel, p: int) -> tuple[Floats, Floats]:
        """Frequencies at which to integrate, and the transform of a moment there (of odd ones i times it), weighted.

        A smooth kernel fades out by itself up to the end of the grid's frequencies: cut at the band, it would ring.
        """
        end = self.spreading.band if kernel.name == "box" else np.pi / self.spreading.cell_s
        nodes, weights = _legendre(400 + 2 * self.halo)
        omega = 0.5 * end * (nodes + 1)
        g = transform(kernel, omega, p) * 0.5 * end * weights / np.pi
        return omega, np.asarray(-g.imag if p == 1 else g.real, float)

    def _check(self, kernel: Kernel, tau: Floats) -> None:
        need = design((kernel,), self.tol)
        if self.spreading.width > 1 and need.band > self.spreading.band * (1 + 1e-9):
            raise Incompatible(
                f"the state's grid of {self.spreading.cell_s:.3g} s is too coarse for a {kernel.name} kernel with a "
                f"bandwidth of {kernel.h:g} s", value=kernel.h, next="take a larger bandwidth, or make the state anew",
            )  # fmt: skip
        reach = self.halo * self.spreading.cell_s - extent_s(kernel, self.tol, self.spreading)
        if (largest := float(np.abs(tau).max(initial=0))) > reach:
            raise Incompatible(
                f"the state reaches to lags of {reach:.3g} s, but {largest:g} s are wanted", value=largest,
                next="ask for shorter lags, or make the state anew",
            )  # fmt: skip


@lru_cache(maxsize=8)
def _legendre(count: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return np.asarray(nodes, float), np.asarray(weights, float)


def _inverted(omega: Floats, g: Floats, u: Floats, tau: Floats, *, odd: bool) -> Floats:
    """Integrate g cos(w (u - tau)), or of ``odd`` ones g sin(w (u - tau)), over frequencies, shape (tau, u)."""
    of_u, of_tau = (np.outer(omega, u), np.outer(tau, omega))
    cos, sin = np.cos(of_u), np.sin(of_u)
    if odd:
        return np.asarray((np.cos(of_tau) * g) @ sin - (np.sin(of_tau) * g) @ cos, float)
    return np.asarray((np.cos(of_tau) * g) @ cos + (np.sin(of_tau) * g) @ sin, float)


def block_numbers(rows: NDArray[np.int64], grid: CellGrid, level: int) -> NDArray[np.int64]:
    """Number the blocks in which rows are, when blocks were joined two by two ``level`` times."""
    return np.asarray(np.zeros_like(rows) if level == WHOLE else (rows // grid.block_rows) >> level, np.int64)
