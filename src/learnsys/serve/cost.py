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
from operator import itemgetter
from statistics import median
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
        self._buckets: dict[int, deque[tuple[int, float]]] = {}
        self._rows: list[float] = []
        self._seconds: list[float] = []

    def observe(self, rows: int, seconds: float) -> None:
        """Note that a batch of ``rows`` >= 1 took ``seconds``."""
        self._buckets.setdefault(rows.bit_length(), deque(maxlen=KEEP)).append((rows, seconds))
        self._rows, self._seconds, slowest = [], [], 0.0
        for _, seen in sorted(self._buckets.items()):
            # More rows never cost less: without this the inverse would not be a function.
            slowest = max(slowest, median(map(itemgetter(1), seen)))
            self._rows.append(median(map(itemgetter(0), seen)))
            self._seconds.append(slowest)

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
