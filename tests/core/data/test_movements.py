"""The events are those of the table: true times across zones, and nothing lost."""

import numpy as np
import pytest

from learnsys.core.data import movements
from learnsys.core.data.flights import load_flights
from learnsys.core.data.movements import ORIGINS, load_movements
from learnsys.core.errors import BadFile


@pytest.fixture(scope="module")
def flown():
    return load_movements()


def test_all_flights_are_there_and_those_that_arrived_are_the_data_set_s(flown):
    data = load_flights()
    assert len(flown.due_s) == 336_776
    late = flown.delay_in_s[flown.arrived] > 15 * 60
    assert np.array_equal(late, data.y == 1)
    day = (flown.due_s[flown.arrived] - 5 * 3600) // 86_400  # no flight is due in the first hour of a summer day
    assert day.min() == 0
    assert day.max() == 364


def test_the_first_flight_left_and_landed_when_the_table_says(flown):
    """UA 1545 to Houston: due 5:15 EST, left 5:17; due 8:19 CST, landed 8:30."""
    hours = np.array([flown.due_s[0], flown.left_s[0], flown.due_in_s[0], flown.landed_s[0]]) / 3600
    np.testing.assert_allclose(hours, [10 + 15 / 60, 10 + 17 / 60, 14 + 19 / 60, 14.5])
    assert (flown.carrier[0], flown.origin[0], flown.dest[0], flown.number[0]) == ("UA", "EWR", "IAH", "1545")


def test_journeys_take_time_and_longer_ones_more(flown):
    journey = (flown.due_in_s - flown.due_s) / 3600
    assert journey.min() > 0
    assert journey.max() < 12
    assert 10 < np.median(journey[flown.dest == "HNL"]) < 11.5
    assert 3.5 < np.median(journey[flown.dest == "SJU"]) < 4.5
    assert (flown.landed_s > flown.left_s)[flown.arrived].all()


def test_the_weather_is_in_order_and_known(flown):
    for origin in ORIGINS:
        t, wind = flown.weather[f"{origin} wind_speed"]
        assert (np.diff(t) >= 0).all()
        assert np.isfinite(wind).all()
        assert len(t) > 8000


def test_a_package_without_its_files_is_a_bad_file(tmp_path, monkeypatch):
    monkeypatch.setattr(movements, "flights_folder", lambda: tmp_path)
    with pytest.raises(BadFile, match=r"flights\.csv\.zip"):
        load_movements()
    (tmp_path / "flights.csv.zip").write_text("no zip")
    with pytest.raises(BadFile, match=r"flights\.csv\.zip"):
        load_movements()


def test_journeys_through_a_night_of_23_or_25_hours_are_as_long_as_others(flown):
    """Flights that land after midnight of the days when clocks change were due an hour too late, or too early."""
    new_york = ((flown.due_s - 5 * 3600) // 86_400).astype(int)
    for day in (68, 306):  # 10 March, 3 November
        late = np.flatnonzero((new_york == day) & ((flown.due_in_s - 5 * 3600) // 86_400 > day))
        assert len(late) > 5
        for i in late:
            alike = (flown.number == flown.number[i]) & (flown.carrier == flown.carrier[i])
            alike &= (flown.dest == flown.dest[i]) & (flown.origin == flown.origin[i]) & (abs(new_york - day) <= 7)
            journey = (flown.due_in_s - flown.due_s)[alike]
            assert abs(journey - np.median(journey)).max() < 45 * 60
