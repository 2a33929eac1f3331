"""Sums over pairs of samples by a grid in time: the quickest way to few lags of many pairs.

Samples are spread onto a grid (``spread``), the grids of all series are correlated by segments (``segments``), and the
sums at the wanted lags follow, for every lag kernel and moment, as a matrix of (lags x frequencies) times the
correlations' transforms (``lag_sums``). Where the stamps are whole numbers of some quantum, they are the grid, and the
sums are exact for every kernel. Else errors are about ``tol`` of the kernel's peak, and a box is the box without the
frequencies above ``kernels.bandlimit``.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.series.sums import segments, spread
from learnsys.series.sums.grid_plan import Plan, make_plan
from learnsys.series.sums.lag_sums import (
    FIELDS,
    Planes,
    lag_matrices,
    nothing,
    own_responses,
    remove_own,
    tile_sums,
    with_means,
)
from learnsys.series.types import Floats, KernelSums, Samples, SumsSpec

SIDE: Final = 50  # series by as many are computed together
PRODUCTS: Final = 2**20  # of a tile's pairs at all frequencies: they stay in cache


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
    planes, own = _planes(samples, plan, side)
    setting, responses = (plan, lag_matrices(plan)), own_responses(plan)
    room = np.empty(2 * plan.layout.frequencies * side**2, planes[0][0][0].dtype)
    for group in _groups(pairs, side):
        a, b = pairs[group[0]] // side
        found = tile_sums(pairs[group], (planes[a], planes[b]), pairs[group] % side, setting, room)
        remove_own(found, own, responses)
        yield group, tuple(with_means(part, means) for part in found) if spec.cross else found


def _planes(samples: Samples, plan: Plan, side: int) -> tuple[list[Planes], Floats]:
    """Spread and transform ``side`` series at a time; also the sums of each sample with itself."""
    layout, rows = plan.layout, plan.layout.starts.size
    phi = spread.table(plan.spreading, plan.single)
    cells = np.zeros((2, side, rows * layout.length + phi.shape[2]), phi.dtype)
    need = segments.room_for(cells, layout, rows)
    room = np.empty(-(-len(samples) // side) * need, phi.dtype)  # in one piece: see ``segments.transforms``
    own, planes = np.zeros((3, plan.spec.blocks, len(samples))), []
    for tile, at in enumerate(range(0, len(samples), side)):
        starts = samples.starts[at : at + side + 1]
        here = cells[:, : len(starts) - 1]
        here[:] = 0
        data = (samples.t, samples.x, samples.w, starts)
        spread.add_samples(here, own[:, :, at : at + side], data, plan.cells, phi)
        reach = plan.spreading.width + spread.LANES
        planes.append(segments.transforms(here, layout, reach, room=room[tile * need : (tile + 1) * need]))
    return planes, own


def _groups(pairs: NDArray[np.int64], side: int) -> Iterator[NDArray[np.int64]]:
    """Sort pairs into tiles of ``side`` series by as many; yield the numbers of each tile's pairs."""
    key = (pairs[:, 0] // side) * (pairs.max() // side + 1) + pairs[:, 1] // side
    order = np.argsort(key, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(key[order])) + 1)
