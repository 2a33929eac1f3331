"""Counters as rates: what only ever grows, but for when its process begins anew, goes with everything that grows.

By the conventions of Prometheus the metrics whose names end in ``_total``, ``_count``, ``_sum`` and ``_bucket`` are
counters. Two samples of one give a rate, at the stamp of the later. A counter that is less than before has been reset:
nobody knows how far it had come, and there is no rate for that time.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, final

from learnsys.series.stream.formats import Sample

_COUNTER: Final = re.compile(r"[^{]*_(?:total|count|sum|bucket)(?:\{.*)?", re.DOTALL)
MOST: Final = 100_000  # counters that are remembered: those that were not seen for longest are forgotten
NS: Final = 1_000_000_000


@final
class Rates:
    """The samples of a stream, with rates for counters.

    Attributes
    ----------
    resets : int
        How often a counter was less than before.
    late : int
        Samples of counters that came after a later one, or with its stamp, and were left out.

    Examples
    --------
    >>> rates = Rates()
    >>> list(rates([("up", 0, 1.0), ("a_total", 0, 5.0), ("a_total", 2 * NS, 8.0), ("a_total", 3 * NS, 1.0)]))
    [('up', 0, 1.0), ('a_total', 2000000000, 1.5)]
    >>> rates.resets
    1
    """

    def __init__(self) -> None:
        self.resets = self.late = 0
        self._last: dict[str, tuple[int, float]] = {}

    def __call__(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """Give gauges as they are, and counters as rates."""
        for sample in samples:
            if _COUNTER.fullmatch(sample[0]):
                yield from self._rate(*sample)
            else:
                yield sample

    def _rate(self, name: str, t: int, value: float) -> Iterator[Sample]:
        before = self._last.get(name)
        if before is not None and t <= before[0]:
            self.late += 1
            return
        self._last.pop(name, None)
        self._last[name] = (t, value)
        if len(self._last) > MOST:
            del self._last[next(iter(self._last))]
        if before is None:
            return
        if value < before[1]:
            self.resets += 1
            return
        yield name, t, (value - before[1]) * NS / (t - before[0])
