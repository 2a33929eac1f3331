"""``learnsys series watch``: alarms while samples come."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from learnsys.core.console import ERR
from learnsys.core.errors import InputError
from learnsys.core.result import Result
from learnsys.core.units import parse_duration
from learnsys.series.options import Keeping, answer, pairs, symmetric
from learnsys.series.stream.feeds import Feed, folder, lines
from learnsys.series.stream.formats import Format
from learnsys.series.stream.ring import Ring
from learnsys.series.stream.watch import Alarm, Watch
from learnsys.series.types import Kernel, SumsSpec

NOTHING = Keeping()


def watch(
    source: str = "-",
    /,
    *,
    window: str = "5m",
    baseline: int = 24,
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
        Windows to learn from, of each pair and lag.
    level
        Probability that a window gives no alarm while all goes on as before.
    max_lag
        Lags reach from minus this to this.
    step
        From one lag to the next; a fiftieth of the largest if not given.
    bandwidth
        Of the lag kernel; the step if not given.
    patience
        For how long a window waits for samples that are late.
    of
        Pairs of series: all of the first 100 series that come, or names as A:B,A:C.
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

    lags, wanted = symmetric(max_lag, step), pairs(of)
    if wanted == "auto":
        raise InputError("a series is not watched with itself", value=of, next="ask for all, or A:B")
    kernels = (Kernel(name="k4", h=lags.step_s if bandwidth is None else parse_duration(bandwidth)),)
    ids = None if isinstance(wanted, str) else tuple(dict.fromkeys(name for pair in wanted for name in pair))
    chosen = wanted if ids is None else tuple((ids.index(a), ids.index(b)) for a, b in wanted)
    ring = Ring(
        SumsSpec(pairs=chosen, kernels=kernels, lags=lags), ids, every_s=parse_duration(window), blocks=1,
        wait_s=parse_duration(patience),
    )  # fmt: skip
    watcher, feed = Watch(ring, baseline=baseline, level=level), Feed()
    columns = {"time": time, "series": series, "value": value, "tz": tz}
    chunks = _chunks(source, feed, form, columns, None if idle is None else parse_duration(idle))

    def make() -> Result:
        alarms: list[Alarm] = []
        ended = _told(watcher.alarms(chunks), alarms)
        return Watching(
            alarms=tuple(alarms), windows=watcher.windows, baseline=baseline, samples=feed.samples, late=ring.late,
            malformed=feed.malformed, notes=(*feed.notes, *ring.notes, *ended),
        )  # fmt: skip

    return answer(make, keeping)


def _told(coming: Iterator[Alarm], alarms: list[Alarm]) -> tuple[str, ...]:
    """Print alarms as they come and keep them; what came is kept too when the user has seen enough."""
    try:
        for alarm in coming:
            ERR.print(str(alarm), markup=False, soft_wrap=True)
            alarms.append(alarm)
    except KeyboardInterrupt:
        return ("ended by an interrupt",)
    return ()


def _chunks(
    source: str, feed: Feed, form: Format | None, columns: dict[str, Any], idle_s: float | None
) -> Iterator[Any]:
    if source == "-":
        return lines(sys.stdin.buffer, feed, form=form, tz=columns["tz"])
    return folder(Path(source), feed, every_s=min(1.0, idle_s or 1.0), idle_s=idle_s, **columns)
