"""Frames of polars and pandas, and relations of DuckDB; each is equal only to itself."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, final
from uuid import uuid4

from learnsys.series.sources.arrow import arrow
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
            terms = _polars_terms(wanted)
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
    """

    def __init__(self, frame: Any) -> None:
        self._frame = frame.rename(columns=str)
        self.rows: int | None = len(frame)

    @cached_property
    def schema(self) -> Any:
        """Names and types of the columns; those of mixed types have the type null."""
        pa = arrow()
        return pa.schema([(name, self._type(name)) for name in self._frame.columns])

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
        return arrow().Table.from_pandas(self._frame[columns], preserve_index=False)

    def _type(self, name: str) -> Any:
        pa = arrow()
        try:
            return pa.array(self._frame[name].head(PEEK_ROWS), from_pandas=True).type
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.null()


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
        for condition in wanted.conditions:
            if (term := _sql(condition)) is not None:
                relation = relation.filter(term)
        yield from _reader(relation.project(", ".join(map(_quoted, wanted.columns))), wanted.rows)


def with_stamps(frame: Any, time: str | None) -> tuple[Any, str | None]:
    """Make a column of a pandas DatetimeIndex, if no other column of stamps is meant."""
    if hasattr(frame, "to_frame"):  # a pandas Series
        frame = frame.to_frame(name="value" if frame.name is None else frame.name)
    if type(frame.index).__name__ == "DatetimeIndex" and (time is None or time == frame.index.name):
        name = str(frame.index.name or "time")
        return frame.rename_axis(name).reset_index(), name
    return frame, time


def _polars_terms(wanted: Wanted) -> list[Any]:
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
    simple = [c for c in wanted.conditions if isinstance(c.value, int | float | str) and c.op in terms]
    return [terms[c.op](pl.col(c.column), c.value) for c in simple]


def _sql(condition: Condition) -> str | None:
    """A condition on numbers as a term of SQL; None for others, which are tested afterwards."""
    value = condition.value
    if condition.op == "in" or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return f"{_quoted(condition.column)} {condition.op.replace('==', '=')} {value!r}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _reader(relation: Any, rows: int) -> Any:
    read = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
    return read(rows)
