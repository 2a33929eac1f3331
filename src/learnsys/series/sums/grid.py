"""Sums over pairs of samples by a grid in time: the quickest way to few lags of many pairs.

Samples are spread onto a grid (``spread``), the grids of all series are correlated by segments (``segments``), and the
sums at the wanted lags follow, for every lag kernel and moment, as a matrix of (lags x frequencies) times the
correlations' transforms (``lag_sums``). Where the stamps are whole numbers of some quantum, they are the grid, and the
sums are exact for every kernel. Else errors are about ``tol`` of the kernel's peak, and a box is the box without the
frequencies above ``kernels.bandlimit``.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.series.sums import segments, spread
from learnsys.series.sums.grid_plan import Plan, make_plan
from learnsys.series.sums.lag_sums import (
    FIELDS,
    Planes,
    Tile,
    lag_matrices,
    nothing,
    own_responses,
    remove_own,
    with_means,
)
from learnsys.series.types import Floats, KernelSums, Samples, SumsSpec

SIDE: Final = 50  # series by as many are computed together
PRODUCTS: Final = 2**20  # of a tile's pairs at all frequencies: they stay in cache
TRANSFORMED: Final = 2**24  # entries of the transforms of all series that are held at a time, if the next suffices
KEPT: Final = 2**26  # entries of the products of all tiles


Span = tuple[int, int, int, bool]  # block, first row, the one after the last, whether the block ends there


def sums(samples: Samples, spec: SumsSpec, *, tol: float = 1e-6) -> tuple[KernelSums, ...]:
    """Add up the pairs of samples within reach of each lag.

    Parameters
    ----------
    samples : Samples
    spec : SumsSpec
    tol : float
        Error, relative to the peak of the lag kernel; single precision is used from 2e-6 on.

    Examples
    --------
    >>> from learnsys.series import types
    >>> s = types.Samples.of({"a": ([0.0, 1.0, 2.5], [1.0, 2.0, 4.0])})
    >>> box = types.Kernel(name="box", h=0.5)
    >>> spec = types.SumsSpec(pairs="auto", kernels=(box,), lags=types.lags(0, 2, 1))
    >>> sums(s, spec)[0].xy.round(9).tolist()
    [[[[0.0, 2.0, 0.0]]]]
    """
    pairs = spec.numbered(len(samples))
    out = tuple(nothing(kernel, spec, pairs) for kernel in spec.kernels)
    for where, tile in _tiles(samples, spec, tol):
        for whole, part in zip(out, tile, strict=True):
            for name in FIELDS:
                if (target := getattr(whole, name)) is not None:
                    target[:, :, where] = getattr(part, name)
    return out


def tiles(samples: Samples, spec: SumsSpec, *, tol: float = 1e-6) -> Iterator[tuple[KernelSums, ...]]:
    """Compute the sums of a tile of pairs at a time, so that those of a million pairs need not be held at once.

    Yields
    ------
    tuple of KernelSums
        One for each kernel, of some of the pairs; each pair is in one tile. In single precision if ``tol`` allows it.
    """
    for _, tile in _tiles(samples, spec, tol):
        yield tile


def _tiles(samples: Samples, spec: SumsSpec, tol: float) -> Iterator[tuple[NDArray[np.int64], tuple[KernelSums, ...]]]:
    """Yield the numbers of some pairs and their sums."""
    pairs = spec.numbered(len(samples))
    if not samples.t.size or not len(pairs):
        yield np.arange(len(pairs)), tuple(nothing(kernel, spec, pairs) for kernel in spec.kernels)
        return
    means = np.zeros(len(samples))
    if spec.cross:  # a large mean would drown the rest in single precision
        means, samples = np.nan_to_num(samples.means), samples.centred()
    plan = make_plan(samples, spec, tol)
    side = max(min(SIDE, int(np.sqrt(PRODUCTS / plan.layout.frequencies))), 4)
    side = -(-len(samples) // -(-len(samples) // side))
    cells, own = _cells(samples, plan, side)
    responses = own_responses(plan)
    for group, found in _correlated(pairs, cells, plan, side):
        remove_own(found, own, responses)
        yield group, tuple(with_means(part, means) for part in found) if spec.cross else found


def _correlated(
    pairs: NDArray[np.int64], cells: list[NDArray[Any]], plan: Plan, side: int
) -> Iterator[tuple[NDArray[np.int64], tuple[KernelSums, ...]]]:
    """Yield the numbers of some pairs and their sums: tile after tile, or all together after a few rows at a time.

    The transforms of all rows are some thirteen times what the grids take. Few rows at a time stay in cache, but then
    the products of all tiles must be kept.
    """
    layout, dtype = plan.layout, cells[0].dtype
    setting = (plan, lag_matrices(plan))
    room = np.empty(2 * layout.frequencies * side**2, dtype)
    groups = list(_groups(pairs, side))

    def tile(group: NDArray[np.int64]) -> Tile:
        a, b = pairs[group[0]] // side
        return Tile(pairs[group], pairs[group] % side, (cells[a].shape[1], cells[b].shape[1]), setting, room)

    few = max(1, TRANSFORMED // segments.room_for(cells[0], layout, len(cells)))
    if layout.starts.size <= few or len(groups) * len(FIELDS) * room.size > KEPT:
        ((_, _, planes),) = _planes(cells, plan, [(0, 0, layout.starts.size, True)])
        for group in groups:
            one = tile(group)
            a, b = pairs[group[0]] // side
            for block in np.flatnonzero(np.diff(layout.edges)):
                rows = slice(layout.edges[block], layout.edges[block + 1])
                one.add(_rows(planes[a], rows), _rows(planes[b], rows), int(block), ends=True)
            yield group, one.sums
        return
    tiles = [tile(group) for group in groups]
    for number, ends, planes in _planes(cells, plan, _spans(layout, few)):
        for group, one in zip(groups, tiles, strict=True):
            a, b = pairs[group[0]] // side
            one.add(planes[a], planes[b], number, ends=ends)
    for group, one in zip(groups, tiles, strict=True):
        yield group, one.sums


def _spans(layout: segments.Layout, few: int) -> list[Span]:
    """Cut the rows of each block into spans of ``few``."""
    spans = []
    for block, (first, last) in enumerate(zip(layout.edges[:-1].tolist(), layout.edges[1:].tolist(), strict=True)):
        spans += [(block, row, min(row + few, last), row + few >= last) for row in range(first, last, few)]
    return spans


def _planes(cells: list[NDArray[Any]], plan: Plan, spans: list[Span]) -> Iterator[tuple[int, bool, list[Planes]]]:
    """Transform spans of rows of all tiles, in the same memory: yield the block, whether it ends, and planes."""
    layout, reach = plan.layout, plan.spreading.width + spread.LANES
    need = segments.room_for(cells[0], layout, max(last - first for _, first, last, _ in spans))
    room = np.empty((len(cells), need), cells[0].dtype)  # in one piece: see ``segments.transforms``
    for block, first, last, ends in spans:
        planes = [
            segments.transforms(own, layout, reach, (first, last), room=part)
            for own, part in zip(cells, room, strict=True)
        ]
        yield block, ends, planes


def _rows(planes: Planes, rows: slice) -> Planes:
    return [(a[:, rows], b[:, rows]) for a, b in planes]


def _cells(samples: Samples, plan: Plan, side: int) -> tuple[list[NDArray[Any]], Floats]:
    """Spread the samples, ``side`` series to an array; also the sums of each sample with itself."""
    phi = spread.table(plan.spreading, plan.single)
    length = plan.layout.starts.size * plan.layout.length + phi.shape[2]
    own, made = np.zeros((3, plan.spec.blocks, len(samples))), []
    for at in range(0, len(samples), side):
        starts = samples.starts[at : at + side + 1]
        made.append(np.zeros((2, len(starts) - 1, length), phi.dtype))
        data = (samples.t, samples.x, samples.w, starts)
        spread.add_samples(made[-1], own[:, :, at : at + side], data, plan.cells, phi)
    return made, own


def _groups(pairs: NDArray[np.int64], side: int) -> Iterator[NDArray[np.int64]]:
    """Sort pairs into tiles of ``side`` series by as many; yield the numbers of each tile's pairs."""
    key = (pairs[:, 0] // side) * (pairs.max() // side + 1) + pairs[:, 1] // side
    order = np.argsort(key, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(key[order])) + 1)
