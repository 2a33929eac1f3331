"""Columns of stamps as int64 nanoseconds since 1970 (UTC), or as seconds where they are plain numbers.

Instants must be known: a time without a zone needs ``tz=``, and a local time that a clock shows twice, or never,
is refused. Integers keep every digit, so an origin can be subtracted before anything is rounded.
"""

from datetime import date, datetime
from typing import Any, Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.sources.arrow import all_finite, arrow, first_null, view

Unit = Literal["d", "s", "ms", "us", "ns"]
TICK_NS: Final[dict[str, int]] = {"d": 86_400 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
FARTHEST_NS: Final = 2**63 - 1  # in the year 2262
FORMATS: Final = ("%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y%m%d %H:%M:%S", "%Y%m%d")
# Orders other than year, month, day cannot be told apart by looking: they need format=.


@final
class Stamps(msgspec.Struct, frozen=True, kw_only=True):
    """How a column of stamps is read.

    Attributes
    ----------
    kind : {"instant", "naive", "date", "number", "text"}
        Timestamps with a zone, without one, dates, numbers, and text.
    unit : {"d", "s", "ms", "us", "ns"} or None
        Of numbers that count from 1970; None for plain numbers, in seconds.
    tz : str, optional
        The zone of times that do not tell theirs.
    format : str, optional
        Of text, as ``strptime`` has it; ISO 8601 if not given.
    zoned : bool
        Whether text tells its zone.
    """

    kind: Literal["instant", "naive", "date", "number", "text"]
    unit: Unit | None = None
    tz: str | None = None
    format: str | None = None
    zoned: bool = False

    @property
    def clock(self) -> bool:
        """Whether stamps are instants, not plain numbers."""
        return self.kind != "number" or self.unit is not None

    def read(self, column: Any) -> NDArray[Any]:
        """Read an Arrow array of stamps, shape (n,): int64 nanoseconds, or float64 seconds of plain numbers.

        Raises
        ------
        InputError
            If a stamp is null, is no time, lies beyond the year 2262, or is a local time that came twice or never.
        """
        if column.null_count:
            row = first_null(column)
            raise InputError(
                f"stamps are null: {column.null_count}, the first in row {row} of its batch",
                value=column.null_count,
                next="drop the rows without a time first",
            )
        if not len(column):
            return np.empty(0, np.int64 if self.clock else float)
        if self.kind == "number":
            return self._numbers(column)
        if self.kind == "text":
            column = self._parsed(column)
        return self._nanoseconds(column)

    def bound(self, when: Any) -> int | float:
        """Read one instant as ``read`` would give it: text, a date, a datetime or a number.

        Examples
        --------
        >>> Stamps(kind="naive", tz="Europe/Paris").bound("1970-01-01T01:00:01")
        1000000000
        """
        pa = arrow()
        if isinstance(when, np.datetime64):
            when = when.astype("M8[ns]").astype(object) if when.dtype != "M8[ns]" else int(when.astype("i8"))
        if isinstance(when, int | float) and not isinstance(when, bool):
            return when
        if not self.clock:
            raise InputError(f"stamps are plain numbers, and {when!r} is none", value=str(when), next="give seconds")
        zone = self.tz or "UTC"
        if isinstance(when, str):
            stamps = detect(pa.array([when]), "the bound", tz=zone)
        elif isinstance(when, datetime):
            stamps = Stamps(kind="naive" if when.tzinfo is None else "instant", tz=zone)
        elif isinstance(when, date):
            stamps = Stamps(kind="date", tz=zone)
        else:
            raise InputError(f"{when!r} is no time", value=str(when), next="give text, a datetime or a number")
        return int(stamps.read(pa.array([when]))[0])

    def _numbers(self, column: Any) -> NDArray[Any]:
        pa = arrow()
        if self.unit is None or not pa.types.is_integer(column.type):
            seconds = view(column.cast(pa.float64(), safe=False), "f8")
            if not all_finite(seconds):
                raise InputError.not_finite("the column of stamps", *_first_bad(seconds))
            if self.unit is None:
                return seconds
            whole = np.floor(seconds)
            part = np.rint((seconds - whole) * TICK_NS[self.unit]).astype(np.int64)
            return np.asarray(_in_range(whole, TICK_NS[self.unit]) + part)
        return _scaled(view(column.cast(pa.int64()), "i8"), TICK_NS[self.unit])

    def _parsed(self, column: Any) -> Any:
        pa, compute = arrow(), arrow("compute")
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        try:
            if self.format is None:
                return column.cast(pa.timestamp("ns", "UTC" if self.zoned else None))
            column = column.cast(pa.string())
            if "%f" not in self.format:
                return compute.strptime(column, self.format, "us")
            times = [datetime.strptime(text, str(self.format)) for text in column.to_pylist()]  # Arrow knows no %f
            return pa.array(times, pa.timestamp("us", "UTC" if self.zoned else None))
        except (pa.ArrowInvalid, ValueError) as error:
            raise InputError(
                f"a stamp is no time: {error}",
                value=self.format,
                next="give its form, as format='%d.%m.%Y %H:%M', or --format",
            ) from error

    def _nanoseconds(self, column: Any) -> NDArray[np.int64]:
        pa = arrow()
        kind = column.type
        if pa.types.is_date(kind):
            days = pa.types.is_date32(kind)
            ticks, tick = view(column, "i4" if days else "i8"), TICK_NS["d" if days else "ms"]
            column = pa.array(_scaled(ticks, tick)).cast(pa.timestamp("ns"))
            kind = column.type
        if kind.tz is None and self.tz not in (None, "UTC"):
            column = localised(column, str(self.tz))
        return _scaled(view(column, "i8"), TICK_NS[kind.unit])


def detect(
    column: Any, name: str, *, tz: str | None = None, unit: str | None = None, format: str | None = None
) -> Stamps:
    """Find out how the stamps that ``column``, an Arrow array, begins with are to be read.

    Numbers of the size that seconds, milliseconds, microseconds or nanoseconds since 1970 have in our time (1973 on)
    are taken for such, others as plain seconds; ``unit`` overrules.

    Raises
    ------
    InputError
        If the column has no stamps, or times without a zone and ``tz`` is not given.
    UnknownName
        If there is no such zone or unit.

    Examples
    --------
    >>> detect(arrow().array([1_700_000_000_000]), "ts").unit
    'ms'
    """
    pa = arrow()
    kind = column.type
    if unit is not None and unit not in TICK_NS:
        raise UnknownName.of("unit of time", unit, TICK_NS)
    if tz is not None:
        check_zone(tz)
    if format is not None and pa.types.is_integer(kind):  # as 20260105
        return detect(column.cast(pa.string()), name, tz=tz, format=format)
    if pa.types.is_timestamp(kind):
        return Stamps(kind="instant") if kind.tz is not None else Stamps(kind="naive", tz=_zone(tz, name))
    if pa.types.is_date(kind):
        return Stamps(kind="date", tz=tz)
    if pa.types.is_null(kind) and not len(column):  # a table without rows
        return Stamps(kind="instant")
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return Stamps(kind="number", unit=unit or _guess(column))  # type: ignore[arg-type]
    if pa.types.is_dictionary(kind):
        return detect(column.dictionary_decode(), name, tz=tz, unit=unit, format=format)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _detect_text(column.cast(pa.string()), name, tz, format)
    raise InputError(f"column {name!r} is of type {kind}, which is no time", value=str(kind), next="give another time=")


def localised(column: Any, tz: str) -> Any:
    """Take local times of a zone as instants.

    Raises
    ------
    InputError
        If a clock there showed one of them twice, or never; the first is named.
    """
    pa = arrow()
    try:
        return arrow("compute").assume_timezone(column, tz)
    except pa.ArrowInvalid as error:
        what = str(error).splitlines()[0].removesuffix(" It could be").removesuffix(" is in a gap between")
        raise InputError(what.strip(), value=tz, next="give instants, as UTC, where clocks are changed") from error


def check_zone(tz: str) -> None:
    """Refuse a zone that is none.

    Raises
    ------
    UnknownName
        Suggesting the nearest.
    """
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(tz)
    except (LookupError, ValueError, OSError) as error:
        raise UnknownName.of("time zone", tz, sorted(available_timezones()) or ["UTC"]) from error


def _detect_text(column: Any, name: str, tz: str | None, format: str | None) -> Stamps:
    if format is not None:
        zoned = "%z" in format
        return Stamps(kind="text", format=format, zoned=zoned, tz=None if zoned else _zone(tz, name))
    some = column.drop_null().slice(0, 100)
    for candidate in (None, *FORMATS):
        for zoned in (True, False) if candidate is None else (False,):
            made = Stamps(kind="text", format=candidate, zoned=zoned, tz=None if zoned else "UTC")
            try:
                made.read(some)
            except InputError:
                continue
            return made if zoned and len(some) else msgspec.structs.replace(made, zoned=False, tz=_zone(tz, name))
    raise InputError(
        f"column {name!r} begins with {some[0].as_py()!r}, which is no time that is understood",
        value=some[0].as_py(),
        next="give its form, as format='%d.%m.%Y %H:%M', or --format",
    )


def _zone(tz: str | None, name: str) -> str:
    if tz is None:
        raise InputError(
            f"times in column {name!r} do not tell their zone",
            value=name,
            next="give it, as tz='UTC', or --tz Europe/Paris",
        )
    return tz


def _guess(column: Any) -> Unit | None:
    """Tell by their size what numbers count; None for plain seconds."""
    values = np.abs(view(column.drop_null().cast(arrow().float64(), safe=False), "f8"))
    least = values.min() if values.size else 0.0
    sizes: tuple[tuple[float, Unit], ...] = ((1e17, "ns"), (1e14, "us"), (1e11, "ms"), (1e8, "s"))
    return next((unit for size, unit in sizes if least >= size), None)


def _scaled(ticks: NDArray[Any], tick_ns: int) -> NDArray[np.int64]:
    return ticks if tick_ns == 1 else _in_range(ticks, tick_ns)


def _in_range(ticks: NDArray[Any], tick_ns: int) -> NDArray[np.int64]:
    """Multiply by the length of a tick, unless that leaves what int64 holds."""
    if ticks.size and max(-int(ticks.min()), int(ticks.max())) > FARTHEST_NS // tick_ns:
        raise InputError(
            "stamps reach beyond the years 1678 to 2262", value=int(ticks.max()), next="check the unit: unit='ms'"
        )
    return ticks.astype(np.int64) * tick_ns


def _first_bad(seconds: NDArray[np.float64]) -> tuple[int, int]:
    bad = np.flatnonzero(~np.isfinite(seconds))
    return bad.size, int(bad[0])
