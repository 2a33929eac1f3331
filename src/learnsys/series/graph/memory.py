"""Samples in memory as a source of queries."""

from functools import cached_property
from hashlib import sha256
from typing import Any, Final, Self, final

import numpy as np

from learnsys.core.errors import UnknownName
from learnsys.series.graph.nodes import NOTHING, Between, Scan, Select
from learnsys.series.graph.values import between, kept, select
from learnsys.series.sources.stamps import Stamps
from learnsys.series.sources.types import Condition
from learnsys.series.types import Floats, Samples

VALUE: Final = "value"


@final
class InMemory:
    """Samples, whose rows have one column besides stamp and series: ``value``."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples

    @property
    def rows(self) -> int:
        """How many samples there are."""
        return int(self.samples.t.size)

    columns: Final = 3

    held: Final = True

    @cached_property
    def alike(self) -> bool:
        """Whether all samples weigh 1."""
        return bool((self.samples.w == 1).all())

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the samples."""
        s = self.samples
        digest = sha256(repr((s.ids, s.t0_ns)).encode())
        for part in (s.t, s.x, s.w, s.starts):
            digest.update(np.ascontiguousarray(part).data)
        return digest.hexdigest()[:16]

    def bound(self, when: Any) -> int | float:
        """Read a moment: text, date or nanoseconds where the origin is an instant, else seconds."""
        clock = self.samples.t0_ns != 0
        bound = Stamps(kind="naive" if clock else "number", tz="UTC").bound(when)
        return int(bound) if clock else float(bound)

    def everything(self) -> "MemoryRows":
        """All rows."""
        return MemoryRows(self.samples)

    def read(self, scan: Scan) -> Samples:
        """The samples that a scan wants."""
        return self.everything().filter(scan.where).between(scan.start, scan.end).select(scan.ids).to_samples()

    def first(self, scan: Scan) -> tuple[Samples, float]:
        """The samples that a scan wants, and how many they are."""
        read = self.read(scan)
        return read, float(read.t.size)

    @property
    def described(self) -> str:
        """Kind and size, for people."""
        return f"{len(self.samples)} series, {self.rows:,} samples"


@final
class MemoryRows:
    """Rows on their way from a source to samples."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def filter(self, where: tuple[Condition, ...]) -> Self:
        """Keep rows for which all conditions hold.

        Raises
        ------
        UnknownName
            If a condition is on a column that is not there.
        """
        samples = self._samples
        for condition in where:
            if condition.column != VALUE:
                raise UnknownName.of("column", condition.column, (VALUE,))
            samples = kept(samples, holds(condition, samples.x))
        return type(self)(samples)

    def between(self, start: int | float | None, end: int | float | None) -> Self:
        """Keep rows of a time."""
        if start is None and end is None:
            return self
        return type(self)(between(Between(child=NOTHING, start=start, end=end), self._samples))

    def select(self, ids: tuple[str, ...] | None) -> Self:
        """Keep some series; all if None."""
        return self if ids is None else type(self)(select(Select(child=NOTHING, ids=ids), self._samples))

    def to_samples(self) -> Samples:
        """The rows as samples."""
        return self._samples


def holds(condition: Condition, x: Floats) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Tell for which values a condition holds."""
    value = condition.value
    match condition.op:
        case "in":
            found = np.isin(x, value)
        case "==":
            found = x == value
        case "!=":
            found = x != value
        case "<":
            found = x < value
        case "<=":
            found = x <= value
        case ">":
            found = x > value
        case ">=":
            found = x >= value
    return np.asarray(found, bool)
