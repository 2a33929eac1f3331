"""What the words of a command line say of a source and of what is done to its samples: from text to a query."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

from learnsys.core.chart import SUFFIXES as CHARTS
from learnsys.core.chart import save_chart
from learnsys.core.errors import InputError
from learnsys.core.files import check_output
from learnsys.core.result import SUFFIXES, Result
from learnsys.series.types import Lags, lags, signed_duration

if TYPE_CHECKING:
    from learnsys.series.graph.query import Query

_CONDITION: Final = re.compile(r"\s*([^=!<>]+?)\s*(==|!=|<=|>=|=|<|>|\sin\s)\s*(.+?)\s*")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is read, and what is done to it, in this order: conditions, time, series, logarithms, season, increments.

    Parameters
    ----------
    time
        Column of the stamps; found by its type or name if not given.
    series
        Column of the names of series; without it each column of values is a series.
    value
        Column of the values, or several as a,b.
    tz
        Zone of times that do not tell theirs, as UTC or Europe/Paris.
    unit
        What numbers in the column of stamps count since 1970.
    form
        Form of stamps in text, as "%d.%m.%Y %H:%M".
    nan
        Whether NaN values are left out and counted, or refused.
    where
        Keep rows for which this holds, as quality=0 or "price > 10" or "venue in A,B"; may be repeated.
    between
        Keep samples from the first to before the second, as 2026-01-05,2026-03-31; either may be left out.
    select
        Keep these series, as A,B,C.
    log
        Take logarithms of the values.
    detrend
        Remove a trend and seasons: linear, day, week, or several as linear,day.
    difference
        Take increments from one sample to the next.
    """

    time: str | None = None
    series: str | None = None
    value: str | None = None
    tz: str | None = None
    unit: Literal["d", "s", "ms", "us", "ns"] | None = None
    form: Annotated[str | None, Parameter(name="--format")] = None
    nan: Literal["drop", "raise"] = "drop"
    where: list[str] | None = None
    between: str | None = None
    select: str | None = None
    log: bool = False
    detrend: str | None = None
    difference: bool = False


def query(files: tuple[str, ...], reading: Reading) -> "Query":
    """Open files as a query, and put on it what ``reading`` says.

    Parameters
    ----------
    files : tuple of str
        Paths, folders or patterns, at least one.
    reading : Reading

    Raises
    ------
    InputError
        If there is no file, or an option does not read.
    """
    from learnsys.series.graph.door import scan

    if not files:
        raise InputError(
            "no file is given", value=None, next="give Parquet, CSV or Arrow files; learnsys series simulate makes some"
        )
    value = reading.value if reading.value is None else words(reading.value)
    found = scan(
        [str(Path(f)) for f in files], time=reading.time, series=reading.series, value=value, tz=reading.tz,
        unit=reading.unit, format=reading.form, nan=reading.nan,
    )  # fmt: skip
    for condition in reading.where or ():
        found = found.filter(*_condition(condition))
    if reading.between is not None:
        found = found.between(*_between(reading.between))
    if reading.select is not None:
        found = found.select(words(reading.select))
    if reading.log:
        found = found.log()
    if reading.detrend is not None:
        found = found.detrend(*words(reading.detrend))
    return found.difference() if reading.difference else found


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Keeping:
    """What is kept of a result.

    Parameters
    ----------
    save
        File for the result (.json, .csv, .parquet, .md ...).
    chart
        File for a picture (.svg, .png or .html).
    """

    save: Path | None = None
    chart: Path | None = None


def answer(make: Callable[[], Result], keeping: Keeping, kind: str | None = None) -> Result:
    """Refuse places that cannot be written before the work, then do it, and keep what comes."""
    check_output(keeping.save, SUFFIXES)
    check_output(keeping.chart, CHARTS)
    result = make()
    if keeping.save is not None:
        result.save(keeping.save)
    if keeping.chart is not None:
        save_chart(result.chart(kind), keeping.chart)
    return result


def symmetric(most: str, step: str | None) -> Lags:
    """Make lags from minus ``most`` to ``most``; a step is a fiftieth of it if not given.

    Examples
    --------
    >>> symmetric("1m", None).count
    101
    """
    if (reach := signed_duration(most)) <= 0:
        raise InputError(f"the largest lag is {most!r}, but must be more than 0", value=most, next="try 10s")
    return lags(-reach, reach, reach / 50 if step is None else step)


def words(text: str) -> tuple[str, ...]:
    """Split ``a,b,c``.

    Examples
    --------
    >>> words("a, b")
    ('a', 'b')
    """
    return tuple(word.strip() for word in text.split(",") if word.strip())


def pairs(text: str) -> Any:
    """Read which pairs of series are meant: all, auto, or names as A:B,A:C.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> pairs("A:B, A:C")
    [('A', 'B'), ('A', 'C')]
    """
    if text in ("all", "auto"):
        return text
    found = [tuple(side.strip() for side in pair.split(":")) for pair in words(text)]
    if not found or any(len(pair) != 2 or not all(pair) for pair in found):
        raise InputError(f"{text!r} is no list of pairs", value=text, next="give all, auto, or names as A:B,A:C")
    return found


def _condition(text: str) -> tuple[str, Any, Any]:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise InputError(
            f"{text!r} is no condition", value=text, next='write quality=0, "price > 10" or "venue in A,B"'
        )
    column, op, value = match.groups()
    op = op.strip()
    if op == "in":
        return column, op, tuple(_literal(word) for word in words(value))
    return column, "==" if op == "=" else op, _literal(value)


def _literal(text: str) -> int | float | bool | str:
    """Read a number or true or false where it is one; quotes keep text."""
    if text[:1] in ("'", '"') and text[-1:] == text[:1] and len(text) > 1:
        return text[1:-1]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _between(text: str) -> tuple[Any, Any]:
    if text.count(",") != 1:
        raise InputError(f"{text!r} is no range of time", value=text, next="give two times, as 2026-01-05,2026-03-31")
    first, last = ((_literal(end) if end else None) for end in (part.strip() for part in text.split(",")))
    return first, last
