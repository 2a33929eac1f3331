import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.sources.stamps import FORMATS, Stamps, detect

NOON = 1_767_614_400 * 10**9  # 2026-01-05T12:00Z


def read(column, **how):
    return detect(column, "ts", **how).read(column).tolist()


@given(st.integers(-(2**62), 2**62), st.sampled_from(["s", "ms", "us", "ns"]))
def test_instants_of_any_unit_keep_every_digit(ns, unit):
    tick = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[unit]
    column = pa.array([ns // tick]).cast(pa.timestamp(unit, "UTC"))
    assert read(column) == [ns // tick * tick]


def test_times_without_a_zone_need_one():
    naive = pa.array([dt.datetime(2026, 1, 5, 12)])
    with pytest.raises(InputError, match="'ts' do not tell their zone; give it, as tz='UTC'"):
        detect(naive, "ts")
    assert read(naive, tz="UTC") == [NOON]
    assert read(naive, tz="Europe/Paris") == [NOON - 3600 * 10**9]
    with pytest.raises(UnknownName, match="did you mean Europe/Paris"):
        detect(naive, "ts", tz="Europe/Pari")
    with pytest.raises(UnknownName):
        detect(naive, "ts", tz="../etc/passwd")


def test_local_times_that_came_twice_or_never_are_refused_naming_the_first():
    twice = pa.array([dt.datetime(2026, 10, 25, h, 30) for h in (1, 2, 2)])
    with pytest.raises(InputError, match=r"2026-10-25 02:30:00\.000000 is ambiguous"):
        read(twice, tz="Europe/Berlin")
    never = pa.array([dt.datetime(2026, 3, 29, 2, 30)])
    with pytest.raises(InputError, match="doesn't exist in timezone 'Europe/Berlin': 2026-03-29 02:30"):
        read(never, tz="Europe/Berlin")


def test_dates_are_midnights():
    days = pa.array([dt.date(2026, 1, 5)])
    assert read(days) == [NOON - 43_200 * 10**9]
    assert read(days.cast(pa.date64())) == read(days)
    assert read(days, tz="America/New_York") == [NOON - 43_200 * 10**9 + 5 * 3600 * 10**9]


@pytest.mark.parametrize(("factor", "unit"), [(1, "s"), (10**3, "ms"), (10**6, "us"), (10**9, "ns")])
@pytest.mark.parametrize("kind", [pa.int64(), pa.float64()])
def test_numbers_of_our_time_are_understood(factor, unit, kind):
    column = pa.array([NOON // 10**9 * factor]).cast(kind, safe=False)
    assert detect(column, "ts").unit == unit
    assert read(column) == [NOON]


def test_fractions_of_seconds_since_1970_keep_what_they_have():
    assert read(pa.array([1.7e9, 1.7e9 + 0.25])) == [17 * 10**17, 17 * 10**17 + 25 * 10**7]


def test_small_numbers_are_seconds():
    assert read(pa.array([0, 5], pa.int32())) == [0.0, 5.0]
    assert read(pa.array([-1.5, 2.0], pa.float32())) == [-1.5, 2.0]
    assert read(pa.array([1, 2]), unit="d") == [86_400 * 10**9, 2 * 86_400 * 10**9]
    with pytest.raises(UnknownName, match="known: d, s, ms, us, ns"):
        detect(pa.array([1]), "ts", unit="hours")


@pytest.mark.parametrize(
    "text",
    ["2026-01-05T12:00:00Z", "2026-01-05 13:00:00+01:00", "2026-01-05T12:00:00.000Z", "2026-01-05T07:00:00-05:00"],
)
def test_text_with_a_zone(text):
    assert read(pa.array([text])) == [NOON]
    assert read(pa.array([text]), tz="Asia/Tokyo") == [NOON]


def test_text_without_a_zone():
    assert read(pa.array(["2026-01-05 12:00", "2026-01-05 12:00:00.5"]), tz="UTC") == [NOON, NOON + 5 * 10**8]
    assert read(pa.array(["2026/01/05 12:00"]).dictionary_encode(), tz="UTC") == [NOON]
    assert read(pa.array(["05.01.2026 13:00"]), tz="Europe/Paris", format="%d.%m.%Y %H:%M") == [NOON]
    assert read(pa.array([20260105]), tz="UTC", format="%Y%m%d") == [NOON - 43_200 * 10**9]
    assert read(pa.array(["05.01.2026 13:00 +0100"]), format="%d.%m.%Y %H:%M %z") == [NOON]
    with pytest.raises(InputError, match="zone"):
        detect(pa.array(["2026-01-05"]), "ts")
    with pytest.raises(InputError, match="'05/01/2026', which is no time"):
        detect(pa.array(["05/01/2026"]), "ts", tz="UTC")


@pytest.mark.parametrize("form", FORMATS)
def test_the_forms_that_are_tried_are_found(form):
    when = dt.datetime(2026, 1, 5)
    assert read(pa.array([when.strftime(form)]), tz="UTC") == [NOON - 43_200 * 10**9]


def test_text_that_stops_being_a_time_is_refused():
    with pytest.raises(InputError, match="'soon'"):
        detect(pa.array(["2026-01-05"]), "ts", tz="UTC").read(pa.array(["2026-01-05", "soon"]))


def test_stamps_that_are_none_or_too_far():
    with pytest.raises(InputError, match="first in row 1"):
        read(pa.array([NOON, None]).cast(pa.timestamp("ns", "UTC")))
    with pytest.raises(InputError, match="row 2"):
        read(pa.array([0.0, 1.0, np.nan]))
    with pytest.raises(InputError, match="1678 to 2262"):
        read(pa.array([10**12]).cast(pa.timestamp("s", "UTC")))
    with pytest.raises(InputError, match="is no time"):
        detect(pa.array([True]), "ts")


def test_bounds():
    clock = Stamps(kind="instant")
    for when in (
        "2026-01-05T12:00",
        "2026-01-05T12:00Z",
        dt.datetime(2026, 1, 5, 12),
        np.datetime64("2026-01-05T12"),
        NOON,
    ):
        assert clock.bound(when) == NOON
    plain = Stamps(kind="number")
    assert plain.bound(2.5) == 2.5
    for stamps, when in ((plain, "2026-01-05"), (clock, [1])):
        with pytest.raises(InputError):
            stamps.bound(when)


@pytest.mark.parametrize(
    ("form", "text"),
    [("%d.%m.%Y %H:%M:%S.%f", "31.01.1970 01:00:00.25"), ("%d.%m.%Y %H:%M:%S.%f%z", "31.01.1970 03:00:00.25+0200")],
)
def test_a_form_may_have_fractions_of_seconds(form, text):
    stamps = detect(pa.array([text]), "ts", tz="UTC", format=form)
    assert stamps.read(pa.array([text])).tolist() == [(30 * 86_400 + 3600) * 10**9 + 250_000_000]
    with pytest.raises(InputError, match="a stamp is no time"):
        stamps.read(pa.array(["tomorrow"]))
