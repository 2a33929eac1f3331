from datetime import UTC, date, datetime

import pytest

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.graph.stamps import stamp_ns

MOMENT_S = 1_767_571_200


def test_a_moment_is_the_same_however_it_is_written():
    written = ("2026-01-05", date(2026, 1, 5), datetime(2026, 1, 5, tzinfo=UTC), MOMENT_S)
    assert {stamp_ns(m) for m in written} == {MOMENT_S * 10**9}
    assert stamp_ns("2026-01-05T01:00", tz="Europe/Paris") == MOMENT_S * 10**9
    assert stamp_ns("2026-01-05T01:00+01:00", tz="America/New_York") == MOMENT_S * 10**9


def test_fractions_of_seconds_are_exact():
    assert stamp_ns("2026-01-05T00:00:00.123456") == MOMENT_S * 10**9 + 123_456_000


@pytest.mark.parametrize("moment", ["2026-10-25T02:30", "2026-03-29T02:30"])
def test_local_times_that_come_twice_or_never_are_refused(moment):
    with pytest.raises(InputError, match="twice or never"):
        stamp_ns(moment, tz="Europe/Paris")


def test_what_is_no_moment_is_refused():
    with pytest.raises(InputError, match="no moment"):
        stamp_ns("soon")
    with pytest.raises(UnknownName, match="time zone"):
        stamp_ns("2026-01-05", tz="Mars/Base")
