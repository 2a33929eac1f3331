"""The door of sources: find out what was given, which columns are stamps, names and values, and how stamps are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.sources.arrow import arrow
from learnsys.series.sources.source import Source
from learnsys.series.sources.stamps import Stamps, detect
from learnsys.series.sources.types import OF_PATH, Tabular

TIME_NAMES: Final = ("time", "ts", "timestamp", "datetime", "date", "t")


def scan(
    what: Any,
    *,
    time: str | None = None,
    series: str | None = None,
    value: str | Sequence[str] | None = None,
    tz: str | None = None,
    unit: str | None = None,
    format: str | None = None,
    nan: Literal["drop", "raise"] = "drop",
) -> Source:
    """Describe where samples are; only names, types and the first stamps are read.

    Parameters
    ----------
    what : path, pattern, folder, list of paths, frame, table, relation, stream, or mapping
        Parquet, CSV or Arrow files; a polars, pandas or pyarrow table; a DuckDB relation; anything that has
        ``__arrow_c_stream__``; or a mapping from names to (stamps, values).
    time : str, optional
        The column of stamps; found by its type or name if not given.
    series : str, optional
        The column of names of series: long form. Without it each column of ``value`` is a series: wide form. If
        ``value`` is not given either, the only column of text, if there is one, is taken for the names; parts of
        paths (``venue=X/``) only where files have none.
    value : str or sequence of str, optional
        The columns of values; all columns of numbers that are stored in files if not given.
    tz : str, optional
        The zone of times that do not tell theirs, as "UTC" or "Europe/Paris".
    unit : {"d", "s", "ms", "us", "ns"}, optional
        What numbers in the column of stamps count since 1970; guessed by their size if not given.
    format : str, optional
        The form of stamps in text, as "%d.%m.%Y %H:%M"; ISO 8601 and a few others are found out.
    nan : {"drop", "raise"}
        Whether NaN and infinite values are left out and counted, or refused.

    Raises
    ------
    UnknownName
        If a column is not there.
    InputError
        If a column has the wrong type, or what was given is no source.
    BadFile
        If a file is missing or damaged.

    Examples
    --------
    >>> source = scan({"a": ([0.0, 1.5], [1.0, 2.0]), "b": ([1.0], [5.0])})
    >>> source.samples().ids, source.samples().t.tolist()
    (('a', 'b'), [0.0, 1.5, 1.0])
    """
    if nan not in ("drop", "raise"):
        raise UnknownName.of("way with NaN", nan, ("drop", "raise"))
    table, time = _table(what, time)
    time = _time(table.schema, time)
    series, values = _roles(table.schema, time, series, value)
    stamps = _stamps(table, time, tz, unit, format)
    guessed = stamps.kind == "number" and unit is None and stamps.unit is not None
    notes = (f"stamps in column {time!r} were taken for {stamps.unit} since 1970",) if guessed else ()
    ids = tuple(map(str, what)) if isinstance(what, Mapping) else None
    return Source(table=table, time=time, series=series, values=values, stamps=stamps, nan=nan, ids=ids, notes=notes)


def _table(what: Any, time: str | None) -> tuple[Tabular, str | None]:
    """Find the reader of ``what``."""
    from learnsys.series.sources import frames, tables

    pa = arrow()
    module = type(what).__module__.partition(".")[0]
    if isinstance(what, str | Path):
        return files_table([what]), time
    if isinstance(what, list | tuple) and what and all(isinstance(path, str | Path) for path in what):
        return files_table(what), time
    if isinstance(what, Mapping):
        return tables.ArrowTable(tables.from_mapping(what)), time
    if isinstance(what, pa.RecordBatch):
        return tables.ArrowTable(pa.Table.from_batches([what])), time
    if isinstance(what, pa.Table):
        return tables.ArrowTable(what), time
    if module == "polars" and hasattr(what, "lazy"):
        return frames.PolarsTable(what), time
    if module == "pandas" and hasattr(what, "index"):
        frame, time = frames.with_stamps(what, time)
        return frames.PandasTable(frame), time
    if hasattr(what, "to_arrow_table") and hasattr(what, "project"):
        return frames.RelationTable(what), time
    if hasattr(what, "__arrow_c_stream__"):
        return tables.StreamTable(what), time
    raise InputError(
        f"a {type(what).__name__} is no source of samples",
        value=type(what).__name__,
        next="give a path, a frame, an Arrow table or stream, a relation, or {name: (t, x)}",
    )


def files_table(what: Sequence[str | Path]) -> Tabular:
    """Make the reader of files by what they end with.

    Raises
    ------
    BadFile
        If there is none.
    InputError
        If they are of several kinds, or of none that is known.
    """
    from learnsys.series.sources.dataset import SUFFIXES, Dataset, kind_of
    from learnsys.series.sources.files import found

    paths = found(what, tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes))
    kinds = {path: kind_of(path) for path in paths}
    first = kinds[paths[0]]
    for path, kind in kinds.items():
        if kind is None:
            known = " or ".join(suffixes[0] for suffixes in SUFFIXES.values())
            raise InputError(f"{path} is of no known kind", value=path, next=f"give files that end with {known}")
        if kind != first:
            raise InputError(f"{path} is no {first} file, as {paths[0]} is", value=path, next="scan them apart")
    return Dataset(first or "parquet", paths)


def _time(schema: Any, time: str | None) -> str:
    pa = arrow()
    if time is not None:
        return _column(schema, time)
    clocks = [field.name for field in schema if pa.types.is_timestamp(field.type) or pa.types.is_date(field.type)]
    named = [name for name in schema.names if name.lower() in TIME_NAMES]
    for likely in ([n for n in clocks if n in named], clocks, named):
        if len(likely) == 1:
            return str(likely[0])
    raise InputError(
        "which column has the stamps cannot be told",
        value=schema.names,
        next=f"say it: time='{(clocks or schema.names)[0]}'",
    )


def _roles(
    schema: Any, time: str, series: str | None, value: str | Sequence[str] | None
) -> tuple[str | None, tuple[str, ...]]:
    """Find the columns of names and values."""
    pa = arrow()
    others = [field for field in schema if field.name not in (time, series)]
    if value is None:
        stored = [field for field in others if field.metadata != OF_PATH]
        words = [f.name for f in stored if _is_text(f.type)] or [f.name for f in others if _is_text(f.type)]
        if series is None and len(words) > 1:
            raise InputError(
                f"columns {', '.join(words)} have text", value=words,
                next=f"say which has the names: series='{words[0]}'; or value= for the columns that are series",
            )  # fmt: skip
        series = words[0] if series is None and words else series
        values = tuple(field.name for field in stored if _is_number(field.type))
        if series is not None and len(values) > 1:
            raise InputError(
                f"columns {', '.join(values)} have numbers", value=list(values), next=f"say which: value='{values[0]}'"
            )
    else:
        values = tuple(_column(schema, name) for name in ([value] if isinstance(value, str) else value))
    if series is not None:
        _column(schema, series)
    for name in (time, series, *values):
        if len(schema.get_all_field_indices(name or "")) > 1:
            raise InputError(f"several columns are called {name!r}", value=name, next="rename all but one")
    if not values:
        raise InputError("there is no column of numbers", value=schema.names, next="say which: value='price'")
    for name in values:
        kind = schema.field(name).type
        if not (_is_number(kind) or pa.types.is_null(kind)):
            raise InputError(
                f"column {name!r} is of type {kind}, not a number", value=str(kind), next="give another value="
            )
    return series, values


def _stamps(table: Tabular, time: str, tz: str | None, unit: str | None, format: str | None) -> Stamps:
    """Find out how stamps are read, by their type, and where that does not tell by the first of them."""
    pa = arrow()
    kind = table.schema.field(time).type
    told = pa.types.is_timestamp(kind) or pa.types.is_date(kind)
    first = pa.nulls(0, kind) if told else table.first(time)
    return detect(first, time, tz=tz, unit=unit, format=format)


def _column(schema: Any, name: str) -> str:
    if name not in schema.names:
        raise UnknownName.of("column", name, schema.names)
    return name


def _is_text(kind: Any) -> bool:
    types = arrow().types
    return bool(
        types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind) or types.is_dictionary(kind)
    )


def _is_number(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind))
