"""Parquet files: only the columns that are wanted, only the row groups that can hold wanted rows, codes for names.

A file is read through a buffer of 1 MiB, without looking ahead, so that memory does not grow with row groups.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final, final

import numpy as np

from learnsys.core.errors import BadFile
from learnsys.series.sources.arrow import arrow
from learnsys.series.sources.files import digest, partition, partitions
from learnsys.series.sources.select import possible
from learnsys.series.sources.types import PEEK_ROWS, Wanted

SUFFIXES: Final = (".parquet", ".parq", ".pq")
BUFFER_BYTES: Final = 1 << 20
_TICKS: Final = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}


@final
class ParquetTable:
    """One table in one or many Parquet files.

    Parameters
    ----------
    paths : tuple of str
        The files; the first tells the schema.
    groups : tuple of (int, int), optional
        Only these row groups, each as number of the file and number of the row group.
    """

    def __init__(self, paths: tuple[str, ...], groups: tuple[tuple[int, int], ...] | None = None) -> None:
        self.paths = paths
        self.groups = groups

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParquetTable) and (self.paths, self.groups) == (other.paths, other.groups)

    def __hash__(self) -> int:
        return hash((self.paths, self.groups))

    def __reduce__(self) -> tuple[Any, ...]:
        return ParquetTable, (self.paths, self.groups)

    @cached_property
    def schema(self) -> Any:
        """Columns of the first file, and those that all paths tell."""
        schema = _opened(self.paths[0], ()).schema_arrow
        for name, kind in self._told.items():
            if name not in schema.names:
                schema = schema.append(arrow().field(name, kind))
        return schema

    @property
    def fingerprint(self) -> str:
        """Digest of paths, sizes and times."""
        return digest(self.paths) + repr(self.groups or "")

    @cached_property
    def rows(self) -> int | None:
        """Rows by the footers of all files."""
        if self.groups is None:
            return sum(int(_opened(path, ()).metadata.num_rows) for path in self.paths)
        return sum(int(_opened(self.paths[f], ()).metadata.row_group(g).num_rows) for f, g in self.groups)

    @cached_property
    def _told(self) -> dict[str, Any]:
        return partitions(self.paths)

    def read(self, wanted: Wanted) -> Iterator[Any]:
        """Read the row groups that can hold wanted rows, a batch at a time."""
        for number, path in enumerate(self.paths):
            told = self._tells(path)
            mine = None if self.groups is None else {g for f, g in self.groups if f == number}
            if mine != set() and all(
                possible(c, *2 * (told[c.column],)) for c in wanted.conditions if c.column in told
            ):
                yield from _batches(path, wanted, told, mine)

    def _tells(self, path: str) -> dict[str, Any]:
        """The values that the path of a file has for columns that files do not have."""
        told = {name: value for name, value in partition(path).items() if name in self._told and name not in self._own}
        return {name: arrow().array([value]).cast(self._told[name])[0].as_py() for name, value in told.items()}

    def first(self, column: str) -> Any:
        """Read what the first file that is not empty begins with."""
        if column in self._told and column not in self._own:
            return arrow().array([partition(path)[column] for path in self.paths[:PEEK_ROWS]]).cast(self._told[column])
        for path in self.paths:
            with reading(path):
                for batch in _opened(path, ()).iter_batches(PEEK_ROWS, columns=[column]):
                    return batch.column(0)
        return arrow().array([], self.schema.field(column).type)

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(_opened(self.paths[0], ()).schema_arrow.names)


def _batches(path: str, wanted: Wanted, told: dict[str, Any], mine: set[int] | None) -> Iterator[Any]:
    file = _opened(path, (wanted.names,) if wanted.names and wanted.names not in told else ())
    stored = [name for name in wanted.columns if name not in told]
    for name in stored:
        if name not in file.schema_arrow.names:
            raise BadFile(
                f"{path} has no column {name!r}, which the first file has", value=name, next="leave out that file"
            )
    groups = [g for g in range(file.num_row_groups) if (mine is None or g in mine) and _may_hold(file, g, wanted, told)]
    if not groups:
        return
    with reading(path):
        for batch in file.iter_batches(wanted.rows, row_groups=groups, columns=stored, use_threads=_threads() > 1):
            yield _with(batch, {name: value for name, value in told.items() if name in wanted.columns})


def _with(batch: Any, told: dict[str, Any]) -> Any:
    """Append columns of one value each."""
    pa = arrow()
    for name, value in told.items():
        places = pa.array(np.zeros(len(batch), np.int32))
        batch = batch.append_column(name, pa.DictionaryArray.from_arrays(places, pa.array([value])))
    return batch


def _opened(path: str, names: tuple[str, ...]) -> Any:
    with reading(path):
        return arrow("parquet").ParquetFile(
            path, read_dictionary=list(names), memory_map=False, pre_buffer=False, buffer_size=BUFFER_BYTES
        )


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Say of what goes wrong while ``path`` is read which file it was.

    Raises
    ------
    BadFile
        If it is gone, truncated or garbage.
    """
    pa = arrow()
    try:
        yield
    except FileNotFoundError as error:
        raise BadFile.missing(path) from error
    except (OSError, pa.ArrowException) as error:
        raise BadFile.unreadable(path, error) from error


def _threads() -> int:
    return int(arrow().cpu_count())


def _may_hold(file: Any, group: int, wanted: Wanted, told: dict[str, Any]) -> bool:
    """Tell by the statistics of a row group whether it can hold wanted rows."""
    first, last = wanted.between
    if first is None and last is None and not wanted.conditions:
        return True
    bounds = {
        name: _bounds(file, group, name) for name in {wanted.time, *(c.column for c in wanted.conditions)} - told.keys()
    }
    for condition in wanted.conditions:
        if (found := bounds.get(condition.column)) is not None:
            least, greatest = (one.as_py() for one in found)
            if not possible(condition, least, greatest):
                return False
    if (found := bounds.get(wanted.time)) is None:
        return True
    least, greatest = wanted.stamps.read(found) if len(found) else (np.inf, -np.inf)
    return (first is None or greatest >= first) and (last is None or least < last)


def _bounds(file: Any, group: int, name: str) -> Any:
    """The least and the greatest value of a column in a row group as an Arrow array; None if the file does not tell."""
    pa = arrow()
    place = next((i for i in range(len(file.schema)) if file.schema.column(i).path == name), None)
    if place is None:
        return None
    statistics = file.metadata.row_group(group).column(place).statistics
    if statistics is None or not statistics.has_min_max:
        return None
    column = file.schema.column(place)
    logical = json.loads(column.logical_type.to_json())
    raw = [statistics.min_raw, statistics.max_raw]
    match logical["Type"]:
        case "Timestamp":
            zone = "UTC" if file.schema_arrow.field(name).type.tz else None
            return pa.array(raw, pa.int64()).cast(pa.timestamp(_TICKS[logical["timeUnit"]], zone))
        case "Date":
            return pa.array(raw, pa.int32()).cast(pa.date32())
        case "String":
            return pa.array([one.decode() if isinstance(one, bytes) else one for one in raw])
        case "None" | "Int" if isinstance(raw[0], int | float):
            return pa.array(raw)
    return None
