"""Read a moment as nanoseconds since 1970."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from learnsys.core.errors import InputError, UnknownName

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def stamp_ns(moment: str | date | float, *, tz: str = "UTC") -> int:
    """Read ISO text, a date or datetime (in ``tz`` if it has no zone of its own), or seconds since the origin.

    Raises
    ------
    InputError
        If the text is no moment, or a local time that came twice or never.
    UnknownName
        If there is no such time zone.

    Examples
    --------
    >>> stamp_ns("1970-01-02"), stamp_ns("1970-01-01T01:00", tz="Europe/Paris"), stamp_ns(0.5)
    (86400000000000, 0, 500000000)
    """
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            raise InputError(
                f"{moment!r} is no moment", value=moment, next="write 2026-01-05 or 2026-01-05T09:30"
            ) from None
    if not isinstance(moment, date):
        return round(float(moment) * 1e9)
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    if moment.tzinfo is None:
        moment = _localised(moment, tz)
    since = moment - EPOCH
    return (since.days * 86400 + since.seconds) * 10**9 + since.microseconds * 1000


def _localised(moment: datetime, tz: str) -> datetime:
    try:
        zone = ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError):
        raise UnknownName.of("time zone", tz, ("UTC", "Europe/Paris", "America/New_York")) from None
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise InputError(
            f"{moment} comes twice or never in {tz}", value=str(moment), next="write it with its offset, as +01:00"
        )
    return first
