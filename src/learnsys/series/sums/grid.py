"""Sums over pairs of samples by a grid in time: the quickest way to few lags of many pairs.

Samples are spread onto a grid (``spread``), the grids of all series are correlated by segments (``segments``), and the
sums at the wanted lags follow, for every lag kernel and moment, as a matrix of (lags x frequencies) times the
correlations' transforms. Where the stamps are whole numbers of some quantum, they are the grid, and the sums are exact
for every kernel. Else errors are about ``tol`` of the kernel's peak, and a box is the box without the frequencies above
``kernels.bandlimit``.
"""

from collections.abc import Iterator
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.series.sums import segments, spread
from learnsys.series.sums.blocks import block_of
from learnsys.series.sums.kernels import bandlimit, density, moments, transform
from learnsys.series.sums.segments import Layout
from learnsys.series.sums.spread import Spreading
from learnsys.series.types import Floats, Kernel, KernelSums, Samples, SumsSpec

SINGLE: Final = 2e-6  # from this tolerance on single precision is enough
RANGE: Final = 1e15  # values that single precision can multiply
TILE: Final = 64  # series by as many are computed together
PRODUCTS: Final = 2**20  # of a tile's pairs at all frequencies: they stay in cache
SPARSE: Final = 8  # wanted pairs among so many of a tile: below, each is computed alone
BOX_REACH: Final = 8.0  # half-widths of a box after which its ripples are cut
DENSE: Final = 20  # samples a row: above, no row is likely to be empty
FIELDS: Final = {"xy": (0, 0), "ww": (1, 1), "xw": (0, 1), "wx": (1, 0)}  # x or w of a, x or w of b


@final
class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How some samples' sums are computed on a grid: the spreading, the layout of the cells, and what samples need."""

    spec: SumsSpec
    tol: float
    spreading: Spreading
    layout: Layout
    origin_s: float
    span_s: float
    single: bool

    @property
    def cells(self) -> tuple[Any, ...]:
        """What the kernels of ``spread`` and ``segments`` need of it."""
        half = 0.5 * self.spreading.width
        layout = self.layout
        return (self.origin_s, 1 / self.spreading.cell_s, half, self.spec.blocks, self.origin_s, self.span_s,
                layout.low, layout.base, layout.place, layout.length)  # fmt: skip


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
    out = tuple(_nothing(kernel, spec, pairs) for kernel in spec.kernels)
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
        yield np.arange(len(pairs)), tuple(_nothing(kernel, spec, pairs) for kernel in spec.kernels)
        return
    means = np.nan_to_num(samples.means)
    if spec.cross:  # a large mean would drown the rest in single precision
        samples = samples.centred()
    plan = make_plan(samples, spec, tol)
    planes, own = _planes(samples, plan), _own(samples, plan)
    matrices = _matrices(plan)
    side = int(np.clip(np.sqrt(PRODUCTS / plan.layout.frequencies), 4, TILE))
    for group in _groups(pairs, side):
        found = _tile(pairs[group], planes, matrices, plan)
        _remove_own(found, own)
        yield group, tuple(_with_means(part, means) for part in found) if spec.cross else found


def make_plan(samples: Samples, spec: SumsSpec, tol: float) -> Plan:
    """Choose cells, window, precision and segments."""
    if not 0 < tol < 1:
        raise InputError(f"the tolerance is {tol}, but must be between 0 and 1", value=tol, next="try 1e-6")
    first, last = float(samples.t.min()), float(samples.t.max())
    span = max(last - first, 1e-300)
    spreading = spread.design(spec.kernels, tol)
    if (quantum := _quantum(samples, spreading, tol)) is not None:
        spreading = Spreading(cell_s=quantum, width=1, sharpness=1.0, band=np.pi / quantum)
    reach = spec.lags.reach_s + max(_extent_s(kernel, tol, spreading) for kernel in spec.kernels)
    halo = int(np.ceil(reach / spreading.cell_s)) + 2 * spreading.width + 1
    edges = np.arange(spec.blocks + 1) * (last - first) / spec.blocks / spreading.cell_s - 0.5 * spreading.width
    low, high = np.floor(edges[:-1]).astype(np.int64) - 1, np.ceil(edges[1:]).astype(np.int64) + spreading.width + 2
    band = spreading.band * spreading.cell_s / np.pi
    several = sum(sum(moments(kernel)) for kernel in spec.kernels) * spec.lags.count
    size = segments.segment_size(
        halo, int((high - low).sum()), band=band, series=len(samples), pairs=len(spec.numbered(len(samples))),
        lags=several // 2,
    )  # fmt: skip
    frequencies = min(int(np.ceil(band * size / 2)) + 1, size // 2 + 1)
    large = np.abs(samples.x[samples.x != 0])
    single = tol >= SINGLE and (not large.size or bool(large.max() < RANGE and large.min() > 1 / RANGE**2))
    plan = Plan(
        spec=spec, tol=tol, spreading=spreading, layout=Layout.of(low, high, (halo, size, frequencies)),
        origin_s=first, span_s=span, single=single,
    )  # fmt: skip
    return _without_empty_rows(samples, plan)


def _extent_s(kernel: Kernel, tol: float, spreading: Spreading) -> float:
    """How far from a lag the kernel counts; a Gaussian is like its transform."""
    if kernel.name == "box":
        return kernel.h if spreading.width == 1 else BOX_REACH * kernel.h
    return kernel.h**2 * bandlimit(kernel, tol)


def _quantum(samples: Samples, spreading: Spreading, tol: float) -> float | None:
    """The quantum of which all stamps are whole numbers, if there is one not much finer than the cells."""
    first = samples.t.min()
    least = spreading.cell_s / 2
    for some in (samples.t[:: max(samples.t.size // 500, 1)], samples.t):
        away = some - first
        if (quantum := _common(away, least, slack := 1e-6 * min(1.0, 1e6 * tol) * least)) is None:
            return None
    return quantum if np.abs(away - quantum * np.round(away / quantum)).max() < slack else None


def _common(away: Floats, least: float, slack: float) -> float | None:
    """Euclid's algorithm on distances: their largest common measure, if it is at least ``least``."""
    quantum = away.max()
    while quantum >= least:
        rest = np.abs(away - quantum * np.round(away / quantum))
        if not (over := rest[rest > slack]).size:
            return float(quantum)
        quantum = over.min()
    return None


def _without_empty_rows(samples: Samples, plan: Plan) -> Plan:
    rows = plan.layout.starts.size
    if samples.t.size > DENSE * rows:
        return plan
    empty = np.ones(rows, bool)
    segments.occupied(empty, (samples.t,), plan.cells, plan.spreading.width)
    return msgspec.structs.replace(plan, layout=plan.layout.without(empty))


def _planes(samples: Samples, plan: Plan) -> tuple[tuple[NDArray[Any], NDArray[Any]], ...]:
    """Transform all series; (a, b) planes of values and of weights, see ``segments.products``."""
    layout, d = plan.layout, len(samples)
    phi = spread.table(plan.spreading, plan.single)
    rows, lanes = layout.starts.size, phi.shape[2]
    planes = tuple(
        (np.empty((layout.frequencies, rows, 2, d), phi.dtype), np.empty((layout.frequencies, rows, 2, d), phi.dtype))
        for _ in range(2)
    )
    for at in range(0, d, segments.CHUNK):
        starts = samples.starts[at : at + segments.CHUNK + 1]
        cells = np.zeros((2, len(starts) - 1, rows * layout.length + lanes), phi.dtype)
        spread.add_samples(cells[0], cells[1], (samples.t, samples.x, samples.w, starts), plan.cells, phi)
        for part, out in zip(cells, planes, strict=True):
            segments.transforms(part, layout, plan.spreading.width + 8, out, at)
    return planes


def _matrices(plan: Plan) -> list[list[NDArray[Any]]]:
    """For each kernel and moment: the sums at lags from the products of transforms, shape (lags, 2 frequencies)."""
    dtype = np.float32 if plan.single else np.float64
    return [
        [lag_matrix(kernel, p, plan.spec.lags.values, plan).astype(dtype) for p in range(moments(kernel)[0])]
        for kernel in plan.spec.kernels
    ]


def lag_matrix(kernel: Kernel, p: int, tau: Floats, plan: Plan) -> Floats:
    """Map real and imaginary parts of the products to the sums at lags ``tau`` of one kernel and moment."""
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
    q *= np.where((f == 0) | (2 * f == size), 1, 2) / size
    return np.concatenate([q.real, -q.imag], axis=1)


def _own(samples: Samples, plan: Plan) -> dict[str, Floats]:
    """What each sample adds when paired with itself, by block and series, shape (blocks, D)."""
    block = block_of(samples, plan.spec.blocks)
    shape = (plan.spec.blocks, len(samples))
    index = block * len(samples) + samples.series
    return {
        name: np.asarray(
            np.bincount(index, samples.w**2 * samples.x**power, minlength=shape[0] * shape[1]), float
        ).reshape(shape)
        for name, power in (("ww", 0), ("xy", 2), ("xw", 1), ("wx", 1))
    }


def _groups(pairs: NDArray[np.int64], side: int) -> Iterator[NDArray[np.int64]]:
    """Sort pairs into tiles of ``side`` series by as many; yield the numbers of each tile's pairs."""
    key = (pairs[:, 0] // side) * (pairs.max() // side + 1) + pairs[:, 1] // side
    order = np.argsort(key, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(key[order])) + 1)


def _tile(
    pairs: NDArray[np.int64],
    planes: tuple[tuple[NDArray[Any], NDArray[Any]], ...],
    matrices: list[list[NDArray[Any]]],
    plan: Plan,
) -> tuple[KernelSums, ...]:
    """Compute the sums of pairs whose series are few."""
    spec, layout = plan.spec, plan.layout
    dtype = planes[0][0].dtype
    out = tuple(_nothing(kernel, spec, pairs, dtype) for kernel in spec.kernels)
    (left, right), column = (np.unique(side) for side in pairs.T), np.arange(len(pairs))
    together = len(pairs) * SPARSE >= len(left) * len(right)
    if together:
        column = np.searchsorted(left, pairs[:, 0]) * len(right) + np.searchsorted(right, pairs[:, 1])
    else:
        left, right = pairs.T
    for block in np.flatnonzero(np.diff(layout.edges)):
        rows = slice(layout.edges[block], layout.edges[block + 1])
        for name in FIELDS if spec.cross else ("xy", "ww"):
            of_a, of_b = FIELDS[name]
            a, b = _some(planes[of_a][0][:, rows], left), _some(planes[of_b][1][:, rows], right)
            found = segments.products(a, b) if together else segments.products_of_pairs(a, b)
            for kernel_sums, by_moment in zip(out, matrices, strict=True):
                target = getattr(kernel_sums, name)
                for p in range(len(target)):
                    target[p, block] = (by_moment[p] @ found)[:, column].T
    return out


def _some(planes: NDArray[Any], series: NDArray[np.int64]) -> NDArray[Any]:
    """Take some series: a view if they are neighbours."""
    if len(series) == 1 or np.all(np.diff(series) == 1):
        return planes[..., series[0] : series[-1] + 1]
    return planes[..., series]


def _remove_own(out: tuple[KernelSums, ...], own: dict[str, Floats]) -> None:
    """Take out the pairs of each sample with itself."""
    pairs = out[0].pairs
    same = np.flatnonzero(pairs[:, 0] == pairs[:, 1])
    if not same.size:
        return
    for kernel_sums in out:
        for name in FIELDS:
            if (target := getattr(kernel_sums, name)) is not None:
                for p in range(len(target)):
                    k = density(kernel_sums.kernel, -kernel_sums.lags.values, p)
                    target[p][:, same] -= own[name][:, pairs[same, 0], None] * k


def _with_means(part: KernelSums, means: Floats) -> KernelSums:
    """Put the means back into sums of centred values."""
    assert part.xw is not None
    assert part.wx is not None
    a, b = (means[part.pairs[:, side]][:, None] for side in (0, 1))
    ww = part.ww[: len(part.xy)]
    xy = part.xy + b * part.xw + a * part.wx + a * b * ww
    return msgspec.structs.replace(part, xy=xy, xw=part.xw + a * ww, wx=part.wx + b * ww)


def _nothing(kernel: Kernel, spec: SumsSpec, pairs: NDArray[np.int64], dtype: Any = np.float64) -> KernelSums:
    """Make sums of no samples."""
    q, r = moments(kernel)
    shape = (spec.blocks, len(pairs), spec.lags.count)
    more = {name: np.zeros((r, *shape), dtype) for name in ("xw", "wx")} if spec.cross else {}
    return KernelSums(
        kernel=kernel, lags=spec.lags, pairs=pairs, ww=np.zeros((q, *shape), dtype), xy=np.zeros((r, *shape), dtype),
        **more,
    )  # fmt: skip
