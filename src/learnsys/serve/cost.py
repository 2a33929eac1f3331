"""Seconds that a batch takes as a function of its rows, learned while serving.

Rows fall in buckets of powers of two; each bucket keeps its last ``KEEP`` batches and is known by
their median rows and median seconds. Between buckets the cost is a line, so that near its inverse
at half the SLO it reads c(n) = a + b n, and ``most_rows(slo / 2)`` is the marginal-cost cap
n <= (SLO/2 - a) / b. Medians, because one preempted batch takes a hundred times its seconds, and
least squares would believe it.

A few slow batches can still fool a bucket that has few, and a bucket that seems dear is not tried
again. So a bucket is believed to cost more a row than the one below it only on ``ENOUGH`` batches,
not older than ``FRESH``; until then a batch counts as no dearer than the smaller batches it could
be cut into.
"""

import sys
from bisect import bisect_right
from collections import deque
from typing import Final, final

KEEP: Final = 31
ENOUGH: Final = 8
FRESH: Final = 500


@final
class CostModel:
    """Running medians of seconds per batch size.

    Examples
    --------
    >>> cost = CostModel()
    >>> for rows in (1, 8, 64):
    ...     cost.observe(rows, 0.001 + 0.0001 * rows)
    >>> round(cost.predict(20), 6), cost.most_rows(0.005)
    (0.003, 40)
    """

    def __init__(self) -> None:
        self._buckets: dict[int, _Bucket] = {}
        self._batches = 0
        self._rows: list[float] = []
        self._seconds: list[float] = []

    def observe(self, rows: int, seconds: float) -> None:
        """Note that a batch of ``rows`` >= 1 took ``seconds``."""
        self._batches += 1
        self._buckets.setdefault(rows.bit_length(), _Bucket()).add(self._batches, rows, seconds)
        self._rows, self._seconds = [], []
        for _, bucket in sorted(self._buckets.items()):
            n, c = bucket.rows, bucket.seconds
            if self._rows:
                if not bucket.believed(self._batches):
                    c = min(c, self._seconds[-1] * n / self._rows[-1])
                c = max(c, self._seconds[-1])  # more rows never cost less: otherwise there is no inverse
            self._rows.append(n)
            self._seconds.append(c)

    def predict(self, rows: int) -> float:
        """Seconds of a batch of ``rows``; 0 before the first observation.

        Beyond the largest bucket the average cost a row goes on, which is too much rather than too little.
        """
        n, c = self._rows, self._seconds
        if not n or rows <= n[0]:
            return c[0] if c else 0.0
        if rows >= n[-1]:
            return c[-1] * (rows / n[-1])
        i = bisect_right(n, rows)
        between = c[i - 1] + (c[i] - c[i - 1]) * (rows - n[i - 1]) / (n[i] - n[i - 1])
        return min(between, c[i])  # rounding must not make fewer rows dearer

    def most_rows(self, seconds: float) -> int:
        """Rows of the largest batch that takes at most ``seconds``, 0 if even one row takes more."""
        n, c = self._rows, self._seconds
        if not n:
            return sys.maxsize
        if seconds < c[0]:
            return 0
        if seconds >= c[-1]:
            return int(n[-1] * seconds / c[-1]) if c[-1] > 0 else sys.maxsize
        i = bisect_right(c, seconds)
        return int(n[i - 1] + (n[i] - n[i - 1]) * (seconds - c[i - 1]) / (c[i] - c[i - 1]))


@final
class _Bucket:
    """The last batches of like size, and their medians."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, int, float]] = deque(maxlen=KEEP)
        self.rows = self.seconds = 0.0

    def add(self, number: int, rows: int, seconds: float) -> None:
        """Note batch ``number`` of all."""
        self._seen.append((number, rows, seconds))
        self.rows = _median([n for _, n, _ in self._seen])
        self.seconds = _median([c for _, _, c in self._seen])

    def believed(self, now: int) -> bool:
        """Whether enough of its batches are fresh when ``now`` batches have run."""
        return len(self._seen) >= ENOUGH and self._seen[-ENOUGH][0] > now - FRESH


def _median(values: list[float]) -> float:
    values.sort()
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
