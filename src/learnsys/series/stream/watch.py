"""An alarm when a correlation, or the lag of a lead, leaves the interval in which it has been.

The first windows of a stream are the baseline: for each pair and lag the mean and the standard deviation over windows.
With B of them, the next window of an undisturbed stream is within

    mean +- t_{B-1} s sqrt(1 + 1/B)

of Student's distribution, at a level that is divided by the number of pairs and of lags (Bonferroni). A lead has moved
when its lag is beyond the same kind of interval, and its correlation beyond what lags far from the peak have.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, final

import msgspec
import numpy as np
from scipy.stats import t as student

from learnsys.core.errors import InputError
from learnsys.series.stream.rolling import Pair, Rolling, Window
from learnsys.series.types import Floats

LEAST: Final = 5  # windows of a baseline


@final
class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Something left its interval.

    Attributes
    ----------
    what : {"correlation", "lag"}
    a, b : str
    start_ns : int
        Of the window.
    lag_s : float
        Where it was seen.
    value, low, high : float
        What was seen, and the interval: correlations, or seconds.
    """

    what: Literal["correlation", "lag"]
    a: str
    b: str
    start_ns: int
    lag_s: float
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        when = np.datetime_as_string(np.datetime64(self.start_ns, "ns"), unit="s")
        unit = "" if self.what == "correlation" else " s"
        place = f" at lag {self.lag_s:g} s" if self.what == "correlation" else ""
        seen = f"{self.value:.3g}{unit}, not in [{self.low:.3g}, {self.high:.3g}]"
        return f"{when} {self.a} -> {self.b}: the {self.what}{place} is {seen}"


@final
class Watch:
    """Learn a baseline, then compare window by window.

    Parameters
    ----------
    rolling : Rolling
    baseline : int
        Windows to learn from.
    level : float
        Probability that an undisturbed window, all pairs and lags together, gives no alarm.

    Raises
    ------
    InputError
        If there are too few windows to learn from, or the level is not in (0, 1).
    """

    def __init__(self, rolling: Rolling, *, baseline: int = 12, level: float = 0.99) -> None:
        if baseline < LEAST:
            raise InputError.below("baseline", baseline, LEAST)
        if not 0 < level < 1:
            raise InputError(f"the level is {level:g}, but must be between 0 and 1", value=level, next="try 0.99")
        self.rolling, self.baseline, self.level = rolling, baseline, level
        self.windows = 0
        self._learned: dict[Pair, list[Floats]] = {}

    def alarms(self, chunks: Iterable[Any]) -> Iterator[Alarm]:
        """Read chunks until there are no more, and give alarms as they come."""
        for chunk in chunks:
            for window in self.rolling.add(chunk):
                yield from self.judge(window)
        for window in self.rolling.finish():
            yield from self.judge(window)

    def judge(self, window: Window) -> Iterator[Alarm]:
        """Learn from a window, or compare it, pair by pair."""
        self.windows += 1
        ready = sum(len(rows) >= self.baseline for rows in self._learned.values())
        for pair, row in window.correlation.items():
            known = self._learned.setdefault(pair, [])
            if len(known) < self.baseline:
                known.append(row)
            else:
                yield from self._compare(window, pair, row, max(ready, 1))

    def _compare(self, window: Window, pair: Pair, row: Floats, pairs: int) -> Iterator[Alarm]:
        lags, known = self.rolling.lags, np.array(self._learned[pair])
        wide = self._width(pairs * lags.count)
        z, before = np.nan_to_num(row), np.nan_to_num(known)
        middle = before.mean(axis=0)
        reach = wide * _pooled(before)
        away = np.abs(row - middle)  # NaN, where the window has too few pairs of samples, is no alarm
        out = np.where(away > reach, away / reach, 0.0)
        if np.nanmax(out, initial=0.0) > 0:
            l = int(np.nanargmax(out))
            yield self._alarm("correlation", window, pair, float(lags.values[l]), float(row[l]),
                              middle[l] - reach[l], middle[l] + reach[l])  # fmt: skip
        yield from self._moved(window, pair, z, before, self._width(pairs))

    def _moved(self, window: Window, pair: Pair, z: Floats, before: Floats, wide: float) -> Iterator[Alarm]:
        """Compare the lag of the peak with the lags that peaks had, where peaks stand out."""
        values, noise = self.rolling.lags.values, float(_pooled(before).mean())
        peaks = np.nanargmax(np.abs(np.vstack([before, z])), axis=1)
        heights = np.abs(np.vstack([before, z]))[np.arange(len(peaks)), peaks]
        if np.median(heights[:-1]) < 4 * noise or heights[-1] < 4 * noise:
            return
        at = values[peaks[:-1]]
        reach = wide * max(float(at.std(ddof=1)), self.rolling.lags.step_s / 2)
        now = float(values[peaks[-1]])
        if abs(now - at.mean()) > reach:
            yield self._alarm("lag", window, pair, now, now, at.mean() - reach, at.mean() + reach)

    def _width(self, looks: float) -> float:
        """Standard deviations from the mean that the next window stays within."""
        tail = (1 - self.level) / (2 * looks)
        return float(student.ppf(1 - tail, self.baseline - 1) * np.sqrt(1 + 1 / self.baseline))

    def _alarm(
        self, what: Literal["correlation", "lag"], window: Window, pair: Pair, lag_s: float, value: float, *ends: Any
    ) -> Alarm:
        low, high = (float(end) for end in ends)
        return Alarm(
            what=what, a=pair[0], b=pair[1], start_ns=window.start_ns, lag_s=lag_s, value=value, low=low, high=high
        )


def _pooled(before: Floats) -> Floats:
    """Standard deviation over windows by lag, at least its root mean square over all lags: few windows tell little."""
    by_lag = before.std(axis=0, ddof=1)
    return np.asarray(np.maximum(by_lag, np.sqrt((by_lag**2).mean())))
