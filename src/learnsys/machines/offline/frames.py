"""Parquet and CSV as they come: read with errors that name the file, the missing columns and the row."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import BadFile, InputError
from learnsys.core.frames import polars
from learnsys.machines.offline.fetch import local

if TYPE_CHECKING:
    from polars import DataFrame, Series

Floats = NDArray[np.float64]


def read_frame(source: Path | str, needed: Collection[str], *, separator: str = ",") -> "DataFrame":
    """Read a table from a path or URL: Parquet by its suffix, CSV or TSV (gzipped too) otherwise.

    Raises
    ------
    BadFile
        If it cannot be read.
    InputError
        If it is empty or lacks one of the columns ``needed``; they are named.
    """
    pl, path = polars(), local(source)
    try:
        frame: DataFrame = (
            pl.read_parquet(path)
            if path.suffix == ".parquet"
            else pl.read_csv(path, infer_schema_length=None, separator="\t" if ".tsv" in path.name else separator)
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadFile.unreadable(source, error) from error
    if missing := [name for name in needed if name not in frame.columns]:
        raise InputError(
            f"{source} has no column {', '.join(missing)}",
            value=missing,
            next=f"it has {', '.join(frame.columns[:12])}{' ...' if frame.width > 12 else ''}",
        )
    if not frame.height:
        raise InputError(f"{source} has no rows", value=str(source), next="give the whole table")
    return frame


def numbers(values: "Series", source: Path | str) -> Floats:
    """Turn a column into float64, missing values into NaN.

    Raises
    ------
    InputError
        If a cell is no number; its row is named, the first below the header being 0.
    """
    pl = polars()
    as_float = values.cast(pl.Float64, strict=False)
    if (lost := as_float.is_null() & values.is_not_null()).any():
        row = lost.to_list().index(True)
        raise InputError(
            f"{source}, row {row}: {values.name} is {values[row]!r}, which is no number",
            value=str(values[row]),
            next="mend that row",
        )
    return np.array(as_float.fill_null(float("nan")).to_numpy(), float)


def positive(values: "Series", source: Path | str, *, null: bool = False) -> Floats:
    """Turn a column into float64 and refuse what is not above zero; NaN stays where ``null``.

    Raises
    ------
    InputError
        If a value is zero, negative, infinite or, without ``null``, missing; its row is named.
    """
    out = numbers(values, source)
    wrong = ~((out > 0) & np.isfinite(out)) & ~(np.isnan(out) & null)
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(
            f"{source}, row {row}: {values.name} must be above zero, not {out[row]:g}",
            value=float(out[row]),
            next="mend or drop that row",
        )
    return out


def words(values: "Series", source: Path | str) -> list[str]:
    """Turn a column into text and refuse missing cells.

    Raises
    ------
    InputError
        If a cell is empty; its row is named.
    """
    if values.null_count():
        row = values.is_null().to_list().index(True)
        raise InputError(f"{source}, row {row}: {values.name} is missing", value=values.name, next="mend that row")
    return [str(value) for value in values]


def positions(values: Sequence[str], known: Sequence[str]) -> NDArray[np.intp]:
    """Find the place of each value in ``known``, -1 where it is not there."""
    at = {name: i for i, name in enumerate(known)}
    return np.fromiter((at.get(v, -1) for v in values), np.intp, len(values))
