"""Seconds that a batch takes as a function of its rows, learned while serving.

Rows fall in buckets of powers of two; each bucket keeps its last ``KEEP`` batches and is known by
their median rows and median seconds. Between buckets the cost is a line, so that near its inverse
at half the SLO it reads c(n) = a + b n, and ``most_rows(slo / 2)`` is the marginal-cost cap
n <= (SLO/2 - a) / b. Medians, because one preempted batch takes a hundred times its seconds, and
least squares would believe it.
"""

import sys
from bisect import bisect_right
from collections import deque
from itertools import accumulate
from typing import Final, final

KEEP: Final = 31


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
        self._seen: dict[int, deque[tuple[int, float]]] = {}
        self._medians: dict[int, tuple[float, float]] = {}
        self._rows: list[float] = []
        self._seconds: list[float] = []

    def observe(self, rows: int, seconds: float) -> None:
        """Note that a batch of ``rows`` >= 1 took ``seconds``."""
        bucket = rows.bit_length()
        seen = self._seen.setdefault(bucket, deque(maxlen=KEEP))
        seen.append((rows, seconds))
        self._medians[bucket] = _median([n for n, _ in seen]), _median([c for _, c in seen])
        knots = [m for _, m in sorted(self._medians.items())]
        self._rows = [n for n, _ in knots]
        # More rows never cost less: without this the inverse would not be a function.
        self._seconds = list(accumulate((c for _, c in knots), max))

    def predict(self, rows: int) -> float:
        """Seconds of a batch of ``rows``; 0 before the first observation.

        Beyond the largest bucket the average cost a row goes on, which is too much rather than too little.
        """
        n, c = self._rows, self._seconds
        if not n or rows <= n[0]:
            return c[0] if c else 0.0
        if rows >= n[-1]:
            return c[-1] * rows / n[-1]
        i = bisect_right(n, rows)
        return c[i - 1] + (c[i] - c[i - 1]) * (rows - n[i - 1]) / (n[i] - n[i - 1])

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


def _median(values: list[float]) -> float:
    values.sort()
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
