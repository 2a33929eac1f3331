"""``learnsys series watch``: alarms while samples come."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from learnsys.core.console import ERR
from learnsys.core.result import Result
from learnsys.core.units import parse_duration
from learnsys.series.options import Keeping, answer, pairs, symmetric
from learnsys.series.stream.feeds import Feed, folder, lines
from learnsys.series.stream.formats import Format
from learnsys.series.stream.rolling import Rolling
from learnsys.series.stream.watch import Watch

NOTHING = Keeping()


def watch(
    source: str = "-",
    /,
    *,
    window: str = "5m",
    baseline: int = 12,
    level: float = 0.99,
    max_lag: str = "10s",
    step: str | None = None,
    bandwidth: str | None = None,
    patience: str = "0s",
    of: str = "all",
    form: Format | None = None,
    tz: str | None = None,
    time: str | None = None,
    series: str | None = None,
    value: str | None = None,
    idle: str | None = None,
    keeping: Keeping = NOTHING,
) -> Result:
    """Watch samples as they come, and tell when a correlation or the lag of a lead leaves its interval.

    Parameters
    ----------
    source
        - for lines on stdin (CSV, JSON lines, Prometheus, OpenTelemetry), or a folder to which Parquet files are added.
    window
        Length of the windows that are compared.
    baseline
        Windows to learn from.
    level
        Probability that an undisturbed window gives no alarm.
    max_lag
        Lags reach from minus this to this.
    step
        From one lag to the next; a fiftieth of the largest if not given.
    bandwidth
        Of the lag kernel; the step if not given.
    patience
        For how long a window waits for samples that are late.
    of
        Pairs of series: all, or names as A:B,A:C.
    form
        The form of lines; found out by the first if not given.
    tz
        Zone of times that do not tell theirs.
    time
        Column of the stamps, of files in a folder.
    series
        Column of the names of series, of files.
    value
        Column of the values, of files.
    idle
        End after so long without a new file; a pipe ends when it is closed.
    """
    from learnsys.series.results.watching import Watching

    lags = symmetric(max_lag, step)
    wanted = pairs(of)
    width = lags.step_s if bandwidth is None else parse_duration(bandwidth)
    rolling = Rolling(
        lags, window_s=parse_duration(window), bandwidth_s=width, patience_s=parse_duration(patience),
        pairs=None if isinstance(wanted, str) else tuple(wanted),
    )  # fmt: skip
    watcher, feed = Watch(rolling, baseline=baseline, level=level), Feed()
    columns = {"time": time, "series": series, "value": value, "tz": tz}
    chunks = _chunks(source, feed, form, columns, None if idle is None else parse_duration(idle))

    def make() -> Result:
        alarms = []
        for alarm in watcher.alarms(chunks):
            ERR.print(str(alarm), markup=False, soft_wrap=True)
            alarms.append(alarm)
        return Watching(
            alarms=tuple(alarms), windows=watcher.windows, baseline=baseline, samples=feed.samples, late=rolling.late,
            malformed=feed.malformed, notes=feed.notes,
        )  # fmt: skip

    return answer(make, keeping)


def _chunks(
    source: str, feed: Feed, form: Format | None, columns: dict[str, Any], idle_s: float | None
) -> Iterator[Any]:
    if source == "-":
        return lines(sys.stdin.buffer, feed, form=form, tz=columns["tz"])
    return folder(Path(source), feed, every_s=min(1.0, idle_s or 1.0), idle_s=idle_s, **columns)
