"""States of large data: projected file by file and row group by row group, on one core or many, and added.

Every worker reads its own parts and sends back one state, whose size does not depend on what it read; a worker that
dies is started again and its parts are read again, so that the answer is the same. Appending to a state costs what the
new files cost.
"""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any, Final, final

import msgspec
import numpy as np

from learnsys.core.engine.types import Engine
from learnsys.core.errors import Incompatible, InputError
from learnsys.series import state_file
from learnsys.series.sources.dataset import Dataset
from learnsys.series.sources.source import Source
from learnsys.series.sources.types import Condition, TimeRange
from learnsys.series.state import State, coefficients_for, origin_for
from learnsys.series.sums.cell_sums import CellGrid
from learnsys.series.sums.lag_state import LagState
from learnsys.series.sums.projecting import Projecting
from learnsys.series.sums.running import ahead
from learnsys.series.sums.running import gather as gather_rows

TOL: Final = 2e-4  # what single precision reaches: far below what sampling leaves open


@final
class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is gathered of every part.

    Attributes
    ----------
    bandwidth_s, period_s : float
        The least bandwidth that statistics will be asked with, and the period of the frequencies.
    origin_ns : int, optional
        Origin of all stamps; found by the first of them if not given, see ``state.make_state``.
    tol : float
        Error of the coefficients, relative.
    predicate, time_range, ids
        As for ``Source.batches``.
    """

    bandwidth_s: float
    period_s: float
    origin_ns: int | None = None
    tol: float = TOL
    predicate: tuple[Condition, ...] = ()
    time_range: TimeRange = (None, None)
    ids: tuple[str, ...] | None = None

    @property
    def values(self) -> str:
        """Conditions, as a state tells them: states of other conditions do not add."""
        return ", ".join(f"{c.column} {c.op} {c.value!r}" for c in self.predicate)


def gather(source: Source, wish: Wish, *, engine: Engine | None = None) -> State:
    """Make the state of a source.

    Parameters
    ----------
    source : Source
    wish : Wish
    engine : Engine, optional
        Where parts are read; of files only, since workers open them where they are.

    Raises
    ------
    InputError
        If an engine is given and the source is no files.
    BadFile
        If a file is missing or damaged.

    Examples
    --------
    >>> from learnsys.series.sources.scan import scan
    >>> source = scan({"a": ([0.0, 1.0, 2.0], [1.0, 2.0, 4.0])})
    >>> gather(source, Wish(bandwidth_s=1.0, period_s=50.0)).facts().mean.round(6).tolist()
    [2.333333]
    """
    wish = _placed(wish, source)
    if engine is None:
        states = [project_part(source, wish)]
    else:
        packed = engine.map(packed_part, divided(source, engine.slots), engine.put(wish))
        states = [state_file.unpack(one) for one in packed]
    return msgspec.structs.replace(together(states), sources=labels(source, wish))


def gather_lags(source: Source, grid: CellGrid, *, engine: Engine | None = None, **options: Any) -> LagState:
    """Make the state of correlations at lags of a source whose rows are in order of time.

    Parameters
    ----------
    source : Source
    grid : CellGrid
        Which lags and bandwidths it serves.
    engine : Engine, optional
        Where parts are read: each worker reads neighbouring row groups.
    **options
        Of ``sums.running.Running``.

    Raises
    ------
    InputError
        If rows are far out of order, or an engine is given and the source is no files.
    BadFile
        If a file is missing or damaged.
    """
    if engine is None:
        return gather_rows(source.batches(), grid, **options)
    shared = [engine.put(value) for value in (grid, source.names(), options)]
    packed = engine.map(packed_lags, divided(source, engine.slots), *shared)
    state: LagState = reduce(add, map(state_file.unpack, packed))
    return state


def packed_lags(source: Source, grid: CellGrid, ids: tuple[str, ...], options: dict[str, Any]) -> bytes:
    """Gather the rows of a part, and pack the state for the way."""
    chosen = msgspec.structs.replace(source, ids=ids)
    return state_file.pack(gather_rows(chosen.batches(), grid, ids=ids, **options))


def append(state: State, source: Source, wish: Wish, *, engine: Engine | None = None) -> State:
    """Add to a state the files of a source that it does not have yet.

    Raises
    ------
    Incompatible
        If a file that is in the state has changed since, or the state was made with another wish.
    """
    table = source.table
    if not isinstance(table, Dataset):
        raise InputError("only files can be told from those that a state has", next="add the state of the new data")
    known = {label.rpartition("@")[0]: label for label in state.sources}
    here = dict(zip(table.paths, labels(source, wish), strict=True))
    for path, label in here.items():
        if known.get(path, label) != label:
            raise Incompatible(f"{path} has changed since it was projected", value=path, next="make the state anew")
    new = tuple(path for path in table.paths if path not in known)
    if not new:
        return state
    part = msgspec.structs.replace(source, table=Dataset(table.kind, new))
    wish = msgspec.structs.replace(wish, origin_ns=state.coefficients.t0_ns)
    return together([state, gather(part, wish, engine=engine)])


def together(states: Sequence[State]) -> State:
    """Add states of disjoint data that may know different series, in order of their first occurrence."""
    ids = tuple(dict.fromkeys(name for state in states for name in state.coefficients.ids))
    return reduce(add, (state if state.coefficients.ids == ids else state.of(ids) for state in states))


def project_part(source: Source, wish: Wish) -> State:
    """Project all that a source has, chunk by chunk; its state names no data."""
    spec = coefficients_for(wish.bandwidth_s, wish.period_s, wish.tol)
    made = Projecting(spec, t0_ns=_placed(wish, source).origin_ns or 0, tol=wish.tol)
    for chunk in ahead(source.batches(predicate=wish.predicate, time_range=wish.time_range, ids=wish.ids)):
        made.add(chunk.ids, chunk.codes, chunk.t, chunk.x)
    found = State(coefficients=made.finish(), bandwidth_s=wish.bandwidth_s, tol=wish.tol, values=wish.values)
    found.check_span()
    return found


def packed_part(source: Source, wish: Wish) -> bytes:
    """Project all that a source has, and pack the state for the way."""
    return state_file.pack(project_part(source, wish))


def divided(source: Source, most: int) -> list[Source]:
    """Divide a source of files into up to ``most`` parts, which keep the order and are about equal.

    Raises
    ------
    InputError
        If it is no files.
    """
    if not isinstance(source.table, Dataset):
        raise InputError(
            "only files can be read by several workers", value=type(source.table).__name__,
            next="write the data to Parquet, or leave out engine=",
        )  # fmt: skip
    table = source.table
    cuts = [part for part in np.array_split(np.array(table.all_parts()), most) if part.size]
    return [msgspec.structs.replace(source, table=table.only(tuple((int(f), int(g)) for f, g in cut))) for cut in cuts]


def _placed(wish: Wish, source: Source) -> Wish:
    """Choose the origin, if it is not given, by the first stamp that is read."""
    if wish.origin_ns is not None:
        return wish
    chunk = next(source.batches(predicate=wish.predicate, time_range=wish.time_range, ids=wish.ids))
    first = int(chunk.t[0]) if source.clock and chunk.t.size else 0
    return msgspec.structs.replace(wish, origin_ns=origin_for(first, wish.period_s))


def labels(source: Source, wish: Wish) -> tuple[str, ...]:
    """Name the data of a source as a state keeps it: files one by one, and of which times."""
    first, last = wish.time_range
    times = "" if first is None and last is None else f"[{first},{last})"
    table: Any = source.table
    if isinstance(table, Dataset):
        return tuple(f"{path}@{mark[:16]}{times}" for path, mark in zip(table.paths, table.marks(), strict=True))
    return (f"@{source.fingerprint}{times}",)
