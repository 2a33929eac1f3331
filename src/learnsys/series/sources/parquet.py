"""Parquet files: only the columns that are wanted, only the row groups that can hold wanted rows, codes for names.

A file is read through buffers, 1 MiB for a column or 16 MiB for all, without looking ahead, so that memory does
not grow with row groups.
"""

import json
from collections.abc import Iterator
from typing import Any, Final, final

import numpy as np

from learnsys.series.sources.arrow import arrow
from learnsys.series.sources.select import possible
from learnsys.series.sources.types import Wanted

BUFFER_BYTES: Final = 1 << 20
LEAST_BUFFER_BYTES: Final = 1 << 14
BUFFERED_BYTES: Final = 16 << 20
_TICKS: Final = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}


def open_file(path: str, names: str | None) -> "ParquetFile":
    """Open a file; ``names`` is a column of text that is read as codes of a dictionary."""
    parquet = arrow("parquet")
    metadata = parquet.read_metadata(path)
    return ParquetFile(
        parquet.ParquetFile(
            path,
            metadata=metadata,
            read_dictionary=[] if names is None else [names],
            memory_map=False,
            pre_buffer=False,
            buffer_size=buffer_bytes(metadata.num_columns),
        )
    )


def buffer_bytes(columns: int) -> int:
    """How much is read ahead of each column of a file.

    Examples
    --------
    >>> buffer_bytes(3) >> 10, buffer_bytes(1000) >> 10
    (1024, 16)
    """
    return min(BUFFER_BYTES, max(BUFFERED_BYTES // columns, LEAST_BUFFER_BYTES)) if columns else BUFFER_BYTES


@final
class ParquetFile:
    """An open Parquet file; its parts are its row groups."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.schema = file.schema_arrow
        self.rows: int | None = file.metadata.num_rows
        self.parts: int = file.num_row_groups

    def read(self, wanted: Wanted, parts: frozenset[int] | None) -> Iterator[Any]:
        """Read the row groups that can hold wanted rows."""
        groups = [g for g in range(self.parts) if (parts is None or g in parts) and self._may_hold(g, wanted)]
        if groups:
            threads = arrow().cpu_count() > 1
            columns = list(wanted.columns)
            yield from self._file.iter_batches(wanted.rows, row_groups=groups, columns=columns, use_threads=threads)

    def _may_hold(self, group: int, wanted: Wanted) -> bool:
        """Tell by the statistics of a row group whether it can hold wanted rows."""
        for condition in wanted.conditions:
            if condition.column in self.schema.names:
                bounds = self._bounds(group, condition.column)
                if bounds is not None and not possible(condition, *bounds.to_pylist()):
                    return False
        first, last = wanted.between
        if (first is None and last is None) or wanted.stamps is None or wanted.stamps.kind == "text":
            return True  # the order of text need not be that of time
        if (bounds := self._bounds(group, wanted.time)) is None:
            return True
        least, greatest = wanted.stamps.read(bounds)
        return bool((first is None or greatest >= first) and (last is None or least < last))

    def _bounds(self, group: int, name: str) -> Any:
        """The least and the greatest value in a row group, an Arrow array of both; None if the file does not tell."""
        place = next((i for i in range(len(self._file.schema)) if self._file.schema.column(i).path == name), None)
        if place is None:
            return None
        statistics = self._file.metadata.row_group(group).column(place).statistics
        if statistics is None or not statistics.has_min_max:
            return None
        raw = [statistics.min_raw, statistics.max_raw]
        return _bounds(raw, self._file.schema.column(place).logical_type, self.schema.field(name).type)


def _bounds(raw: list[Any], logical: Any, kind: Any) -> Any:
    """Statistics as values of their column; not by ``statistics.min``, which makes pandas' timestamps."""
    pa = arrow()
    told = json.loads(logical.to_json())
    if told["Type"] == "Timestamp":
        return pa.array(raw, pa.int64()).cast(pa.timestamp(_TICKS[told["timeUnit"]], kind.tz))
    if told["Type"] == "Date":
        return pa.array(raw, pa.int32()).cast(pa.date32())
    if told["Type"] == "String" and all(isinstance(one, bytes) for one in raw):
        return pa.array([one.decode() for one in raw])
    signed = told.get("isSigned", True)  # others come as if they were signed
    numbers = told["Type"] in ("None", "Int") and signed and all(isinstance(one, int | float) for one in raw)
    return pa.array(raw) if numbers and np.isfinite(raw).all() else None
