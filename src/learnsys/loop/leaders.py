"""Who leads whom among the delays of airports and carriers, and the weather: what the features that lag rest on.

Every departure is a sample of its airport's delay at the time when it left, every arrival one of its carrier's when it
landed, so that nothing is known before it happened. The course of the day is removed, and nothing is aligned: flights
come when they come, weather once an hour, and the days that are held out are gaps.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.data.flights import TRAIN_DAYS
from learnsys.core.data.movements import ORIGINS, START_NS, Movements
from learnsys.loop.lagged import CLIP_MIN, HOUR, MINUTE

if TYPE_CHECKING:
    from learnsys.series.results.lead_lag import LeadLagResult

Floats = NDArray[np.float64]

CARRIERS: Final = 5  # those with the most flights
WEATHER: Final[Mapping[str, str]] = {"rain": "precip", "visibility": "visib", "wind": "wind_speed"}
MAX_LAG: Final = "10h"
STEP: Final = "15m"
SURROGATES: Final = 200
_LOCAL_S: Final = 5 * HOUR  # of New York behind UTC in winter: flights by night are few


def find_leaders(movements: Movements) -> "LeadLagResult":
    """Find which delays lead which, and how far weather is ahead of them, on the training days.

    Parameters
    ----------
    movements : Movements
        ``load_movements()``.
    """
    from learnsys import series

    found: Any = (
        series.scan(delay_series(movements))
        .detrend("day")
        .lead_lag(max_lag=MAX_LAG, step=STEP, test="shift", n=SURROGATES)
        .collect()
    )
    return found  # type: ignore[no-any-return]  # a chain of lazy operators ends in Any


def delay_series(movements: Movements) -> dict[str, tuple[Floats, Floats]]:
    """Delays in minutes at the times at which they became known, and weather, of the training days, by name."""
    m, series = movements, {}
    for origin in ORIGINS:
        series[f"{origin} departures"] = _delays(m.origin == origin, m.left_s, m.delay_s)
    names, counts = np.unique(m.carrier, return_counts=True)
    for carrier in names[np.argsort(-counts, kind="stable")[:CARRIERS]]:
        series[f"{carrier} arrivals"] = _delays(m.carrier == carrier, m.landed_s, m.delay_in_s)
    for name, column in WEATHER.items():
        seen = [m.weather[f"{origin} {column}"] for origin in ORIGINS]
        t, x = (np.concatenate(parts) for parts in zip(*seen, strict=True))
        series[name] = (t[_training(t)], x[_training(t)])
    return series


def _delays(of: NDArray[np.bool_], time: Floats, delay: Floats) -> tuple[Floats, Floats]:
    known = of & ~np.isnan(time) & _training(time)
    return time[known], np.clip(delay[known] / MINUTE, *CLIP_MIN)


def _training(time: Floats) -> NDArray[np.bool_]:
    """Whether a time is on one of the first days of a month by the clock of New York."""
    seconds = np.nan_to_num(time - _LOCAL_S) + START_NS // 1_000_000_000
    when = seconds.astype(np.int64).astype("datetime64[s]")
    day = (when.astype("datetime64[D]") - when.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    return np.asarray(day <= TRAIN_DAYS)
