"""A source: a table, and which of its columns are stamps, names of series and values; nothing is read until asked for.

Long form has a row a sample (time, series, value); wide form a column a series, where nulls are absent samples. With
several value columns in long form, series are named after both: ``AAPL.price``.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.sources.arrow import all_finite, arrow, floats, valid
from learnsys.series.sources.memory import Collected, Duplicates, collect
from learnsys.series.sources.names import Choice, Names
from learnsys.series.sources.select import check_conditions, holding
from learnsys.series.sources.stamps import Stamps
from learnsys.series.sources.types import BATCH_ROWS, Chunk, Condition, Tabular, TimeRange, Wanted
from learnsys.series.types import Samples


@final
class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where samples come from; made by ``series.scan``, hashable, and read anew at each pass.

    Attributes
    ----------
    table : Tabular
        The table.
    time : str
        Its column of stamps.
    series : str or None
        The column of names of series; None in wide form.
    values : tuple of str
        The columns of values.
    stamps : Stamps
        How stamps are read.
    nan : {"drop", "raise"}
        What is done with NaN, infinite and missing values: they are left out and counted, or refused.
    ids : tuple of str or None
        The series, where the table tells them; they are kept though they have no samples.
    notes : tuple of str
        What was guessed.
    """

    table: Tabular
    time: str
    series: str | None
    values: tuple[str, ...]
    stamps: Stamps
    nan: Literal["drop", "raise"] = "drop"
    ids: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the table, on which conditions can be put."""
        return tuple(self.table.schema.names)

    @property
    def clock(self) -> bool:
        """Whether stamps are instants (nanoseconds), not plain numbers (seconds)."""
        return self.stamps.clock

    @property
    def fingerprint(self) -> str:
        """A digest of the content, or of paths, sizes and times of files, and of how it is read."""
        from hashlib import sha256

        how = repr((self.time, self.series, self.values, self.stamps, self.nan))
        return sha256(f"{self.table.fingerprint}{how}".encode()).hexdigest()[:16]

    @property
    def count_hint(self) -> int | None:
        """How many rows there are, if that is known without reading them."""
        return self.table.rows

    def bound(self, when: Any) -> int | float:
        """Read an instant given as text, date, datetime or number, in the unit of ``Chunk.t``."""
        return self.stamps.bound(when)

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: Sequence[Condition] = (),
        time_range: TimeRange = (None, None),
        ids: Sequence[str] | None = None,
        batch_rows: int = BATCH_ROWS,
    ) -> Iterator[Chunk]:
        """Read the samples piece by piece.

        Parameters
        ----------
        columns : sequence of str, optional
            The columns of values to read; all that the source has if not given.
        predicate : sequence of Condition
            What rows must satisfy, all of them.
        time_range : (first, last)
            Samples with first <= t < last, in the unit of ``Chunk.t`` (``bound`` makes it); None leaves a side open.
        ids : sequence of str, optional
            The series to read, in this order; all that occur if not given, in order of their first sample.
        batch_rows : int
            About how many rows to read at once.

        Raises
        ------
        InputError
            If a stamp or a name is null, or a value is none and ``nan`` is "raise".
        UnknownName
            If a column is not there.
        BadFile
            If a file is missing, damaged or of another form than the others.
        """
        check_conditions(predicate, self.columns)
        chosen = self.ids if ids is None else tuple(ids)
        values = self._values(columns, chosen)
        read = [self.time, *([self.series] if self.series else []), *values, *(c.column for c in predicate)]
        rows = batch_rows if self.series else max(batch_rows // max(len(values), 1), 1)
        wanted = Wanted(
            columns=tuple(dict.fromkeys(read)), time=self.time, names=self.series, conditions=tuple(predicate),
            between=time_range, stamps=self.stamps, rows=rows,
        )  # fmt: skip
        return _Reading(self, wanted, values, chosen).chunks()

    def names(self) -> tuple[str, ...]:
        """Find all series, in order of their first sample, by reading the names alone.

        Raises
        ------
        InputError
            If a name is null.
        """
        if self.ids is not None or self.series is None:
            return self.named(self.values, ()) if self.ids is None else self.ids
        names = Names()
        for batch in self.table.read(Wanted(columns=(self.series,), names=self.series)):
            names.codes(batch.column(self.series))
        return self.named(self.values, names.ids)

    def samples(self, *, duplicates: Duplicates = "keep", **which: Any) -> Samples:
        """Read all samples into memory, each series in order of time.

        Parameters
        ----------
        duplicates : {"keep", "mean", "last"}
            What is done with samples of a series at one stamp.
        **which
            As for ``batches``.
        """
        return self.collect(duplicates=duplicates, **which).samples

    def collect(self, *, duplicates: Duplicates = "keep", **which: Any) -> Collected:
        """Read all samples into memory, with what was found wrong with them."""
        return collect(self.batches(**which), clock=self.clock, duplicates=duplicates)

    def named(self, values: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
        """Name the series that columns of values make with the names in the column of series."""
        if self.series is None:
            return values
        return names if len(self.values) == 1 else tuple(f"{name}.{value}" for name in names for value in values)

    def _values(self, columns: Sequence[str] | None, ids: tuple[str, ...] | None) -> tuple[str, ...]:
        """The columns of values that must be read."""
        for name in columns or ():
            if name not in self.values:
                raise UnknownName.of("column of values", name, self.values)
        chosen = self.values if columns is None else tuple(columns)
        if self.series is not None or ids is None:
            return chosen
        for name in ids:
            if name not in chosen:
                raise UnknownName.of("series", name, chosen)
        return tuple(name for name in chosen if name in ids)


@final
class _Reading:
    """One pass over a source.

    Parameters
    ----------
    source : Source
    wanted : Wanted
        What to ask of its table.
    values : tuple of str
        The columns of values.
    ids : tuple of str, optional
        The series to read.
    """

    def __init__(self, source: Source, wanted: Wanted, values: tuple[str, ...], ids: tuple[str, ...] | None) -> None:
        self.source, self.wanted, self.values = source, wanted, values
        self.names = Names()
        self.choice = None if ids is None else Choice(ids)
        self._ids: tuple[str, ...] = source.named(values, self.names.ids)
        self._met = self.names.ids

    @property
    def ids(self) -> tuple[str, ...]:
        """The series that occurred so far, chosen or not."""
        if self.names.ids is not self._met:
            self._met, self._ids = self.names.ids, self.source.named(self.values, self.names.ids)
        return self._ids

    def chunks(self) -> Iterator[Chunk]:
        """Read, test, number and clean batches."""
        some = False
        for batch in self.source.table.read(self.wanted):
            t, inside = self._inside(holding(batch, self.wanted.conditions))
            if t.size:
                some = True
                yield self._chunk(t, inside)
        self._check_choice()
        if not some:
            t = np.empty(0, np.int64 if self.source.clock else float)
            yield self._finished(t, np.empty(0, np.int32), np.empty(0), None)

    def _inside(self, batch: Any) -> tuple[NDArray[Any], Any]:
        """Read the stamps, and keep the rows in the range of time."""
        t = self.source.stamps.read(batch.column(self.source.time))
        first, last = self.wanted.between
        if first is None and last is None:
            return t, batch
        inside = np.ones(t.size, bool) if first is None else t >= first
        inside = inside if last is None else inside & (t < last)
        return (t, batch) if inside.all() else (t[inside], batch.filter(arrow().array(inside)))

    def _chunk(self, t: NDArray[Any], batch: Any) -> Chunk:
        """Take the columns of values one after the other."""
        named = None if self.source.series is None else self.names.codes(batch.column(self.source.series))
        pieces = [self._piece(j, t, named, batch.column(name)) for j, name in enumerate(self.values)]
        if len(pieces) == 1:
            return self._finished(*pieces[0])
        stamps, codes, x, lost = (list(part) for part in zip(*pieces, strict=True))
        gone = [one for one in lost if one is not None]
        return self._finished(
            np.concatenate(stamps), np.concatenate(codes), np.concatenate(x), np.concatenate(gone) if gone else None
        )

    def _piece(
        self, j: int, t: NDArray[Any], named: NDArray[np.int32] | None, column: Any
    ) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.floating], NDArray[np.int32] | None]:
        """Stamps, numbers and finite values of one column, and the numbers of the values that were left out."""
        x, there = floats(column), valid(column)
        if named is None:
            codes = np.full(t.size, j, np.int32)
            if there is not None:  # in wide form a null is no sample
                t, codes, x, there = t[there], codes[there], x[there], None
        else:
            codes = named if len(self.values) == 1 else named * np.int32(len(self.values)) + np.int32(j)
        if there is None and all_finite(x):
            return t, codes, x, None
        there = np.isfinite(x) if there is None else there & np.isfinite(x)
        if self.source.nan == "raise":
            lost = np.flatnonzero(~there)
            raise InputError.not_finite(f"a batch of column {self.values[j]!r}", lost.size, int(lost[0]))
        return t[there], codes[there], x[there], codes[~there]

    def _finished(
        self, t: NDArray[Any], codes: NDArray[np.int32], x: NDArray[np.floating], lost: NDArray[np.int32] | None
    ) -> Chunk:
        """Keep what is chosen, and count what was left out."""
        ids = self.ids
        if self.choice is not None:
            codes, lost = self.choice.codes(ids, codes), None if lost is None else self.choice.codes(ids, lost)
            ids = self.choice.ids
            if (chosen := codes >= 0).sum() < codes.size:
                t, codes, x = t[chosen], codes[chosen], x[chosen]
        dropped = None if lost is None else np.bincount(lost[lost >= 0], minlength=len(ids)).astype(np.int64)
        return Chunk(ids=ids, codes=codes, t=t, x=x, dropped=dropped)

    def _check_choice(self) -> None:
        """Refuse a name that does not occur, unless conditions may have left it out."""
        if self.choice is None or self.wanted.conditions or self.wanted.between != (None, None):
            return
        known = self.source.ids or self.ids
        for name in self.choice.ids:
            if name not in known:
                raise UnknownName.of("series", name, known)
