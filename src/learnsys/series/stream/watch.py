"""An alarm when a correlation, or the lag of a lead, leaves the interval in which it has been.

Correlations of a window are its covariances in units of the standard deviations of its samples, so that a series that
merely swings more gives no alarm. Of each pair and lag the first windows that know it are the baseline. With B of them,
their mean m and standard deviation s, the next window of a stream that goes on as before is within

    m +- t_{B-1} s sqrt(1 + 1/B)

of Student's distribution. Half of the false alarms that are put up with go to correlations, divided by the number of
pairs and of lags, and half to leads, divided by the number of pairs (Bonferroni): neighbouring lags are alike, and so
there are fewer than that. A lead has moved when the lag of its peak is beyond such an interval; it is looked at only
where peaks stand out, four times as high as correlations vary from one window to the next.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from learnsys.core.errors import InputError
from learnsys.series.estimate.covariance import MIN_PAIRS, effective_pairs, ratio
from learnsys.series.stream.ring import NS, Block, Ring, facts_of
from learnsys.series.types import Floats

LEAST: Final = 5  # windows of a baseline
STANDS_OUT: Final = 4.0
THIN: Final = 0.5  # of the usual number of pairs of samples: with fewer a correlation varies too much to be compared


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
class Usual:
    """Mean and standard deviation of the first values that are known, of each of many things.

    Parameters
    ----------
    baseline : int
        How many values of each are learned from.
    shape : int, ...
        Of the things, but for the first axis, which grows.
    """

    def __init__(self, baseline: int, *shape: int) -> None:
        self.baseline = baseline
        self.count, self.mean, self._apart = (np.zeros((0, *shape)) for _ in range(3))

    def grow(self, rows: int) -> None:
        """Make room for more."""
        more = ((0, max(rows - len(self.count), 0)), *((0, 0),) * (self.count.ndim - 1))
        self.count, self.mean, self._apart = (np.pad(a, more) for a in (self.count, self.mean, self._apart))

    @property
    def ready(self) -> NDArray[np.bool_]:
        """Which are known well enough for comparison."""
        return self.count >= self.baseline

    @property
    def sd(self) -> Floats:
        """Standard deviations; those of less than two values are 0."""
        return np.asarray(np.sqrt(self._apart / np.maximum(self.count - 1, 1)))

    def learn(self, rows: NDArray[np.intp], values: Floats) -> None:
        """Take values into account, but NaN, and where enough are known."""
        new = np.isfinite(values) & ~self.ready[rows]
        count = self.count[rows] + new
        away = np.where(new, values - self.mean[rows], 0.0)
        step = away / np.maximum(count, 1)
        self._apart[rows] += away * (away - step)
        self.mean[rows] += step
        self.count[rows] = count

    def reach(self, false: float) -> float:
        """How many standard deviations the next value stays within, but for a probability."""
        tail = float(student.isf(false / 2, self.baseline - 1))
        return tail * float(np.sqrt(1 + 1 / self.baseline))


@final
class Watch:
    """Learn a baseline, then compare window by window.

    Parameters
    ----------
    ring : Ring
        Its blocks are the windows. Pairs of a series with itself are not watched.
    baseline : int
        Windows to learn from.
    level : float
        Probability that a window of a stream that goes on as before gives no alarm, all pairs and lags together.

    Attributes
    ----------
    windows : int
        How many were seen.

    Raises
    ------
    InputError
        If there are too few windows to learn from, they are too short for the lags, or the level is not in (0, 1).
    """

    def __init__(self, ring: Ring, *, baseline: int = 24, level: float = 0.99) -> None:
        if baseline < LEAST:
            raise InputError.below("baseline", baseline, LEAST)
        if not 0 < level < 1:
            raise InputError(f"the level is {level:g}, but must be between 0 and 1", value=level, next="try 0.99")
        reach_s, window_s = ring.spec.lags.reach_s, ring.every_ns / NS
        if window_s < 4 * reach_s:
            raise InputError(
                f"a window of {window_s:g} s is too short for lags up to {reach_s:g} s", value=window_s,
                next=f"give at least {4 * reach_s:g} s",
            )  # fmt: skip
        self.ring, self.false, self.windows = ring, (1 - level) / 2, 0
        self._place: dict[tuple[int, int], int] = {}
        lags = ring.spec.lags.count
        self._usual, self._pairs, self._lag, self._height = (
            Usual(baseline, *shape) for shape in ((lags,), (lags,), (), ())
        )

    def alarms(self, chunks: Iterable[Any]) -> Iterator[Alarm]:
        """Read chunks until there are no more, and give alarms as they come."""
        for chunk in chunks:
            for block in self.ring.add(chunk):
                yield from self.judge(block)
        for block in self.ring.finish():
            yield from self.judge(block)

    def judge(self, block: Block) -> tuple[Alarm, ...]:
        """Compare a window with what is usual, or learn from it, pair by pair and lag by lag."""
        self.windows += 1
        pairs, values, behind = correlations(block)
        rows = np.array([self._place.setdefault((a, b), len(self._place)) for a, b in pairs.tolist()], np.intp)
        for usual in (self._usual, self._pairs, self._lag, self._height):
            usual.grow(len(self._place))
        known = self._usual.ready[rows]
        values[known & (behind < THIN * self._pairs.mean[rows])] = np.nan
        found = (*self._left(block, pairs, rows, values), *self._moved(block, pairs, rows, values))
        self._usual.learn(rows, values)
        self._pairs.learn(rows, np.where(np.isfinite(values), behind, np.nan))
        return found

    def _left(self, block: Block, pairs: NDArray[np.int64], rows: NDArray[np.intp], values: Floats) -> Iterator[Alarm]:
        """Say which correlations left their interval, of each pair at the lag where it is furthest."""
        usual = self._usual
        looks = max(int(usual.ready.sum()), 1)
        middle, reach = usual.mean[rows], usual.reach(self.false / looks) * usual.sd[rows]
        beyond = np.where(usual.ready[rows] & np.isfinite(values), np.abs(values - middle) - reach, 0.0)
        for p in np.flatnonzero(beyond.max(axis=1, initial=0.0) > 0):
            l = int(np.argmax(beyond[p] / np.maximum(reach[p], np.finfo(float).tiny)))
            yield self._alarm("correlation", block, pairs[p], l, (values[p, l], middle[p, l], reach[p, l]))

    def _moved(self, block: Block, pairs: NDArray[np.int64], rows: NDArray[np.intp], values: Floats) -> Iterator[Alarm]:
        """Say which leads moved, and learn where they are; leads and their lags are known where peaks stand out."""
        size = np.abs(np.nan_to_num(values))
        peak, height = np.argmax(size, axis=1), size.max(axis=1, initial=0.0)
        lags = self.ring.spec.lags
        at = np.where(height > 0, lags.values[peak], np.nan)
        noise = STANDS_OUT * np.sqrt((self._usual.sd[rows] ** 2).mean(axis=1))
        looks = max(int(self._lag.ready.sum()), 1)
        middle = self._lag.mean[rows]
        reach = self._lag.reach(self.false / looks) * np.maximum(self._lag.sd[rows], lags.step_s / 2)
        stands = self._lag.ready[rows] & (self._height.mean[rows] > noise) & (height > noise)
        for p in np.flatnonzero(stands & (np.abs(at - middle) > reach)):
            yield self._alarm("lag", block, pairs[p], int(peak[p]), (at[p], middle[p], reach[p]))
        self._lag.learn(rows, at)
        self._height.learn(rows, np.where(height > 0, height, np.nan))

    def _alarm(
        self,
        what: Literal["correlation", "lag"],
        block: Block,
        pair: NDArray[np.int64],
        l: int,
        seen: tuple[float, ...],
    ) -> Alarm:
        (a, b), ids, (value, middle, reach) = pair, self.ring.ids, map(float, seen)
        return Alarm(
            what=what, a=ids[a], b=ids[b], start_ns=block.number * self.ring.every_ns,
            lag_s=float(self.ring.spec.lags.values[l]), value=value, low=middle - reach, high=middle + reach,
        )  # fmt: skip


def correlations(block: Block) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Correlate the samples of a block, pair by pair, shape (P, 2), at each lag.

    Returns
    -------
    pairs : ndarray of int64, shape (P, 2)
        Of different series.
    values, behind : ndarray, shape (P, L)
        Correlations, NaN where there are too few pairs of samples or a series is constant; and how many pairs.
    """
    facts = facts_of((block,), tuple(map(str, range(block.n.size))))
    sums = msgspec.structs.replace(block.sums, xw=None, wx=None)  # of centred values
    a, b = sums.pairs.T
    scale, behind = np.sqrt(np.where(facts.variance > 0, facts.variance, np.nan)), effective_pairs(sums, facts)
    values = np.where(behind >= MIN_PAIRS, ratio(sums, facts), np.nan) / (scale[a] * scale[b])[:, None]
    return sums.pairs[a != b], values[a != b], behind[a != b]
