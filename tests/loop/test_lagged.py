"""Features that lag know nothing that happened after the prediction, and agree with a look at each flight."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnsys.core.data import load
from learnsys.core.data.dataset import Dataset
from learnsys.core.data.movements import ORIGINS, Movements, load_movements
from learnsys.core.errors import Incompatible
from learnsys.loop.lagged import AHEAD_S, HOUR, MINUTE, PRIOR, WEATHER, WINDOWS_S, Known, lagged, with_lagged


def made(seed: int, n: int = 300) -> Movements:
    """Flights of three days, some cancelled, some diverted, in no order."""
    rng = np.random.default_rng(seed)
    due = np.round(rng.uniform(0, 3 * 86_400, n) / MINUTE) * MINUTE
    left = due + MINUTE * np.round(rng.exponential(30, n) - 15)
    due_in = due + MINUTE * rng.integers(60, 400, n)
    landed = left + (due_in - due) + MINUTE * rng.integers(-20, 20, n)
    left[rng.random(n) < 0.05] = np.nan
    landed[np.isnan(left) | (rng.random(n) < 0.02)] = np.nan
    hours = np.arange(-3600.0, 3 * 86_400, 3600)
    return Movements(
        due_s=due, due_in_s=due_in, left_s=left, landed_s=landed,
        carrier=rng.choice(["AA", "UA"], n), origin=rng.choice(ORIGINS, n), dest=rng.choice(["LAX", "SJU", "IAH"], n),
        aircraft=rng.choice(["", "N1", "N2", "N3", "N4"], n), number=rng.choice(["1", "2", "3"], n),
        weather={f"{o} {w}": (hours, rng.normal(size=len(hours))) for o in ORIGINS for w in WEATHER},
    )  # fmt: skip


def of(movements: Movements, i: int, *, ahead_s: float = AHEAD_S) -> np.ndarray:
    return np.array([values[i] for values in lagged(movements, ahead_s=ahead_s).values()])


@given(st.integers(0, 1000), st.integers(0, 299), st.sampled_from([AHEAD_S, HOUR, 3 * HOUR]))
@settings(max_examples=60)
def test_what_happens_after_the_prediction_changes_no_feature(seed, i, ahead_s):
    flown = made(seed)
    now = flown.due_s[i] - ahead_s
    rng = np.random.default_rng(seed + 1)
    changed = {}
    for name in ("left_s", "landed_s"):
        was = getattr(flown, name)
        later = np.isnan(was) | (was > now)
        other = np.where(
            rng.random(len(was)) < 0.3, np.nan, np.maximum(now, flown.due_s) + rng.exponential(7200, len(was)) + 1
        )
        changed[name] = np.where(later, other, was)
    changed["weather"] = {
        name: (t, np.where(t > now, rng.normal(size=len(t)), seen)) for name, (t, seen) in flown.weather.items()
    }
    after = of(msgspec.structs.replace(flown, **changed), i, ahead_s=ahead_s)
    np.testing.assert_allclose(of(flown, i, ahead_s=ahead_s), after, rtol=1e-9, atol=1e-9)


def test_what_happens_before_it_does_change_features():
    flown = made(0)
    i = int(np.argmax(flown.due_s))
    earlier = msgspec.structs.replace(flown, left_s=flown.left_s + 120, landed_s=flown.landed_s + 120)
    assert (of(flown, i) != of(earlier, i)).sum() > 10


@pytest.mark.parametrize("seed", range(3))
def test_windows_and_overdue_agree_with_looking_at_each_flight(seed):
    flown, found = made(seed), lagged(made(seed))
    for i in range(0, 300, 7):
        now = flown.due_s[i] - AHEAD_S
        alike = flown.carrier == flown.carrier[i]
        for window, name in zip(WINDOWS_S, ("1 h", "4 h"), strict=True):
            of_window = alike & (flown.landed_s > now - window) & (flown.landed_s <= now)
            delays = np.clip(flown.delay_in_s[of_window] / MINUTE, -20, 180)
            assert found[f"carrier arrivals {name}"][i] == pytest.approx(delays.sum() / (len(delays) + PRIOR))
        waits = alike & (flown.due_s <= now) & ~(flown.left_s <= now) & (now < flown.due_s + 4 * HOUR)
        recent = (alike & (flown.due_s <= now) & (flown.due_s > now - HOUR)).sum() + PRIOR
        assert found["carrier overdue"][i] == pytest.approx(waits.sum() / recent)
        assert found["carrier overdue minutes"][i] == pytest.approx((now - flown.due_s[waits]).sum() / MINUTE / recent)


def test_the_aircraft_s_flight_before_says_how_late_it_comes_back():
    """Out at 0:00 for three hours, 90 minutes late; due again at 7:00: back at 3:00 + 1:30 + 3:00 + 0:45 = 8:15."""
    flown = made(0, 2)
    hours = HOUR * np.array([[0.0, 7.0], [3.0, 10.0], [1.5, 7.0], [4.5, 10.0]])
    names = ("due_s", "due_in_s", "left_s", "landed_s")
    flown = msgspec.structs.replace(
        flown, **dict(zip(names, hours, strict=True)), aircraft=np.array(["N1", "N1"]), number=np.array(["1", "2"])
    )
    found = lagged(flown)
    assert found["aircraft delay"][1] == pytest.approx(90)
    assert found["aircraft back late"].tolist() == pytest.approx([0, 75])
    assert found["aircraft flew"].tolist() == [0, 1]


def test_known_counts_what_happened_up_to_now_and_not_at_the_far_edge():
    known = Known.of(np.zeros(4, int), np.array([0.0, 10.0, 20.0, np.nan]), np.array([1.0, 2.0, 4.0, 8.0]))
    total, count = known.within(np.zeros(2, int), np.array([20.0, 19.0]), 10.0)
    assert total.tolist() == [4.0, 2.0]
    assert count.tolist() == [1.0, 1.0]


def test_rows_that_are_not_the_flights_are_refused():
    with pytest.raises(Incompatible, match="3 rows, but"):
        with_lagged(Dataset(name="toy", X=np.eye(3), y=np.zeros(3)), made(0))


def test_they_tell_more_of_real_flights_than_the_flights_themselves():
    """Rank correlation with being late on held-out days: at least one feature alone beats .2; all are finite."""
    data = load("nycflights")
    wide = with_lagged(data, load_movements())
    assert wide.X.dtype == np.float32
    assert np.isfinite(wide.X).all()
    held_out = data.extra["day"] >= 25
    late = data.y[held_out] - data.y[held_out].mean()
    best = [
        max(abs(np.corrcoef(late, x)[0, 1]) for x in X[held_out].T if x.std() > 0)
        for X in (data.X, wide.X[:, data.X.shape[1] :])
    ]
    assert best[1] > 0.3 > 0.2 > best[0]
