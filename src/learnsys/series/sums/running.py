"""Sums over pairs of samples from rows that come chunk by chunk, in memory that does not grow with them.

Rows are spread onto a window of the grid that moves along with time. What leaves the window is transformed and
multiplied into correlations at whole cells (``cell_sums``), and forgotten but for the cells at both ends, so that
states of neighbouring times can be added (``lag_state``). Four correlations are kept (xy, xw, wx, ww), since means are
known only at the end; values are taken relative to a provisional mean, so that nothing is lost by cancellation.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal, Protocol, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.weights import CAP, WEIGHTS, Weights
from learnsys.series.sums import ingest, segments, spread
from learnsys.series.sums.cell_sums import WHOLE, CellGrid, block_numbers
from learnsys.series.sums.grid_store import GridStore
from learnsys.series.sums.lag_state import Ends, LagState, put
from learnsys.series.sums.tiles import SIDE, Tiles, ordered
from learnsys.series.types import Floats


class LateRows(InputError):
    """Rows come after their time has left the window."""


class Rows(Protocol):
    """Some rows, as ``sources.types.Chunk`` has them."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The series known so far."""
        ...

    @property
    def codes(self) -> NDArray[np.int32]:
        """The number of each row's series."""
        ...

    @property
    def x(self) -> NDArray[np.floating]:
        """Values."""
        ...

    def seconds(self, t0_ns: int = 0) -> Floats:
        """Stamps in seconds since an origin."""
        ...


Piece = TypeVar("Piece")
FLUSH: Final = 32  # rows of cells that leave the window at once
STAY: Final = 8  # rows of cells that stay, for samples that are a little late
Late = Literal["raise", "count", "store"]


def gather(chunks: Iterable[Rows], grid: CellGrid, **options: Any) -> LagState:
    """Make the state of all rows of a source, in memory that does not grow with them.

    Parameters
    ----------
    chunks : iterable of Rows
        Such as ``Source.batches()``, roughly in order of time.
    grid : CellGrid
    **options
        Of ``Running``.

    Raises
    ------
    LateRows
        If a row comes after its time has left the window, and late rows are not to be counted.

    Examples
    --------
    >>> from learnsys.series import types
    >>> from learnsys.series.sources.types import Chunk
    >>> kernel, lags = types.Kernel(name="gaussian", h=1.0), types.lags(-2, 2, 1)
    >>> rows = Chunk(ids=("a",), codes=np.zeros(3, np.int32), t=np.array([0.0, 1.0, 5.0]), x=np.array([1.0, 2.0, 6.0]))
    >>> gather([rows], CellGrid.of((kernel,), lags)).facts().mean.tolist()
    [3.0]
    """
    running = Running(grid, **options)
    for chunk in ahead(chunks):
        running.add(chunk.ids, chunk.codes, chunk.seconds(grid.t0_ns), chunk.x)
    return running.finish()


def ahead(chunks: Iterable[Piece]) -> Iterator[Piece]:
    """Read the next chunk while the last one is worked on, where Arrow may use more than one thread.

    It ends sooner, but takes some more CPU seconds, since chunks pass from one core to another.
    """
    arrow = sys.modules.get("pyarrow")
    if arrow is None or arrow.cpu_count() < 2:
        yield from chunks
        return
    rest = iter(chunks)
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, rest, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, rest, None)
            yield chunk


@final
class Running:
    """A window that moves along with rows, and what has left it.

    Parameters
    ----------
    grid : CellGrid
    ids : sequence of str
        Series, if they are known; more may come with the rows.
    weights : {"uniform", "voronoi"}
        Voronoi cells are in seconds, see ``ingest``.
    gaps_s : ndarray, shape (D,), optional
        The mean gap between stamps of each of ``ids``, by which cells are capped; 0, or not given: the mean so far.
    pairs : ndarray, shape (P, 2), optional
        The pairs of ``ids`` of which correlations are kept; all, of series that come later too, if not given.
    blocks : int
        Blocks of the jackknife that are kept at most: when there are more, they are joined two by two.
    late : {"raise", "count", "store"}
        Whether a row that comes after its time has left the window is refused, or left out and counted, or all of the
        grid is stored in a temporary folder, and multiplied only at the end: for rows in no order of time.
    """

    def __init__(
        self,
        grid: CellGrid,
        ids: Sequence[str] = (),
        *,
        weights: Weights = "uniform",
        gaps_s: Floats | None = None,
        pairs: NDArray[np.int64] | None = None,
        blocks: int = 1,
        late: Late = "raise",
    ) -> None:
        if weights not in WEIGHTS:
            raise UnknownName.of("way to weigh samples", weights, WEIGHTS)
        self.grid, self.most_blocks, self.late, self.left_out = grid, blocks, late, 0
        self.voronoi, self.level = weights == "voronoi", WHOLE if blocks == 1 else 0
        self.phi = spread.table(grid.spreading, grid.dtype == np.float32)
        self.halo_rows = -(-(grid.halo + 2 * spread.LANES) // grid.length) + 1
        self.rows = 2 * self.halo_rows + FLUSH + STAY
        self.layout = grid.layout(self.rows)
        self.first_row: int | None = None  # of the window, on the grid
        self.touched = np.array([np.iinfo(np.int64).max, np.iinfo(np.int64).min])
        self.ids: tuple[str, ...] = ()
        self.pairs = None if pairs is None else ordered(pairs)
        self.side = 1
        self.own_blocks: dict[int, NDArray[np.float64]] = {}
        self.cells = np.zeros((0, self.rows * grid.length + 2 * spread.LANES), grid.dtype)
        self.own = np.zeros((self.rows, 3, 0))
        self.ends = Ends(grid)
        self.store = GridStore() if late == "store" else None
        self.room = np.empty(0, grid.dtype)  # for the transforms: one large piece of memory
        self.pending, self.tally = np.zeros((0, ingest.PENDING)), np.zeros((0, ingest.TALLY))
        self.means, self.known = np.zeros(0), np.zeros(0, bool)
        self.given_gaps = np.zeros(0) if gaps_s is None else np.asarray(gaps_s, float)
        self._grow(tuple(ids))

    def add(self, ids: Sequence[str], codes: NDArray[np.int32], t: Floats, x: NDArray[np.floating]) -> None:
        """Add rows: ``codes`` are numbers of ``ids``, ``t`` seconds since the grid's origin, roughly in order.

        Raises
        ------
        LateRows
            If a row comes after its time has left the window, and late rows are not to be counted.
        """
        if len(ids) > len(self.ids):
            self._grow(tuple(ids))
        if not len(codes):
            return
        self._know_means(codes, x)
        if self.first_row is None:
            self._place(t[0])
        late = self._add(codes, t, x)
        if late.size and self.store is None:
            self._refuse(t[late])
        elif late.size:
            late = late[np.argsort(t[late], kind="stable")]
            self._empty(float(t.max()))
            self._place(t[late[0]])
            self._add(codes[late], t[late], x[late])

    def _add(self, codes: NDArray[np.int32], t: Floats, x: NDArray[np.floating]) -> NDArray[np.int64]:
        """Spread rows, and move the window along; give the numbers of those that are before it."""
        late, begin, count = np.empty(len(codes), np.int64), 0, 0
        even = not self.voronoi and self.phi.shape[1:] == (spread.LINE, spread.LANES)
        while True:
            given = (self._window(), self._series(), (codes, t, x), begin, late[count:])
            weighting = self._weighting()
            begin, lates = ingest.add_even_rows(*given, weighting[-1]) if even else ingest.add_rows(*given, weighting)
            count += lates
            if begin == len(codes):
                return late[:count]
            self._advance(float(t[begin]))

    def finish(self) -> LagState:
        """Flush the window, and give the state of all rows that came."""
        if self.first_row is not None:
            self._empty(np.nan)
        if self.store is not None:
            self._take_stored(self.store)
        d = len(self.ids)
        self.room = np.empty(0, self.grid.dtype)
        numbers, pairs, r = self.tiles.take(d)
        own = np.array([self.own_blocks[int(block)][:, :d] for block in numbers]).reshape(len(numbers), 3, d)
        lo, hi = (int(cell) for cell in self.touched) if len(numbers) else (0, 0)
        place = self.place[:d].T
        return LagState(
            grid=self.grid, ids=self.ids, means=self.means[:d].copy(), level=self.level, numbers=numbers,
            pairs=pairs, r=r, own=own, tally=self.tally[:d].copy(), lo=lo, hi=hi, head=self.ends.head[place],
            tail=self.ends.last(hi)[place], left_out=self.left_out,
        )  # fmt: skip

    def _grow(self, ids: tuple[str, ...]) -> None:
        """Make room for more series; a tile of series is never split."""
        if not self.ids:
            self.side = max(1, min(SIDE, len(ids)))
            dtype = np.float64 if self.level == WHOLE else self.grid.dtype
            self.tiles = Tiles(self.grid, self.side, self.pairs, dtype=dtype)
        self.ids = ids
        room = -(-len(ids) // self.side) * self.side
        more = room - len(self.means)
        self.cells = np.concatenate([self.cells, np.zeros((2 * more, self.cells.shape[1]), self.cells.dtype)])
        self.ends.grow(2 * more)
        self.own = np.concatenate([self.own, np.zeros((self.rows, 3, more))], axis=2)
        for block, own in self.own_blocks.items():
            self.own_blocks[block] = np.concatenate([own, np.zeros((3, more))], axis=1)
        waiting = np.zeros((more, ingest.PENDING))
        waiting[:, [ingest.BEFORE, ingest.AT]] = np.nan
        self.pending = np.concatenate([self.pending, waiting])
        self.tally = np.concatenate([self.tally, np.zeros((more, ingest.TALLY))])
        self.means, self.known = np.append(self.means, np.zeros(more)), np.append(self.known, np.zeros(more, bool))
        self.gaps = np.append(self.given_gaps, np.zeros(max(room - len(self.given_gaps), 0)))
        x = np.arange(room) // self.side * self.side + np.arange(room)
        self.place = np.stack([x, x + self.side], axis=1)

    def _know_means(self, codes: NDArray[np.int32], x: NDArray[np.floating]) -> None:
        """Take the mean of the first rows of a series as its provisional mean."""
        if self.known[: len(self.ids)].all():
            return
        count = np.bincount(codes, minlength=len(self.means))
        new = (count > 0) & ~self.known
        if new.any():
            self.means[new] = np.bincount(codes, x, minlength=len(self.means))[new] / count[new]
            self.known |= new

    def _window(self) -> tuple[Any, ...]:
        low, length = (self.first_row or 0) * self.grid.length, self.grid.length
        end = low + (self.rows - self.halo_rows) * length
        half = 0.5 * self.grid.spreading.width
        setting = (1 / self.grid.spreading.cell_s, half, low, end, length)
        return self.cells, self.own, self.touched, self.place, setting, self.phi

    def _series(self) -> tuple[Any, ...]:
        return self.pending, self.tally, self.means

    def _weighting(self) -> tuple[Any, ...]:
        closed = ((self.first_row or 0) + self.halo_rows) * self.grid.length
        return self.voronoi, CAP, self.gaps, closed

    def _place(self, t: float) -> None:
        """Begin a window so that a stamp is in it, with room for samples that are a little late."""
        row = int(np.floor(t / self.grid.spreading.cell_s / self.grid.length))
        self.first_row = (row - STAY) // FLUSH * FLUSH - self.halo_rows

    def _empty(self, now: float) -> None:
        """Flush all that is in the window; no stamp that waits has a next one until ``now`` (NaN: ever)."""
        ingest.release(self._window(), self._series(), np.iinfo(np.int64).max, now, self._weighting())
        while self._used():
            self._flush()

    def _used(self) -> bool:
        return bool(self.own[:, 0].any())

    def _advance(self, t: float) -> None:
        """Move the window on, until a stamp is in it."""
        assert self.first_row is not None
        edge = (self.first_row + self.halo_rows + FLUSH) * self.grid.length
        ingest.release(self._window(), self._series(), edge, t, self._weighting())
        if self._used() or self.pending[:, ingest.WAITING].any():
            self._flush()
        else:
            self._place(t)

    def _refuse(self, late: Floats) -> None:
        if self.late == "count":
            self.left_out += len(late)
            return
        assert self.first_row is not None
        slack = STAY * self.grid.length * self.grid.spreading.cell_s
        raise LateRows(
            f"{len(late)} rows come more than {slack:g} s after later ones, the first at {late[0]:g} s",
            value=float(late[0]), next="sort the rows by time",
        )  # fmt: skip

    def _flush(self) -> None:
        """Take the first rows out of the window, and move on."""
        assert self.first_row is not None
        length, begin = self.grid.length, self.halo_rows
        used = np.flatnonzero(self._rows_in_use()[begin : begin + FLUSH])
        if used.size and self.store is not None:
            part = slice(begin, begin + FLUSH)
            cells = self.cells[:, begin * length : (begin + FLUSH) * length]
            self.store.add((self.first_row + begin) // FLUSH, cells, self.own[part])
        elif used.size:
            self._take(used)
        keep = self.cells.shape[1] - FLUSH * length
        self.cells[:, :keep] = self.cells[:, FLUSH * length :]
        self.cells[:, keep:] = 0
        self.own = np.concatenate([self.own[FLUSH:], np.zeros((FLUSH, *self.own.shape[1:]))])
        self.first_row += FLUSH

    def _take(self, used: NDArray[np.intp]) -> None:
        """Multiply rows of the window into the correlations, and keep the ends of all that was taken."""
        assert self.first_row is not None
        span = (self.halo_rows + int(used[0]), self.halo_rows + int(used[-1]) + 1)
        self._multiply(span)
        cells = self.cells[:, span[0] * self.grid.length : span[1] * self.grid.length]
        self.ends.keep(cells, (self.first_row + span[0]) * self.grid.length, int(self.touched[0]))

    def _take_stored(self, store: GridStore) -> None:
        """Put one piece after the other into the window, with its neighbours around it, and take its rows."""
        begin, length = self.halo_rows, self.grid.length
        for number in sorted(store.numbers):
            self.first_row = number * FLUSH - begin
            self.cells[:], self.own[:] = 0, 0
            for near in {number - 1, number, number + 1} & store.numbers:
                cells, own = store.piece(near)
                put(self.cells[: len(cells)], self.first_row * length, cells, near * FLUSH * length)
                put(self.own.T[: own.shape[2]], self.first_row, own.T, near * FLUSH)
            self._take(np.flatnonzero(self._rows_in_use()[begin : begin + FLUSH]))

    def _rows_in_use(self) -> NDArray[np.bool_]:
        """Rows that samples reach: where one is, and the next, into which it may reach."""
        used = np.count_nonzero(self.own[:, 0], axis=1) > 0
        return np.asarray(used | np.append(False, used[:-1]), bool)

    def _multiply(self, span: tuple[int, int]) -> None:
        assert self.first_row is not None
        a, b = [], []
        parts = [self.cells[None, at : at + 2 * self.side] for at in range(0, len(self.cells), 2 * self.side)]
        need = segments.room_for(parts[0], self.layout, FLUSH)
        if self.room.size < need * len(parts):
            self.room = np.empty(need * len(parts), self.cells.dtype)
        for tile, part in enumerate(parts):
            room = self.room[tile * need : (tile + 1) * need]
            left, right = segments.transforms(part, self.layout, spread.LANES, span, room=room)[0]
            a.append(left)
            b.append(right)
        blocks = block_numbers(np.arange(*span) + self.first_row, self.grid, self.level)
        for block in np.unique(blocks):
            here = np.flatnonzero(blocks == block)
            self.tiles.add(a, b, slice(here[0], here[-1] + 1), int(block))
            own = self.own[span[0] + here].sum(axis=0)
            self.own_blocks[int(block)] = self.own_blocks.get(int(block), 0) + own
        while len(self.tiles.blocks) > self.most_blocks:
            self.tiles.join()
            self.level += 1
            joined: dict[int, NDArray[np.float64]] = {}
            for number, own in self.own_blocks.items():
                joined[number // 2] = joined.get(number // 2, 0) + own
            self.own_blocks = joined
