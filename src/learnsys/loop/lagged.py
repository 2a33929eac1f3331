"""What the delays of other flights, known before a flight is due, tell about it: features that lag, and never leak.

A flight is predicted ``AHEAD_S`` before its scheduled departure. Of every other flight only what had happened by then
is known: its delay at departure once it has left, its delay at arrival once it has landed, and that it has not left
although it was due. The schedule itself, and which aircraft flies, is known before.

For the flights of the same origin, carrier, destination, and carrier at the origin: mean delays over windows before
the prediction, which are one-sided box kernels over stamps as they are, and how much is overdue. For the aircraft: the
delay of its flight before, and whether it can be back. For the flight's number: its delay the time before, and the
share that was late over weeks. How far back the windows reach is what the lead-lag says: delays of carriers and
airports follow each other, and weather comes hours before them (``learnsys.loop.leaders``).
"""

from collections.abc import Iterator
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.data.dataset import Dataset
from learnsys.core.data.flights import LATE_MINUTES, TRAIN_DAYS
from learnsys.core.data.movements import ORIGINS, Movements
from learnsys.core.errors import Incompatible
from learnsys.core.units import format_duration

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86_400.0
AHEAD_S: Final = 30 * MINUTE
WINDOWS_S: Final = (HOUR, 4 * HOUR)
RATES_S: Final = (7 * DAY, 30 * DAY, 360 * DAY)
WEATHER: Final = ("wind_speed", "visib", "precip", "pressure")
WEATHER_LAG_S: Final = 3 * HOUR
OVERDUE_S: Final = 4 * HOUR  # a flight that did not leave is taken for cancelled after it
TURN_S: Final = 45 * MINUTE  # an aircraft's time on the ground
CLIP_MIN: Final = (-20.0, 180.0)  # minutes: beyond, a delay tells no more about others
PRIOR: Final = 2.0  # flights without delay that each mean is shrunk by
_PERIODS: Final = 1e9  # seconds, longer than all data: keeps groups apart on one axis


@final
class Known(msgspec.Struct, frozen=True):
    """Running sums of events by group and time: what was known of a group at any moment, in O(log n)."""

    at: Floats
    sums: Floats
    counts: Floats

    @classmethod
    def of(cls, group: Codes, time: Floats, value: Floats) -> "Known":
        """Sort events; those without a time never happened."""
        happened = ~np.isnan(time)
        key = group[happened] * _PERIODS + time[happened]
        order = np.argsort(key, kind="stable")
        sums = np.concatenate([[0.0], np.cumsum(value[happened][order])])
        return cls(key[order], sums, np.arange(len(order) + 1.0))

    def within(self, group: Codes, now: Floats, window_s: float) -> tuple[Floats, Floats]:
        """Sum and count the events of a group after ``now - window_s`` and up to ``now``."""
        last, first = (np.searchsorted(self.at, group * _PERIODS + t, side="right") for t in (now, now - window_s))
        return self.sums[last] - self.sums[first], self.counts[last] - self.counts[first]


def with_lagged(data: Dataset, movements: Movements, *, ahead_s: float = AHEAD_S) -> Dataset:
    """Append to the flights the features that lag, standardised on the training days, and their signed roots.

    The columns of ``data`` stay as they are; among them is the weather at the full hour of the scheduled departure,
    which is up to half an hour after a prediction ``AHEAD_S`` before it.

    Parameters
    ----------
    data : Dataset
        ``load("nycflights")``, all rows.
    movements : Movements
        ``load_movements()``.
    ahead_s : float
        Seconds before the scheduled departure at which the flight is predicted.

    Raises
    ------
    Incompatible
        If the rows of the two differ.
    """
    rows = movements.arrived
    if (n := int(rows.sum())) != len(data.y):
        raise Incompatible(f"{len(data.y):,} rows, but {n:,} flights that arrived", next="give all rows of nycflights")
    found = lagged(movements, ahead_s=ahead_s)
    train = np.asarray(data.extra["day"] <= TRAIN_DAYS)
    parts: list[NDArray[Any]] = [np.asarray(data.X)]
    columns = list(data.columns)
    for suffix, shape in (("", np.asarray), (" root", _root)):
        parts += [_standardised(shape(values[rows]), train)[:, None] for values in found.values()]
        columns += [name + suffix for name in found]
    return msgspec.structs.replace(data, X=np.hstack(parts, dtype=np.float32), columns=tuple(columns))


def lagged(movements: Movements, *, ahead_s: float = AHEAD_S) -> dict[str, Floats]:
    """Compute all features by name, each of shape (n,); delays in minutes, NaN where the weather was not known.

    Only events up to ``ahead_s`` before a flight is due enter its features.
    """
    now = movements.due_s - ahead_s
    features: dict[str, Floats] = {}
    for name, group in _groups(movements).items():
        features |= dict(_delays(movements, name, group, now))
        features |= dict(_overdue(movements, name, group, now))
    features |= dict(_aircraft(movements, now))
    features |= dict(_habits(movements, now))
    features |= dict(_traffic(movements))
    features |= dict(_weather(movements, now))
    return features


def _groups(m: Movements) -> dict[str, Codes]:
    return {
        "origin": _codes(m.origin), "carrier": _codes(m.carrier), "destination": _codes(m.dest),
        "carrier at origin": _codes(m.carrier, m.origin),
    }  # fmt: skip


def _delays(m: Movements, name: str, group: Codes, now: Floats) -> Iterator[tuple[str, Floats]]:
    """Mean delays of those that left, and of those that landed, in windows before the prediction."""
    for what, time, delay in (("departures", m.left_s, m.delay_s), ("arrivals", m.landed_s, m.delay_in_s)):
        known = Known.of(group, time, _minutes(delay))
        for window in WINDOWS_S:
            total, count = known.within(group, now, window)
            yield f"{name} {what} {format_duration(window)}", total / (count + PRIOR)


def _overdue(m: Movements, name: str, group: Codes, now: Floats) -> Iterator[tuple[str, Floats]]:
    """Flights that were due and have not left, and their minutes so far, for each flight due in the last hour."""
    gone = np.fmax(np.fmin(m.left_s, m.due_s + OVERDUE_S), m.due_s)
    due, left = Known.of(group, m.due_s, m.due_s), Known.of(group, gone, m.due_s)
    stamps, many = (
        np.subtract(*pair) for pair in zip(*(k.within(group, now, DAY * 400) for k in (due, left)), strict=True)
    )
    recent = due.within(group, now, HOUR)[1] + PRIOR
    yield f"{name} overdue", many / recent
    yield f"{name} overdue minutes", (many * now - stamps) / MINUTE / recent


def _aircraft(m: Movements, now: Floats) -> Iterator[tuple[str, Floats]]:
    """The aircraft's flight before: its delay as far as known, and how late it brings the aircraft back."""
    before, has = _before(m.due_s, _codes(m.aircraft))
    gap = m.due_s - m.due_s[before]
    has &= (m.aircraft != "") & (gap < DAY) & (gap > AHEAD_S)
    delay = np.clip(now - m.due_s[before], 0, OVERDUE_S)  # at least, while it has not left
    delay = np.where(m.left_s[before] <= now, m.delay_s[before], delay)
    delay = np.where(m.landed_s[before] <= now, m.delay_in_s[before], delay)
    there = m.due_in_s[before]
    planned = there + (there - m.due_s[before]) + TURN_S - m.due_s
    back = (planned + delay) / MINUTE
    yield "aircraft delay", np.where(has, _minutes(delay), 0)
    yield "aircraft delay same day", np.where(has & (gap < DAY / 2), _minutes(delay), 0)
    yield "aircraft back late", np.where(has, np.clip(back, 0, 180), 0)
    yield "aircraft back early", np.where(has, np.clip(back, -180, 0), 0)
    yield "aircraft planned back", np.where(has, np.clip(planned / MINUTE, -180, 60), 0)
    yield "aircraft flew", has.astype(float)
    yield "aircraft gap", np.where(has, np.clip(gap / MINUTE, 0, 720), 720)


def _habits(m: Movements, now: Floats) -> Iterator[tuple[str, Floats]]:
    """The flight's number the time before, and how often flights like it were late."""
    number = _codes(m.carrier, m.number, m.origin)
    before, has = _before(m.due_s, number)
    has &= m.landed_s[before] <= now
    yield "number delay", np.where(has, _minutes(np.nan_to_num(m.delay_in_s[before])), 0)
    late = (m.delay_in_s > LATE_MINUTES * MINUTE).astype(float)
    alike = {
        "number": number, "carrier to destination": _codes(m.carrier, m.dest, m.origin),
        "hour at origin": _codes(m.origin, (m.due_s // HOUR % 24).astype(int).astype(str)),
    }  # fmt: skip
    for name, group in alike.items():
        known = Known.of(group, m.landed_s, late)
        for window in RATES_S:
            total, count = known.within(group, now, window)
            yield f"{name} late {window / DAY:.0f} d", (total + PRIOR / 4) / (count + PRIOR)  # a quarter is usual


def _traffic(m: Movements) -> Iterator[tuple[str, Floats]]:
    """How many flights the schedule has at the origin around the departure."""
    group = _codes(m.origin)
    due = Known.of(group, m.due_s, np.ones_like(m.due_s))
    for name, end, window in (("before", 0.0, 2 * HOUR), ("around", HOUR / 2, HOUR), ("after", HOUR, HOUR)):
        yield f"traffic {name}", due.within(group, m.due_s + end, window)[1]


def _weather(m: Movements, now: Floats) -> Iterator[tuple[str, Floats]]:
    """The last observation at the origin that is at least ``WEATHER_LAG_S`` old; NaN before the first."""
    for name in WEATHER:
        value = np.full_like(now, np.nan)
        for origin in ORIGINS:
            here = m.origin == origin
            stamps, seen = m.weather[f"{origin} {name}"]
            last = np.searchsorted(stamps, now[here] - WEATHER_LAG_S, side="right") - 1
            value[here] = np.where(last >= 0, seen[last], np.nan)
        yield f"{name} {format_duration(WEATHER_LAG_S)} before", value


def _before(due_s: Floats, group: Codes) -> tuple[Codes, NDArray[np.bool_]]:
    """Find for each flight the last one of its group that was due before it; itself, and False, where there is none."""
    order = np.lexsort((due_s, group))
    before, has = np.arange(len(due_s)), np.zeros(len(due_s), bool)
    same = group[order[1:]] == group[order[:-1]]
    before[order[1:][same]], has[order[1:][same]] = order[:-1][same], True
    return before, has


def _codes(*names: NDArray[np.str_]) -> Codes:
    """Number the combinations of names."""
    code = np.zeros(len(names[0]), np.int64)
    for name in names:
        levels, part = np.unique(name, return_inverse=True)
        code = code * len(levels) + part
    return np.unique(code, return_inverse=True)[1]


def _minutes(delay_s: Floats) -> Floats:
    return np.clip(delay_s / MINUTE, *CLIP_MIN)


def _root(values: Floats) -> Floats:
    return np.asarray(np.sign(values) * np.sqrt(np.abs(values)))


def _standardised(values: Floats, train: NDArray[np.bool_]) -> Floats:
    """Give the training rows mean 0 and deviation 1; what is not known becomes the mean."""
    known = values[train & ~np.isnan(values)]
    return np.asarray(np.nan_to_num((values - known.mean()) / (known.std() or 1.0)))
