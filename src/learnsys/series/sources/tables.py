"""Arrow's own tables, streams of them, and arrays by name."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from itertools import chain
from typing import Any, final
from uuid import uuid4

import numpy as np
from numpy.typing import ArrayLike, NDArray

from learnsys.core.errors import InputError
from learnsys.series.sources.arrow import arrow
from learnsys.series.sources.types import PEEK_ROWS, Wanted


@final
class ArrowTable:
    """A ``pyarrow.Table`` in memory; equal only to itself.

    Parameters
    ----------
    table : pyarrow.Table
    """

    def __init__(self, table: Any) -> None:
        self.table = table
        self.schema = table.schema
        self.rows: int | None = len(table)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the content."""
        return content_digest(self.table)

    def first(self, column: str) -> Any:
        """Look at the first values."""
        return self.table.column(column).slice(0, PEEK_ROWS).combine_chunks()

    def read(self, wanted: Wanted) -> Iterator[Any]:
        """Cut the wanted columns into batches, without a copy."""
        yield from self.table.select(list(wanted.columns)).to_batches(max_chunksize=wanted.rows)


@final
class StreamTable:
    """Anything that gives batches of Arrow, once or anew at each call; equal only to itself.

    Parameters
    ----------
    stream : object
        It has ``__arrow_c_stream__``.
    """

    def __init__(self, stream: Any) -> None:
        self.rows: int | None = None
        self.fingerprint = uuid4().hex
        self._stream = stream
        self._reader: Any = self._open()
        self._begun: list[Any] = []  # batches that were looked at before the first pass
        self.schema = self._reader.schema

    def first(self, column: str) -> Any:
        """Look at the first batch that is not empty, which the first pass will give again."""
        pa = arrow()
        while self._reader is not None and not any(map(len, self._begun)):
            try:
                self._begun.append(self._reader.read_next_batch())
            except StopIteration:
                break
        found = [batch.column(column) for batch in self._begun if len(batch)]
        return found[0].slice(0, PEEK_ROWS) if found else pa.array([], self.schema.field(column).type)

    def read(self, wanted: Wanted) -> Iterator[Any]:
        """Read batches; large ones are cut.

        Raises
        ------
        InputError
            If the stream was read before and cannot be read again.
        """
        reader, begun = self._reader or self._open(), self._begun
        self._reader, self._begun = None, []
        for batch in chain(begun, reader):
            picked = batch.select(list(wanted.columns))
            for start in range(0, len(picked), wanted.rows):
                yield picked.slice(start, wanted.rows)

    def _open(self) -> Any:
        pa = arrow()
        again = isinstance(self._stream, pa.RecordBatchReader) and hasattr(self, "schema")
        try:
            if not again:
                return pa.RecordBatchReader.from_stream(self._stream)
        except (pa.ArrowException, ValueError, RuntimeError) as error:
            if "non-struct" in str(error):
                raise InputError("this stream has no columns", value=str(error), next="give a frame") from error
        raise InputError("this stream was read already", next="read it into a table first, and scan that")


def content_digest(table: Any) -> str:
    """Digest the columns and the values of a ``pyarrow.Table``."""
    total = sha256(str(table.schema).encode())
    for batch in table.to_batches():
        total.update(batch.serialize())
    return total.hexdigest()


def from_mapping(series: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Any:
    """Make a table in long form, with columns time, series and value, of stamps and values by name.

    Raises
    ------
    InputError
        If there are not as many stamps as values, or both are no arrays.
    """
    pa = arrow()
    columns = [_pair(name, pair) for name, pair in series.items()]
    codes = np.repeat(np.arange(len(columns), dtype=np.int32), [x.size for _, x in columns])
    return pa.table(
        {
            "time": _together([t for t, x in columns if x.size]),
            "series": pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(map(str, series)), pa.string())),
            "value": np.concatenate([np.empty(0), *(x for _, x in columns)]),
        }
    )


def _pair(name: object, pair: tuple[ArrayLike, ArrayLike]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Check the stamps and the values of one series."""
    try:
        t, x = pair
        t, x = np.asarray(t), np.asarray(x, float)
    except (TypeError, ValueError) as error:
        raise InputError(f"series {name!r} is no pair of stamps and values", next="give (t, x)") from error
    if t.ndim != 1 or t.shape != x.shape:
        raise InputError(
            f"series {name!r} has {t.size} stamps and {x.size} values", value=[t.size, x.size], next="give one each"
        )
    return t, x


def _together(stamps: list[NDArray[Any]]) -> Any:
    """Put the stamps of all series into one Arrow array."""
    pa = arrow()
    if not any(t.dtype.kind in "OM" for t in stamps):
        return pa.array(np.concatenate(stamps or [np.empty(0)]))
    columns = [pa.array(t.tolist() if t.dtype == object else t) for t in stamps]
    columns = [c.cast(pa.timestamp("ns", c.type.tz)) if pa.types.is_timestamp(c.type) else c for c in columns]
    if len(kinds := {c.type for c in columns}) > 1:
        raise InputError(
            f"stamps are of types {' and '.join(sorted(map(str, kinds)))}", value=len(kinds), next="give one type"
        )
    return pa.concat_arrays(columns)
