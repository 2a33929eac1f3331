"""From the products of transforms to sums at lags: a matrix for each lag kernel and moment.

With G_f the sum over segments of conj(A_f) B_f, cells of delta seconds and transforms of size S, sums at lag tau are

    sum_f Re(q_f(tau) G_f),    q_f(tau) = c_f conj(K^(w_f)) exp(i w_f tau) / (S delta |phi^(w_f delta)|^2),

c_f = 2, and 1 for the frequencies that have no mirror image. K^(w) is real for even moments and imaginary for odd ones,
so at -tau one of the parts (from Re G, from Im G) changes its sign: lags on both sides of 0 cost as much as on one.
"""

import math
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.series.sums import segments, spread
from learnsys.series.sums.grid_plan import Plan
from learnsys.series.sums.kernels import density, moments, transform
from learnsys.series.types import Floats, Kernel, KernelSums, SumsSpec

FIELDS: Final = {"xy": (0, 0), "ww": (1, 1), "xw": (0, 1), "wx": (1, 0)}  # x or w of a, x or w of b
SPARSE: Final = 8  # wanted pairs among so many of a tile: below, each is computed alone

Planes = list[tuple[NDArray[Any], NDArray[Any]]]  # as ``segments.transforms`` makes them: of x, and of w


@final
class LagMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """Sums at lags from products of transforms: ``real @ Re G + imaginary @ Im G``.

    Attributes
    ----------
    real, imaginary : ndarray, shape (lags, F)
        If ``mirrored``: of the lags that are not negative.
    mirrored : bool
        The lags are as many on either side of 0.
    odd : bool
        An odd moment.
    """

    real: NDArray[Any]
    imaginary: NDArray[Any]
    mirrored: bool
    odd: bool

    def apply(self, product: NDArray[Any], columns: NDArray[np.int64] | None, out: NDArray[Any]) -> None:
        """Fill ``out``, shape (lags, P), from ``product``, shape (F, 2, pairs), taking some of the pairs' columns."""
        flat = product.reshape(*product.shape[:2], -1)
        r, i = self.real @ flat[:, 0], self.imaginary @ flat[:, 1]
        if columns is not None:
            r, i = r[:, columns], i[:, columns]
        if not self.mirrored:
            np.add(r, i, out=out)
            return
        count = len(out)
        np.add(r, i, out=out[count // 2 :])
        first, second = (i, r) if self.odd else (r, i)
        np.subtract(first[count % 2 :], second[count % 2 :], out=out[: count // 2][::-1])


Matrices = list[list[LagMatrix]]  # of each kernel, of each of its moments


def lag_matrices(plan: Plan) -> Matrices:
    """Make the matrix of each kernel and each of its moments."""
    lags = plan.spec.lags
    mirrored = abs(2 * lags.first_s + lags.step_s * (lags.count - 1)) < 1e-12 * lags.step_s
    tau = lags.values[lags.count // 2 :] if mirrored else lags.values
    dtype = np.float32 if plan.single else np.float64
    made = []
    for kernel in plan.spec.kernels:
        quotients = [_quotients(kernel, p, tau, plan) for p in range(moments(kernel)[0])]
        made.append([
            LagMatrix(real=q.real.astype(dtype), imaginary=(-q.imag).astype(dtype), mirrored=mirrored, odd=p == 1)
            for p, q in enumerate(quotients)
        ])  # fmt: skip
    return made


def _quotients(kernel: Kernel, p: int, tau: Floats, plan: Plan) -> NDArray[np.complex128]:
    """q_f(tau) of one kernel and moment, shape (lags, F)."""
    size, cell, width = plan.layout.size, plan.spreading.cell_s, plan.spreading.width
    f = np.arange(plan.layout.frequencies)
    x = 2 * np.pi * f / size
    if width == 1:
        j = np.arange(-plan.layout.halo, plan.layout.halo + 1)
        q = density(kernel, j * cell - tau[:, None], p) @ np.exp(1j * x * j[:, None])
    else:
        g = np.where(x / cell <= plan.spreading.band, transform(kernel, x / cell, p), 0)
        q = g.conj() * np.exp(1j * x * tau[:, None] / cell)
        q /= cell * spread.window_transform(x, width, plan.spreading.sharpness) ** 2
    return np.asarray(q * np.where((f == 0) | (2 * f == size), 1, 2) / size, complex)


@final
class Tile:
    """Sums of pairs of which one series is among a few, and the other among a few, while rows of their grids come.

    Parameters
    ----------
    pairs : ndarray, shape (P, 2)
    local : ndarray, shape (P, 2)
        The pairs by their numbers among the few.
    sides : tuple of int
        How many series there are on either side.
    setting : tuple of Plan and of the matrices that ``lag_matrices`` made for it
    room : ndarray
        Memory for products, used anew by each tile: 2 F entries for each pair of series of the tile, or more.
    """

    def __init__(
        self,
        pairs: NDArray[np.int64],
        local: NDArray[np.int64],
        sides: tuple[int, int],
        setting: tuple[Plan, Matrices],
        room: NDArray[Any],
    ) -> None:
        self.plan, self.matrices = setting
        self.local, self.sides = local, sides
        self.sums = tuple(nothing(kernel, self.plan.spec, pairs, room.dtype) for kernel in self.plan.spec.kernels)
        self.together = len(pairs) * SPARSE >= sides[0] * sides[1]
        shape = (self.plan.layout.frequencies, 2, *(sides if self.together else (len(pairs),)))
        self.product = room[: math.prod(shape)].reshape(shape)
        columns: NDArray[np.int64] = local @ np.array([sides[1], 1]) if self.together else np.arange(len(pairs))
        self.some = None if len(columns) == math.prod(shape[2:]) and _counts(columns) else columns
        self.kept: dict[str, NDArray[Any]] = {}  # products of the block's rows so far, of each field

    def add(self, a: Planes, b: Planes, block: int, *, ends: bool) -> None:
        """Add some rows of a block, as ``segments.transforms`` makes them; where it ``ends``, turn products to sums."""
        for name in FIELDS if self.plan.spec.cross else ("xy", "ww"):
            which_a, which_b = FIELDS[name]
            self._multiply(a[which_a][0], b[which_b][1])
            if name in self.kept:
                self.product += self.kept[name]
            if not ends:
                self.kept[name] = self.product.copy()
                continue
            for kernel_sums, by_moment in zip(self.sums, self.matrices, strict=True):
                for matrix, target in zip(by_moment, getattr(kernel_sums, name), strict=False):
                    matrix.apply(self.product, self.some, target[block].T)
        if ends:
            self.kept = {}

    def _multiply(self, a: NDArray[Any], b: NDArray[Any]) -> None:
        if self.together:
            segments.products(a, b, self.product)
        else:
            both = np.concatenate([self.local[:, 0], self.sides[0] + self.local[:, 0]])
            segments.products_of_pairs(a[..., both], b[..., self.local[:, 1]], self.product)


def _counts(columns: NDArray[np.int64]) -> bool:
    return bool(np.all(columns == np.arange(len(columns))))


def own_responses(plan: Plan) -> list[list[Floats]]:
    """What a sample adds to its own sums at each lag, for each kernel and moment, on average over places in a cell.

    Not the kernel itself: it lacks the frequencies beyond the band, ``tol`` of the whole, which all samples of a series
    together would leave behind, against the few pairs of them where the kernel is short.
    """
    tau, width = plan.spec.lags.values, plan.spreading.width
    x = 2 * np.pi * np.arange(plan.layout.frequencies) / plan.layout.size
    seen = spread.window_transform(x, width, plan.spreading.sharpness) ** 2
    return [
        [(_quotients(kernel, p, tau, plan) * seen).sum(axis=1).real for p in range(moments(kernel)[0])]
        for kernel in plan.spec.kernels
    ]


def remove_own(out: tuple[KernelSums, ...], own: Floats, responses: list[list[Floats]]) -> None:
    """Take out the pairs of each sample with itself; ``own`` as of ``spread.add_samples``."""
    pairs = out[0].pairs
    same = np.flatnonzero(pairs[:, 0] == pairs[:, 1])
    if not same.size:
        return
    for kernel_sums, by_moment in zip(out, responses, strict=True):
        for name, power in (("ww", 0), ("xy", 2), ("xw", 1), ("wx", 1)):
            if (target := getattr(kernel_sums, name)) is not None:
                for p in range(len(target)):
                    target[p][:, same] -= own[power][:, pairs[same, 0], None] * by_moment[p]


def with_means(part: KernelSums, means: Floats) -> KernelSums:
    """Put the means back into sums of centred values."""
    assert part.xw is not None
    assert part.wx is not None
    a, b = (means[part.pairs[:, side]][:, None] for side in (0, 1))
    ww = part.ww[: len(part.xy)]
    xy = part.xy + b * part.xw + a * part.wx + a * b * ww
    return msgspec.structs.replace(part, xy=xy, xw=part.xw + a * ww, wx=part.wx + b * ww)


def nothing(kernel: Kernel, spec: SumsSpec, pairs: NDArray[np.int64], dtype: Any = np.float64) -> KernelSums:
    """Make sums of no samples; a lag's pairs are neighbours in memory."""
    q, r = moments(kernel)
    shape = (spec.blocks, spec.lags.count, len(pairs))
    names = {"ww": q, "xy": r, **({"xw": r, "wx": r} if spec.cross else {})}
    made = {name: np.zeros((count, *shape), dtype).swapaxes(2, 3) for name, count in names.items()}
    return KernelSums(kernel=kernel, lags=spec.lags, pairs=pairs, **made)
