"""What is kept of samples that were forgotten: enough for all second-order sums, and for adding states.

Pairs of samples of which one is in a state and the other in its neighbour are counted when the states are added: each
state keeps the cells of its grid at both ends.
"""

from pathlib import Path
from typing import Any, Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import Incompatible
from learnsys.series.estimate.types import Facts
from learnsys.series.sums import ingest, segments, spread
from learnsys.series.sums.cell_sums import PRODUCTS, WHOLE, CellGrid, block_numbers
from learnsys.series.sums.kernels import moments
from learnsys.series.sums.lag_sums import FIELDS, nothing, remove_own, with_means
from learnsys.series.sums.tiles import SIDE, Tiles, upper
from learnsys.series.types import Floats, KernelSums, SumsSpec

TOGETHER: Final = 512  # pairs whose sums are computed at once


def put(target: NDArray[Any], at: int, source: NDArray[Any], begin: int) -> None:
    """Add to cells from ``at`` on those of ``source``, which begin at ``begin``, where both are."""
    low = max(at, begin)
    high = min(at + target.shape[-1], begin + source.shape[-1])
    if low < high:
        target[..., low - at : high - at] += source[..., low - begin : high - begin]


@final
class Ends:
    """The first and the last cells of a grid that passes by in whole rows."""

    def __init__(self, grid: CellGrid) -> None:
        self.edge, self.room = grid.edge, grid.edge + 2 * grid.length  # up to a row beyond the last sample
        self.head, self.tail = np.zeros((0, self.edge)), np.zeros((0, self.room))
        self.head_at = self.tail_at = 0
        self.empty = True

    def grow(self, more: int) -> None:
        """Make room for more lines of cells."""
        self.head, self.tail = (np.concatenate([e, np.zeros((more, e.shape[1]))]) for e in (self.head, self.tail))

    def keep(self, cells: NDArray[Any], at: int, first: int) -> None:
        """See the next ``cells``, which begin at ``at``; ``first``: the first of all."""
        if self.empty:
            self.head_at, self.tail_at, self.empty = first, at - self.room, False
        tail_at = max(at + cells.shape[1] - self.room, self.tail_at)
        tail = np.zeros_like(self.tail)
        put(tail, tail_at, self.tail, self.tail_at)
        put(tail, tail_at, cells, at)
        put(self.head, self.head_at, cells, at)
        self.tail, self.tail_at = tail, tail_at

    def last(self, hi: int) -> NDArray[np.float64]:
        """Give the cells before ``hi``."""
        out = np.zeros((len(self.tail), self.edge))
        put(out, hi - self.edge, self.tail, self.tail_at)
        return out


@final
class LagState(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Correlations of all pairs of series at lags of whole cells, in blocks of time; states of neighbouring times add.

    Attributes
    ----------
    grid : CellGrid
        States can be added if theirs are equal.
    ids : tuple of str
    means : ndarray, shape (D,)
        Provisional means, to which all values are relative.
    level : int
        How often blocks were joined two by two.
    numbers : ndarray of int64, shape (blocks,)
        Which blocks of time there are. A pair of samples is counted in the block of the cells of its sample of a.
    pairs : ndarray of int64, shape (P, 2)
        The pairs a <= b of which there are correlations, in increasing order; usually all.
    r : ndarray, shape (blocks, 4, 2 halo + 1, P)
        Correlations xy, xw, wx and ww of these pairs at lags -halo ... halo.
    own : ndarray, shape (blocks, 3, D)
        Sums of w^2, w^2 x and w^2 x^2: what pairs of a sample with itself add.
    tally : ndarray, shape (D, 7)
        Samples, first and last stamp, sums of w, w^2, w x and w x^2.
    lo, hi : int
        The first cell that is used, and the one after the last.
    head, tail : ndarray, shape (2, D, edge)
        Values and weights of the cells from ``lo`` on, and of those before ``hi``.
    left_out : int
        Rows that came too late, and were not to be refused.
    """

    grid: CellGrid
    ids: tuple[str, ...]
    means: Floats
    level: int
    numbers: NDArray[np.int64]
    pairs: NDArray[np.int64]
    r: NDArray[Any]
    own: Floats
    tally: Floats
    lo: int
    hi: int
    head: Floats
    tail: Floats
    left_out: int = 0

    def facts(self) -> Facts:
        """Tell of each series what estimators need."""
        sum_w, away = self.tally[:, ingest.W], self._away()
        n = self.tally[:, ingest.N].astype(np.int64)
        first, last = (np.where(n > 0, self.tally[:, column], np.nan) for column in (ingest.FIRST, ingest.LAST))
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = self.tally[:, ingest.WXX] / sum_w - away**2
            mean = np.where(n > 0, self.means + away, np.nan)
        return Facts(
            ids=self.ids, t0_ns=self.grid.t0_ns, n=n, first_s=first, last_s=last, sum_w=sum_w,
            sum_w2=self.tally[:, ingest.WW], mean=mean, variance=variance,
        )  # fmt: skip

    def sums(self, spec: SumsSpec) -> tuple[KernelSums, ...]:
        """Compute the sums over pairs: of centred values, or with ``cross`` of the values as they came.

        With ``blocks`` > 1, neighbouring blocks of the state are joined to so many, or all are kept if they are fewer.

        Raises
        ------
        Incompatible
            If the grid is too coarse for a kernel, or does not reach as far as a lag.
        """
        groups = np.array_split(np.arange(len(self.numbers)), min(spec.blocks, max(len(self.numbers), 1)))
        spec = msgspec.structs.replace(spec, blocks=len(groups))
        pairs = spec.numbered(len(self.ids))
        own = np.stack([self.own[group].sum(axis=0) for group in groups], axis=1)
        cross = msgspec.structs.replace(spec, cross=True)
        means = self.means if spec.cross else -self._away()
        dtype = np.float64 if spec.cross else self.grid.dtype  # means, put back, would not leave room for the rest
        out = tuple(nothing(kernel, spec, pairs, dtype) for kernel in spec.kernels)
        tau = spec.lags.values
        matrices = [[self.grid.kernel_matrix(k, tau, p) for p in range(moments(k)[0])] for k in spec.kernels]
        own_responses = [[self.grid.own_responses(kernel, tau)] for kernel in spec.kernels]
        for at in range(0, len(pairs), TOGETHER):
            part = slice(at, at + TOGETHER)
            r = np.stack([self._correlations(group, pairs[part]).sum(axis=0) for group in groups])
            for target, by_moment, responses in zip(out, matrices, own_responses, strict=True):
                found = _of_kernel(nothing(target.kernel, cross, pairs[part]), by_moment, r)
                remove_own((found,), own, responses)
                restored = with_means(found, means)
                for name in FIELDS if spec.cross else ("xy", "ww"):
                    getattr(target, name)[:, :, part] = getattr(restored, name)
        return out

    def of(self, ids: tuple[str, ...]) -> Self:
        """Take other series, in their order: those that this state does not have are empty in it."""
        known = {name: d for d, name in enumerate(self.ids)}
        rows = np.array([known.get(name, -1) for name in ids], np.int64)
        pairs = upper(len(ids))
        there = np.asarray((rows[pairs] >= 0).all(axis=1))
        kept = np.logical_not(there)
        kept[there] = self._places(rows[pairs[there]]) >= 0
        pairs, there = pairs[kept], there[kept]
        r = np.zeros((*self.r.shape[:3], len(pairs)))
        r[..., there] = self._correlations(np.arange(len(self.numbers)), rows[pairs[there]])

        def taken(values: Floats, axis: int) -> Floats:
            shape = [1] * values.ndim
            shape[axis] = -1
            padded = np.concatenate([values, np.zeros_like(values.take([0], axis))], axis) if len(self.ids) else values
            return np.where(np.reshape(rows >= 0, shape), padded.take(rows, axis), 0.0)

        return msgspec.structs.replace(
            self, ids=ids, pairs=pairs, r=r, means=taken(self.means, 0), own=taken(self.own, 2),
            tally=taken(self.tally, 0), head=taken(self.head, 1), tail=taken(self.tail, 1),
        )  # fmt: skip

    def save(self, path: Path | str) -> Path:
        """Keep it in one file, whole or not at all; ``state_file.read`` reads it.

        Raises
        ------
        BadFile
            If the folder does not exist or cannot be written.
        """
        from learnsys.series import state_file

        return state_file.write(path, self)

    def __add__(self, other: Self) -> Self:
        """Add the state of other samples of the same series, at other times.

        Raises
        ------
        Incompatible
            If grids or series differ, or the states' times overlap by more than the cells that they keep.
        """
        self._check(other)
        if not (len(self.numbers) and len(other.numbers)):
            return self if len(self.numbers) else other
        means = np.where(self.tally[:, ingest.N] > 0, self.means, other.means)
        level = max(self.level, other.level)
        first, second = sorted((s._relative_to(means)._joined(level) for s in (self, other)), key=lambda s: s.lo)
        between = _between(first, second)
        parts = [(first.numbers, first.r), (second.numbers, second.r), between]
        numbers, r = _add_blocks(parts)
        own = _add_blocks([(numbers, np.zeros((len(numbers), *first.own.shape[1:]))),
                           (first.numbers, first.own), (second.numbers, second.own)])[1]  # fmt: skip
        tail_at = max(first.hi, second.hi) - first.grid.edge
        head, tail = np.zeros_like(first.head), np.zeros_like(first.tail)
        for state in (first, second):
            put(head, first.lo, state.head, state.lo)
            put(tail, tail_at, state.tail, state.hi - first.grid.edge)
        return msgspec.structs.replace(
            first, numbers=numbers, r=r, own=own, tally=_add_tallies(first.tally, second.tally),
            hi=max(first.hi, second.hi), head=head, tail=tail,
            left_out=self.left_out + other.left_out,
        )  # fmt: skip

    def _away(self) -> Floats:
        """How far the means are from the provisional ones."""
        sum_w = self.tally[:, ingest.W]
        return np.divide(self.tally[:, ingest.WX], sum_w, out=np.zeros(len(sum_w)), where=sum_w > 0)

    def _places(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where pairs, in any order, are among those of the state; -1 for what is not there."""
        d = len(self.ids)
        codes, wanted = self.pairs @ [d, 1], np.sort(pairs, axis=1) @ [d, 1]
        places = np.minimum(np.searchsorted(codes, wanted), max(len(codes) - 1, 0))
        return np.where(codes[places] == wanted, places, -1) if len(codes) else np.full(len(wanted), -1)

    def _correlations(self, blocks: NDArray[np.int64], pairs: NDArray[np.int64]) -> Floats:
        """Correlations of pairs in any order, in some blocks, shape (blocks, 4, lags, P)."""
        places = self._places(pairs)
        if (missing := np.flatnonzero(places < 0)).size:
            a, b = (self.ids[d] for d in pairs[missing[0]])
            raise Incompatible(
                f"the state has no correlations of {a!r} with {b!r}", value=(a, b), next="make it with this pair"
            )
        parts = [self.r[block][..., places] for block in blocks]
        r = np.array(parts, float).reshape(len(blocks), *self.r.shape[1:3], len(pairs))
        swapped = pairs[:, 0] > pairs[:, 1]
        r[..., swapped] = r[:, [0, 2, 1, 3], ::-1][..., swapped]
        return r

    def _check(self, other: "LagState") -> None:
        if self.grid != other.grid:
            raise Incompatible("the states' grids differ", value=other.grid, next="make both with one grid")
        if self.ids != other.ids:
            differ = sorted(set(self.ids) ^ set(other.ids)) or ["their order"]
            raise Incompatible(
                f"the states' series differ: {', '.join(differ[:5])}",
                value=differ[0],
                next="make both of the same series",
            )
        if not np.array_equal(self.pairs, other.pairs):
            pairs = len(self.pairs), len(other.pairs)
            raise Incompatible("the states' pairs of series differ", value=pairs, next="make both of the same pairs")

    def _relative_to(self, means: Floats) -> "LagState":
        """Change the provisional means."""
        step = self.means - means
        if not step.any():
            return self
        a, b = step[self.pairs.T]
        xy, xw, wx, ww = (self.r[:, which] for which in range(4))
        r = np.stack([xy + b * xw + a * wx + a * b * ww, xw + a * ww, wx + b * ww, ww], axis=1)
        own = self.own.copy()
        own[:, 2] += 2 * step * own[:, 1] + step**2 * own[:, 0]
        own[:, 1] += step * own[:, 0]
        tally = self.tally.copy()
        tally[:, ingest.WXX] += 2 * step * tally[:, ingest.WX] + step**2 * tally[:, ingest.W]
        tally[:, ingest.WX] += step * tally[:, ingest.W]
        head, tail = (np.stack([end[0] + step[:, None] * end[1], end[1]]) for end in (self.head, self.tail))
        return msgspec.structs.replace(self, means=means, r=r, own=own, tally=tally, head=head, tail=tail)

    def _joined(self, level: int) -> "LagState":
        """Join blocks two by two up to a level."""
        if level == self.level:
            return self
        numbers = np.zeros_like(self.numbers) if level == WHOLE else self.numbers >> (level - self.level)
        (kept, r), (_, own) = (_add_blocks([(numbers, part)]) for part in (self.r, self.own))
        return msgspec.structs.replace(self, level=level, numbers=kept, r=r, own=own)


def _of_kernel(out: KernelSums, matrices: list[Floats], r: Floats) -> KernelSums:
    """Fill in sums from correlations, shape (blocks, 4, lags, P), by the matrix of each moment."""
    for p, matrix in enumerate(matrices):
        for which, name in enumerate(PRODUCTS):
            if p < len(target := getattr(out, name)):
                target[p] = (matrix @ r[:, which]).swapaxes(1, 2)
    return out


def _add_blocks(parts: list[tuple[NDArray[np.int64], Floats]]) -> tuple[NDArray[np.int64], Floats]:
    """Add up arrays by the numbers of their blocks."""
    numbers = np.unique(np.concatenate([numbers for numbers, _ in parts]))
    out = np.zeros((len(numbers), *parts[0][1].shape[1:]))
    for own, values in parts:
        np.add.at(out, np.searchsorted(numbers, own), values)
    return numbers, out


def _add_tallies(a: Floats, b: Floats) -> Floats:
    out = a + b
    some = [part[:, ingest.N] > 0 for part in (a, b)]
    for column, pick, missing in ((ingest.FIRST, np.minimum, np.inf), (ingest.LAST, np.maximum, -np.inf)):
        ends = [np.where(there, part[:, column], missing) for there, part in zip(some, (a, b), strict=True)]
        out[:, column] = np.where(some[0] | some[1], pick(*ends), 0)
    return out


def _between(first: LagState, second: LagState) -> tuple[NDArray[np.int64], Floats]:
    """Correlate the end of one state with the beginning of the next."""
    grid = first.grid
    low, high = second.lo - grid.halo, first.hi + grid.halo
    if first.hi - grid.edge > max(low, first.lo) or second.lo + grid.edge < min(high, second.hi):
        overlap = (first.hi - second.lo) * grid.spreading.cell_s
        raise Incompatible(
            f"the states' times overlap by {overlap:.3g} s, more than they keep of their ends", value=overlap,
            next="make states of disjoint times",
        )  # fmt: skip
    tiles = Tiles(grid, min(SIDE, len(first.ids)), first.pairs)
    if low < high:
        begin, end = low // grid.length, -(-high // grid.length)
        halo_rows = -(-grid.halo // grid.length)
        layout = grid.layout(end - begin + 2 * halo_rows)
        span = (halo_rows, halo_rows + end - begin)
        at = (begin - halo_rows) * grid.length
        planes = [
            _planes(state, (part, part_at, at), (layout, span), tiles.side)
            for state, part, part_at in ((first, first.tail, first.hi - grid.edge), (second, second.head, second.lo))
        ]
        blocks = block_numbers(np.arange(begin, end), grid, first.level)
        for block in np.unique(blocks):
            here = np.flatnonzero(blocks == block)
            rows = slice(here[0], here[-1] + 1)
            for left, right in (planes, planes[::-1]):
                tiles.add(left[0], right[1], rows, int(block))
    numbers, _, r = tiles.take(len(first.ids))
    return numbers, r


def _planes(
    state: LagState, end: tuple[Floats, int, int], setting: tuple[Any, tuple[int, int]], side: int
) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
    """Transform the cells of one end of a state, from a cell on; by tiles of series, x and w together."""
    cells, begin, at = end
    layout, span = setting
    a, b = [], []
    for d in range(0, len(state.ids), side):
        part = cells[:, d : d + side]
        room = np.zeros((2, side, layout.starts.size * layout.length), np.float64)
        put(room[:, : part.shape[1]], at, part, begin)
        left, right = segments.transforms(room.reshape(1, 2 * side, -1), layout, spread.LANES, span)[0]
        a.append(left)
        b.append(right)
    return a, b
