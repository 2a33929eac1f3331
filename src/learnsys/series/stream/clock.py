"""Which stamps of endless rows to believe: one far from all others must not move the stream, a gap must not end it.

The time of a stream is that of its newest row. Rows that are further from it than a leap are set aside. When enough
of them agree, of most series, the stream has leapt: after a gap, or since a clock was wrong and was set right. When
rows at the time of the stream come first, those set aside were strays, and are counted.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple, Self, final

import numpy as np
from numpy.typing import NDArray

from learnsys.series.types import Floats

AGREE: Final = 8  # rows that must agree on a leap
MOST_HELD: Final = 100_000  # rows set aside


class Part(NamedTuple):
    """Rows: the numbers of their series, stamps in nanoseconds, values."""

    code: NDArray[np.int64]
    t: NDArray[np.int64]
    x: Floats

    @classmethod
    def empty(cls) -> Self:
        """No rows."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Self:
        """Some of the rows."""
        return type(self)(self.code[chosen], self.t[chosen], self.x[chosen])

    def and_(self, other: Self) -> Self:
        """These rows, then others."""
        return type(self)(*(np.concatenate(both) for both in zip(self, other, strict=True)))


@final
class Clock:
    """The time of a stream.

    Parameters
    ----------
    leap_ns : int
        Rows that are further than this from the newest row are doubted.

    Attributes
    ----------
    newest : int or None
        The time of the stream; None before the first row.
    strays : int
        Rows that were left out, alone with their time.
    leaps : int
        How often the stream leapt to another time.
    last_leap : (int, int) or None
        From when to when it did last.
    """

    def __init__(self, leap_ns: int) -> None:
        self.leap_ns = leap_ns
        self.newest: int | None = None
        self.strays = self.leaps = 0
        self.last_leap: tuple[int, int] | None = None
        self.held = Part.empty()

    def take(self, rows: Part, present: int) -> Iterator[tuple[Part, bool]]:
        """Give the rows that are believed, in order of time, in runs; with each whether the stream leapt to it.

        Parameters
        ----------
        rows : Part
        present : int
            How many series have rows at the time of the stream.
        """
        runs = self._runs(rows)
        if self.newest is None and runs:
            self.newest = int(max(runs, key=_size).t[-1])
        near = [run for run in runs if self._near(run)]
        far = [run for run in runs if not self._near(run)]
        if near:  # what was set aside before is refuted, and what is behind is late
            self._stray(self.held, *(run for run in far if run.t[0] < near[0].t[0]))
            self.held, far = Part.empty(), [run for run in far if run.t[0] > near[0].t[0]]
        for run in near:
            self.newest = max(self.newest or int(run.t[-1]), int(run.t[-1]))
            yield run, False
        for run in far:
            self.held = self.held.and_(run)
        yield from self._believed(present)

    def finish(self) -> None:
        """Count what is still set aside: the stream has ended."""
        self._stray(self.held)
        self.held = Part.empty()

    def _believed(self, present: int) -> Iterator[tuple[Part, bool]]:
        """Leap to the runs of rows set aside that agree; what lies between is alone."""
        doubted: list[Part] = []
        for run in self._runs(self.held):
            if run.t.size < AGREE or 2 * np.unique(run.code).size <= present:
                doubted.append(run)
                continue
            assert self.newest is not None
            self._stray(*doubted)
            doubted, self.leaps, self.last_leap = [], self.leaps + 1, (self.newest, int(run.t[0]))
            self.newest = int(run.t[-1])
            yield run, True
        self.held = Part.empty()
        for run in doubted:
            self.held = self.held.and_(run)
        if self.held.t.size > MOST_HELD:
            self.finish()

    def _near(self, run: Part) -> bool:
        assert self.newest is not None
        return bool(run.t[0] <= self.newest + self.leap_ns and run.t[-1] >= self.newest - self.leap_ns)

    def _runs(self, rows: Part) -> list[Part]:
        """Cut rows, in order of time, where none is for longer than a leap."""
        rows = rows.only(np.argsort(rows.t, kind="stable"))
        cuts = np.flatnonzero(np.diff(rows.t) > self.leap_ns) + 1
        edges = [0, *cuts.tolist(), rows.t.size]
        return [rows.only(slice(a, b)) for a, b in pairwise(edges) if b > a]

    def _stray(self, *runs: Part) -> None:
        self.strays += sum(run.t.size for run in runs)


def _size(run: Part) -> int:
    return int(run.t.size)
