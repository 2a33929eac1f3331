"""Describe series before anything is estimated: what their sampling allows, and what was wrong with them."""

from collections.abc import Iterator
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.units import format_duration
from learnsys.series.estimate.tally import TICKS_A_SECOND, Tally
from learnsys.series.estimate.types import Facts
from learnsys.series.results.description import Description
from learnsys.series.sources.source import Source
from learnsys.series.sources.types import Condition, TimeRange
from learnsys.series.types import Samples

LONG_GAP: Final = 10.0  # median gaps: what is longer is a gap in the sampling
COARSE: Final = 0.05  # mean gaps: a time quantum of more than that shows in lags
NAMED: Final = 3  # series that a note names


@final
class Describe(msgspec.Struct, frozen=True, kw_only=True):
    """The statistic of a query: how samples lie in time, and their mean and standard deviation."""

    def needs(self, facts: Facts) -> None:
        """The samples themselves."""

    def finish(self, given: Samples, facts: Facts) -> Description:
        """Describe samples, whose missing values were left out before."""
        return describe_samples(given)


def describe(
    source: Source,
    *,
    predicate: tuple[Condition, ...] = (),
    time_range: TimeRange = (None, None),
    ids: tuple[str, ...] | None = None,
) -> Description:
    """Describe a source in one pass, in memory that does not grow with the number of samples.

    What samples a series has that are not in order of time is noted; gaps are then those of the order in which samples
    come, and only those forward in time count.

    Parameters
    ----------
    source : Source
    predicate, time_range, ids
        As for ``Source.batches``.

    Examples
    --------
    >>> from learnsys.series.sources.scan import scan
    >>> made = describe(scan({"a": ([0.0, 60.0, 120.0], [1.0, float("nan"), 3.0])}))
    >>> made.n.tolist(), made.quantum_s.tolist(), made.dropped.tolist()
    ([2], [120.0], [1])
    """
    tally, found = Tally(), np.zeros(0, np.int64)
    names: tuple[str, ...] = ()
    for chunk in source.batches(predicate=predicate, time_range=time_range, ids=ids):
        names = chunk.ids
        tally.add(len(names), chunk.codes, chunk.t, chunk.x)
        found = np.pad(found, (0, len(names) - found.size))
        if chunk.dropped is not None:
            found[: chunk.dropped.size] += chunk.dropped
    return _described(tally, names, found, source.clock, source.notes)


def describe_samples(samples: Samples) -> Description:
    """Describe samples in memory.

    Examples
    --------
    >>> describe_samples(Samples.of({"a": ([0.0, 1.03, 2.5], [5.0, 5.0, 5.0])})).notes
    ('1 series is constant, which has no correlations: a',)
    """
    tally = Tally()
    tally.add(len(samples), samples.series.astype(np.int32), samples.t, samples.x)
    made = _described(tally, samples.ids, np.zeros(len(samples), np.int64), False, ())
    return msgspec.structs.replace(made, t0_ns=samples.t0_ns)


def _described(
    tally: Tally, ids: tuple[str, ...], dropped: NDArray[np.int64], clock: bool, notes: tuple[str, ...]
) -> Description:
    n, some = tally.n, tally.n > 0
    t0_ns = int(tally.first[some].min()) if clock and some.any() else 0
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.where(some, (tally.first - t0_ns) / TICKS_A_SECOND, np.nan)
        last = np.where(some, (tally.last - t0_ns) / TICKS_A_SECOND, np.nan)
        mean_gap = np.where(n > 1, (last - first) / (n - 1), np.nan)
    cv = tally.gap_cv()
    made = Description(
        ids=ids, t0_ns=t0_ns, n=n, first_s=first, last_s=last, span_s=last - first, mean_gap_s=mean_gap,
        median_gap_s=tally.median_gap_s(), burstiness=(cv - 1) / (cv + 1), in_gaps=tally.share_in_gaps(LONG_GAP),
        duplicates=tally.repeated, quantum_s=np.where(tally.quantum > 0, tally.quantum / TICKS_A_SECOND, np.nan),
        mean=tally.mean, sd=np.where(some, np.sqrt(tally.variance), np.nan), dropped=dropped,
        constant=some & (tally.least == tally.greatest),
    )  # fmt: skip
    return msgspec.structs.replace(made, notes=(*notes, *_notes(made, tally.disorder)))


def _notes(made: Description, disorder: NDArray[np.int64]) -> Iterator[str]:
    """Say what a user should know before estimating."""

    def those(which: NDArray[np.bool_]) -> str:
        names = [made.ids[d] for d in np.flatnonzero(which)]
        return ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")

    def say(which: NDArray[np.bool_], one: str, many: str) -> Iterator[str]:
        if count := int(which.sum()):
            yield f"{count} series {one if count == 1 else many}: {those(which)}"

    yield from say(made.n == 0, "has no sample", "have no sample")
    yield from say(made.n == 1, "has one sample only", "have one sample only")
    constant = made.constant & (made.n > 1)
    yield from say(constant, "is constant, which has no correlations", "are constant, which have no correlations")
    if lost := int(made.dropped.sum()):
        values = (
            "value was NaN, infinite or missing, and is"
            if lost == 1
            else "values were NaN, infinite or missing, and are"
        )
        yield f"{lost:,} {values} left out: {those(made.dropped > 0)}"
    if made.duplicates.any():
        share = made.duplicates.sum() / made.n.sum()
        yield f"{100 * share:.2g} % of the samples are at the stamp of the one before: {those(made.duplicates > 0)}"
    yield from say(disorder > 0, "is not in order of time", "are not in order of time")
    with np.errstate(invalid="ignore"):
        coarse = (made.quantum_s > COARSE * made.mean_gap_s) & (made.n > 2)
    if coarse.any():
        quantum = format_duration(float(np.nanmin(made.quantum_s[coarse])))
        yield f"stamps are multiples of {quantum} or more: lags and bandwidths below tell nothing: {those(coarse)}"
