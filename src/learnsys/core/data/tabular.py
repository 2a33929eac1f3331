"""Read Parquet and CSV: numbers stay, text becomes one column a level, and one column is the target."""

import csv
import gzip
import zlib
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.check import check_finite
from learnsys.core.data.dataset import Dataset, as_target
from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.files import existing
from learnsys.core.frames import polars

if TYPE_CHECKING:
    from polars import DataFrame, Series

MOST_LEVELS: Final = 50
MOSTLY: Final = 0.9  # a column with more numbers than this, as a share, is meant to hold nothing else
MISSING: Final = ("", "NA", "N/A", "NaN", "nan", "null")


def read_table(path: Path | str, *, target: str | None = None) -> Dataset:
    """Read a Parquet or CSV file (gzipped or not) into a dense float64 matrix.

    Parameters
    ----------
    path : Path or str
        The file. Numbers and flags give one column each, text and categories one for each of at most 50 levels.
    target : str, optional
        Column to predict, the last one if not given.

    Raises
    ------
    BadFile
        If the file is malformed; of a CSV file the line is named. Also if more than nine in ten texts of a CSV column
        are numbers and the others are not: a mistake rather than levels.
    UnknownName
        If there is no column ``target``.
    InputError
        If a value is missing, NaN or infinite (count and first place named), or a column is of a type that is no
        feature.
    """
    frame = _frame(path := existing(path))
    chosen = frame.columns[-1] if target is None else target
    if chosen not in frame.columns:
        raise UnknownName.of("column", chosen, frame.columns)
    if frame.width < 2 or frame.height < 1:
        raise BadFile.unreadable(path, f"it has {frame.height} rows of {frame.width} columns")
    _refuse_missing(frame, path)
    if path.suffix != ".parquet":
        _refuse_stray_text(frame, path)
    features = [_features(values) for values in frame.drop(chosen)]
    data = Dataset(
        name=path.name,
        X=np.ascontiguousarray(np.hstack([block for _, block in features])),
        y=_target(frame[chosen]),
        columns=tuple(name for names, _ in features for name in names),
        target=chosen,
        source=str(path),
    )
    check_finite(data.X, f"X in {path}")
    check_finite(data.y, f"{chosen} in {path}")
    return data


def _frame(path: Path) -> "DataFrame":
    pl = polars()
    try:
        if path.suffix == ".parquet":
            frame: DataFrame = pl.read_parquet(path)
        else:
            frame = pl.read_csv(path, infer_schema_length=None, null_values=list(MISSING))
    except (pl.exceptions.PolarsError, OSError) as error:
        _refuse_ragged(path)
        raise BadFile.unreadable(path, error) from error
    return frame


def _refuse_ragged(path: Path) -> None:
    """Refuse a CSV file with a line of more or fewer fields than its header, which Polars does not name."""
    if path.suffix == ".parquet":
        return
    passing = suppress(OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error)
    with passing, gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        rows = csv.reader(file)
        wanted = len(next(rows, []))
        for row in rows:
            if len(row) not in (0, wanted):
                raise BadFile.line(path, rows.line_num, f"{len(row)} fields, where the header has {wanted}")


def _refuse_missing(frame: "DataFrame", path: Path) -> None:
    if not (count := sum(frame.null_count().row(0))):
        return
    _refuse_ragged(path)
    row, j = min((values.is_null().arg_max(), j) for j, values in enumerate(frame) if values.null_count())
    raise InputError(
        f"{path} has {count} missing or NaN value{'s' * (count != 1)}, "
        f"the first in row {row}, column {frame.columns[j]!r}",
        value=count,
        next="drop or impute them first",
    )


def _refuse_stray_text(frame: "DataFrame", path: Path) -> None:
    """Refuse a column of numbers with a few texts among them, naming the line of the first."""
    pl = polars()
    for values in frame:
        if values.dtype != pl.String:
            continue
        stray = values.str.strip_chars().cast(pl.Float64, strict=False).is_null()
        if 0 < stray.sum() < (1 - MOSTLY) * stray.len():
            row = int(stray.arg_max() or 0)
            raise BadFile.line(
                path,
                _line(path, row),
                f"{values[row]!r} in column {values.name!r} is no number, as more than {MOSTLY:.0%} of its values are",
                next="mend it, or leave it empty and impute",
            )


def _line(path: Path, row: int) -> int:
    """Find the line (1-based) on which a row of a CSV file ends."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        reader = csv.reader(file)
        for _ in islice(reader, row + 2):  # the header is one more
            pass
        return reader.line_num


def _features(values: "Series") -> tuple[list[str], NDArray[np.float64]]:
    """Name and fill the columns, shape (n, number of names), that one column of the table becomes."""
    pl = polars()
    if values.dtype.is_numeric() or values.dtype == pl.Boolean:
        return [values.name], values.cast(pl.Float64).to_numpy()[:, None]
    if values.dtype not in (pl.String, pl.Categorical, pl.Enum):
        raise InputError(
            f"column {values.name!r} is of type {values.dtype}, which is no feature",
            value=str(values.dtype),
            next="drop it, or turn it into numbers or text",
        )
    levels = sorted(values.cast(pl.String).unique().to_list())
    if len(levels) > MOST_LEVELS:
        raise InputError(
            f"column {values.name!r} has {len(levels)} different texts (such as {', '.join(levels[:3])}), "
            f"more than the {MOST_LEVELS} that get a column each",
            value=len(levels),
            next="drop it, or group its rare values",
        )
    codes = values.cast(pl.String).cast(pl.Enum(levels)).to_physical().to_numpy()
    return [f"{values.name}={level}" for level in levels], np.eye(len(levels))[codes]


def _target(values: "Series") -> NDArray[Any]:
    pl = polars()
    plain = values if values.dtype.is_numeric() or values.dtype == pl.Boolean else values.cast(pl.String)
    return as_target(plain.to_numpy())
