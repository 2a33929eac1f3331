"""Delays lead each other as they should: rain before delays, departures before the arrivals that they become."""

import numpy as np
import pytest

from learnsys.core.data.flights import TRAIN_DAYS
from learnsys.core.data.movements import START_NS, load_movements
from learnsys.loop.leaders import CARRIERS, WEATHER, delay_series, find_leaders


@pytest.fixture(scope="module")
def flown():
    return load_movements()


@pytest.fixture(scope="module")
def leaders(flown):
    return find_leaders(flown)


def test_a_series_for_each_origin_carrier_and_weather_of_training_days_only(flown):
    series = delay_series(flown)
    assert len(series) == 3 + CARRIERS + len(WEATHER)
    for t, x in series.values():
        assert t.size == x.size > 5000
        assert np.isfinite(x).all()
        local = (START_NS + (t - 5 * 3600) * 1e9).astype("M8[ns]")
        assert (local.astype("M8[D]") - local.astype("M8[M]")).astype(int).max() + 1 == TRAIN_DAYS


def test_delays_are_known_when_they_happened(flown):
    t, x = delay_series(flown)["JFK departures"]
    left = flown.left_s[flown.origin == "JFK"]
    assert np.isin(t, left).all()
    assert x.max() <= 180


def test_rain_and_departures_come_first(leaders):
    found = {(a, b): (lag, rho) for a, b, lag, rho in leaders.network()}
    for origin in ("EWR", "JFK", "LGA"):
        lag, rho = found["rain", f"{origin} departures"]
        assert 1.5 * 3600 < lag < 8 * 3600
        assert rho > 0.05
    lag, rho = found["EWR departures", "UA arrivals"]
    assert 1 * 3600 < lag < 6 * 3600
    assert rho > 0.1
    assert not any(b == "rain" and a.endswith(("departures", "arrivals")) for a, b in found), "delays make no rain"
