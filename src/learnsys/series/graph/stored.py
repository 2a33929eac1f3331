"""Tables of ``learnsys.series.sources`` as a source of queries."""

from collections.abc import Iterator
from typing import Any, Self, final

import msgspec

from learnsys.series.graph.nodes import Scan
from learnsys.series.sources.source import Source
from learnsys.series.sources.types import Chunk, Condition, Tabular, TimeRange, Wanted
from learnsys.series.types import Samples


@final
class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A table of samples; rows have all its columns."""

    source: Source

    @property
    def rows(self) -> int | None:
        """How many rows there are, if that is known."""
        return self.source.count_hint

    @property
    def held(self) -> bool:
        """Whether samples are in memory already."""
        return False

    def chunks(self, scan: Scan) -> Iterator[Chunk]:
        """The rows that a scan wants, piece by piece."""
        return rows_wanted(self.source if scan.narrow else self._wide(), scan).chunks()

    @property
    def alike(self) -> bool:
        """Whether all samples weigh 1."""
        return True

    @property
    def columns(self) -> int:
        """How many columns a row has."""
        return len(self.source.columns)

    @property
    def fingerprint(self) -> str:
        """A digest of the content, or of what stands for it."""
        return self.source.fingerprint

    def bound(self, when: Any) -> int | float:
        """Read a moment in the unit of the stamps."""
        bound = self.source.bound(when)
        return int(bound) if self.source.clock else float(bound)

    def everything(self) -> "StoredRows":
        """Read all columns of all rows into memory."""
        from learnsys.series.sources.arrow import arrow
        from learnsys.series.sources.tables import ArrowTable

        batches = list(AllColumns(self.source.table).read(self._wanted()))
        table = arrow().Table.from_batches(batches, schema=None if batches else self.source.table.schema)
        return StoredRows(source=msgspec.structs.replace(self.source, table=ArrowTable(table)))

    def read(self, scan: Scan) -> Samples:
        """The samples that a scan wants."""
        return rows_wanted(self.source if scan.narrow else self._wide(), scan).to_samples()

    def first(self, scan: Scan) -> tuple[Samples, float]:
        """The samples of the first batch that a scan wants, and how many there are about in all."""
        from learnsys.series.sources.memory import collect

        chunk = next(rows_wanted(self.source, scan).chunks())
        read = collect([chunk], clock=self.source.clock).samples
        batch = next(StoredRows(source=self.source).chunks()).t.size
        return read, read.t.size * max((self.rows or 0) / max(batch, 1), 1.0)

    def _wide(self) -> Source:
        return msgspec.structs.replace(self.source, table=AllColumns(self.source.table))

    def _wanted(self) -> Wanted:
        s = self.source
        return Wanted(columns=s.columns, time=s.time, names=s.series, stamps=s.stamps)

    @property
    def described(self) -> str:
        """Kind and size, for people."""
        return f"{type(self.source.table).__name__}, {'?' if self.rows is None else format(self.rows, ',')} rows"


def rows_wanted(source: Source, scan: Scan) -> "StoredRows":
    """What a scan wants of a source."""
    return StoredRows(source=source, where=scan.where, range=(scan.start, scan.end), ids=scan.ids)


@final
class AllColumns:
    """A table that is read with all its columns, whichever are wanted.

    Parameters
    ----------
    table : Tabular
    """

    def __init__(self, table: Tabular) -> None:
        self.table = table
        self.schema = table.schema
        self.fingerprint = table.fingerprint
        self.rows = table.rows

    def first(self, column: str) -> Any:
        """Look at the first values."""
        return self.table.first(column)

    def read(self, wanted: Wanted) -> Iterator[Any]:
        """Read all columns."""
        return self.table.read(msgspec.structs.replace(wanted, columns=tuple(self.schema.names)))


@final
class StoredRows(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Rows on their way from a table to samples."""

    source: Source
    where: tuple[Condition, ...] = ()
    range: TimeRange = (None, None)
    ids: tuple[str, ...] | None = None

    def filter(self, where: tuple[Condition, ...]) -> Self:
        """Keep rows for which all conditions hold."""
        return msgspec.structs.replace(self, where=(*self.where, *where))

    def between(self, start: int | float | None, end: int | float | None) -> Self:
        """Keep rows of a time."""
        low = max((e for e in (self.range[0], start) if e is not None), default=None)
        high = min((e for e in (self.range[1], end) if e is not None), default=None)
        return msgspec.structs.replace(self, range=(low, high))

    def select(self, ids: tuple[str, ...] | None) -> Self:
        """Keep some series; all if None."""
        return self if ids is None else msgspec.structs.replace(self, ids=ids)

    def chunks(self) -> Iterator[Chunk]:
        """The rows piece by piece."""
        return self.source.batches(predicate=self.where, time_range=self.range, ids=self.ids)

    def to_samples(self) -> Samples:
        """The rows as samples."""
        return self.source.samples(predicate=self.where, time_range=self.range, ids=self.ids)
