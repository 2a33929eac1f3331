"""What series are like: how many samples, how they lie in time, and what was wrong with them."""

from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.table import Column, Kind, Table
from learnsys.series.results.types import AbstractSeriesResult, Arrays, Variable
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt

_COLUMNS: tuple[tuple[str, str | None, Kind], ...] = (
    ("n", None, "integer"), ("span_s", "s", "duration"), ("mean_gap_s", "s", "duration"),
    ("median_gap_s", "s", "duration"), ("burstiness", None, "number"), ("in_gaps", None, "percent"),
    ("duplicates", None, "integer"), ("quantum_s", "s", "duration"), ("mean", None, "number"), ("sd", None, "number"),
    ("dropped", None, "integer"), ("constant", None, "flag"),
)  # fmt: skip


@final
class Description(AbstractSeriesResult, frozen=True, kw_only=True):
    """A description of D series; arrays of shape (D,), NaN where a series has too few samples to tell.

    Attributes
    ----------
    ids : tuple of str
    t0_ns : int
        Origin of the stamps.
    n : ndarray of int64
        Samples.
    first_s, last_s, span_s : ndarray
        Stamps of the first and the last sample, and the time between them.
    mean_gap_s, median_gap_s : ndarray
        From one sample to the next: all of them, and those not at one stamp.
    burstiness : ndarray
        (s - m)/(s + m) with mean m and standard deviation s of the gaps: -1 on a grid, 0 at random, towards 1 in bursts
        (Goh & Barabasi 2008).
    in_gaps : ndarray
        Share of the span in gaps of more than ten times the median.
    duplicates : ndarray of int64
        Samples at the stamp of the one before.
    quantum_s : ndarray
        What all gaps are multiples of.
    mean, sd : ndarray
        Of the values.
    dropped : ndarray of int64
        NaN, infinite and missing values that were left out.
    constant : ndarray of bool
        Whether all values are equal.
    notes : tuple of str
    """

    ids: tuple[str, ...]
    t0_ns: int
    n: NDArray[np.int64]
    first_s: Floats
    last_s: Floats
    span_s: Floats
    mean_gap_s: Floats
    median_gap_s: Floats
    burstiness: Floats
    in_gaps: Floats
    duplicates: NDArray[np.int64]
    quantum_s: Floats
    mean: Floats
    sd: Floats
    dropped: NDArray[np.int64]
    constant: NDArray[np.bool_]
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """Show a row a series."""
        columns = [getattr(self, name).tolist() for name, _, _ in _COLUMNS]
        rows = zip(self.ids, *columns, strict=True)
        return Table(
            columns=(
                Column(name="series"),
                *(Column(name=name.removesuffix("_s"), unit=unit, kind=kind) for name, unit, kind in _COLUMNS),
            ),
            rows=tuple((row[0], *(None if value != value else value for value in row[1:])) for row in rows),
            notes=self.notes,
            title="Series",
        )

    def arrays(self) -> Arrays:
        """Arrays over series."""
        units = {name: unit for name, unit, _ in _COLUMNS} | {"first_s": "s", "last_s": "s"}
        return Arrays(
            coords={"series": Variable(("series",), np.array(self.ids, str))},
            variables={
                name.removesuffix("_s"): Variable(("series",), getattr(self, name), unit)
                for name, unit in units.items()
            },
            attributes={"t0_ns": self.t0_ns},
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; the kinds are those of ``learnsys.series.charts.description_chart``."""
        from learnsys.series.charts import description_chart

        return description_chart(self, kind)
