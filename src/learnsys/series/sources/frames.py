"""Frames of polars and pandas, and relations of DuckDB; each is equal only to itself."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, final
from uuid import uuid4

from learnsys.core.errors import InputError
from learnsys.series.sources.arrow import arrow
from learnsys.series.sources.select import on_numbers
from learnsys.series.sources.tables import content_digest
from learnsys.series.sources.types import PEEK_ROWS, Condition, Wanted


@final
class PolarsTable:
    """A polars DataFrame, or a LazyFrame, whose plan is carried out anew at each pass with what is wanted.

    Parameters
    ----------
    frame : polars.DataFrame or polars.LazyFrame
    """

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._eager = hasattr(frame, "height")
        self.rows: int | None = frame.height if self._eager else None
        self._unique = uuid4().hex

    @cached_property
    def schema(self) -> Any:
        """Names and types of the columns."""
        return self._frame.lazy().head(0).collect().to_arrow().schema

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the content; of a plan, which may read anything, a name that nothing else has."""
        return content_digest(self._frame.to_arrow()) if self._eager else self._unique

    def first(self, column: str) -> Any:
        """Look at the first values."""
        return self._frame.lazy().select(column).head(PEEK_ROWS).collect().to_arrow().column(0).combine_chunks()

    def read(self, wanted: Wanted) -> Iterator[Any]:
        """Cut the frame into batches, or carry out the plan in batches."""
        if self._eager:
            pieces = self._frame.select(wanted.columns).iter_slices(wanted.rows)
        else:
            terms = _polars_terms(wanted.conditions, self.schema)
            plan = (self._frame.filter(terms) if terms else self._frame).select(wanted.columns)
            pieces = plan.collect_batches(chunk_size=wanted.rows, maintain_order=True)
        for piece in pieces:
            yield from piece.to_arrow().to_batches(max_chunksize=wanted.rows)


@final
class PandasTable:
    """A pandas DataFrame; an index of stamps counts as a column.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its columns have text as names (``with_stamps``).
    """

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.rows: int | None = len(frame)

    @cached_property
    def schema(self) -> Any:
        """Names and types of the columns; those of mixed types have the type null."""
        pa = arrow()
        return pa.schema([(name, _type(column)) for name, column in self._frame.items()])

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the content."""
        known = [field.name for field in self.schema if field.type != arrow().null()]
        return content_digest(self._table(known))

    def first(self, column: str) -> Any:
        """Look at the first values."""
        return arrow().array(self._frame[column].head(PEEK_ROWS), from_pandas=True)

    def read(self, wanted: Wanted) -> Iterator[Any]:
        """Look at the wanted columns as Arrow, in batches."""
        yield from self._table(list(wanted.columns)).to_batches(max_chunksize=wanted.rows)

    def _table(self, columns: list[str]) -> Any:
        pa = arrow()
        try:
            return pa.Table.from_pandas(self._frame[columns], preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise InputError(
                f"{error.args[-1]}: {error.args[0]}", value=columns, next="give a column values of one type"
            ) from error


@final
class RelationTable:
    """A DuckDB relation, queried anew at each pass for the wanted columns and rows.

    Parameters
    ----------
    relation : duckdb.DuckDBPyRelation
    """

    def __init__(self, relation: Any) -> None:
        self._relation = relation
        self.rows: int | None = None
        self.fingerprint = uuid4().hex

    @cached_property
    def schema(self) -> Any:
        """Names and types of the columns."""
        return _reader(self._relation.limit(0), PEEK_ROWS).schema

    def first(self, column: str) -> Any:
        """Look at the first values."""
        return (
            _reader(self._relation.project(_quoted(column)).limit(PEEK_ROWS), PEEK_ROWS)
            .read_all()
            .column(0)
            .combine_chunks()
        )

    def read(self, wanted: Wanted) -> Iterator[Any]:
        """Query the wanted columns and rows."""
        relation = self._relation
        for one in on_numbers(wanted.conditions, self.schema):
            relation = relation.filter(f"{_quoted(one.column)} {one.op.replace('==', '=')} {one.value!r}")
        yield from _reader(relation.project(", ".join(map(_quoted, wanted.columns))), wanted.rows)


def _type(column: Any) -> Any:
    """The type of a pandas Series; null if its values are of several."""
    pa = arrow()
    try:
        return pa.array(column.head(PEEK_ROWS), from_pandas=True).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.null()


def with_stamps(frame: Any, time: str | None) -> tuple[Any, str | None]:
    """Make a column of a pandas DatetimeIndex, if no other column of stamps is meant, and names of columns text.

    Raises
    ------
    InputError
        If the index is called like a column.
    """
    if hasattr(frame, "to_frame"):  # a pandas Series
        frame = frame.to_frame(name="value" if frame.name is None else frame.name)
    names = [".".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in frame.columns]
    frame, called = frame.set_axis(names, axis=1), frame.index.name
    meant = time in (None, called) or (called is None and time not in frame.columns)
    if type(frame.index).__name__ == "DatetimeIndex" and meant:
        name = str(called or time or "time")
        if name in frame.columns:
            raise InputError(f"the index and a column are both {name!r}", value=name, next="leave one of them out")
        return frame.rename_axis(name).reset_index(), name
    return frame, time


def _polars_terms(conditions: tuple[Condition, ...], schema: Any) -> list[Any]:
    """Conditions on numbers and text as expressions of polars."""
    import operator

    import polars as pl

    terms = {
        "==": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
    texts = [c for c in conditions if isinstance(c.value, str) and _is_string(schema.field(c.column).type)]
    return [terms[c.op](pl.col(c.column), c.value) for c in [*on_numbers(conditions, schema), *texts] if c.op in terms]


def _is_string(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _reader(relation: Any, rows: int) -> Any:
    read = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
    return read(rows)
