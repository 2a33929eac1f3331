"""Values of series at times when they were not sampled: ahead, between samples, or in the past."""

from typing import TYPE_CHECKING, final

import numpy as np

from learnsys.core.table import Cell, Column, Table
from learnsys.series.results.types import AbstractSeriesResult, Arrays, Variable
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt


@final
class Prediction(AbstractSeriesResult, frozen=True, kw_only=True):
    """Means and intervals of D series at K times.

    Attributes
    ----------
    ids : tuple of str
    t0_ns : int
        The origin of ``at_s``, nanoseconds since 1970 (UTC).
    at_s : ndarray, shape (K,)
    mean, standard_error : ndarray, shape (K, D)
        Of the series without errors of measurement.
    low, high : ndarray, shape (K, D)
        Intervals of a new sample, its error of measurement included.
    level : float
    nugget : ndarray, shape (D,)
        Variance of the errors of measurement.
    notes : tuple of str
    """

    ids: tuple[str, ...]
    t0_ns: int
    at_s: Floats
    mean: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    level: float
    nugget: Floats
    notes: tuple[str, ...] = ()

    @property
    def stamps(self) -> tuple[str, ...]:
        """The times in words (UTC), or in seconds where stamps are plain numbers."""
        if not self.t0_ns:
            return tuple(f"{t:g} s" for t in self.at_s)
        ns = np.int64(self.t0_ns) + np.round(np.asarray(self.at_s) * 1e9).astype(np.int64)
        return tuple(str(t) for t in np.datetime_as_string(ns.astype("datetime64[ns]"), unit="ms"))

    def table(self) -> Table:
        """Show them, a series and a time a row."""
        values = (self.mean, self.standard_error, self.low, self.high)
        rows: list[tuple[Cell, ...]] = [
            (name, when, *(float(v[k, d]) for v in values))
            for d, name in enumerate(self.ids)
            for k, when in enumerate(self.stamps)
        ]
        numbers = ("mean", "standard_error", "low", "high")
        return Table(
            columns=(Column(name="series"), Column(name="at"), *(Column(name=n, kind="number") for n in numbers)),
            rows=tuple(rows), notes=self.notes, title="Forecast",
        )  # fmt: skip

    def arrays(self) -> Arrays:
        """Arrays over times and series."""
        names = ("mean", "standard_error", "low", "high")
        return Arrays(
            coords={
                "time": Variable(("time",), self.at_s, "s"),
                "series": Variable(("series",), np.array(self.ids, str)),
            },
            variables={name: Variable(("time", "series"), getattr(self, name)) for name in names}
            | {"nugget": Variable(("series",), self.nugget)},
            attributes={"t0_ns": self.t0_ns, "level": self.level},
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; the kinds are those of ``learnsys.series.charts.prediction_chart``."""
        from learnsys.series.charts import prediction_chart

        return prediction_chart(self, kind)
