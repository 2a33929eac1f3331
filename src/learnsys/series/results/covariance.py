"""Covariances of pairs of series at lags, with their intervals and how many pairs of samples stand behind each."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.table import Cell, Column, Table
from learnsys.series.results.types import AbstractSeriesResult, Arrays, Variable
from learnsys.series.types import Floats, Lags

if TYPE_CHECKING:
    import altair as alt


@final
class CrossCovariance(AbstractSeriesResult, frozen=True, kw_only=True):
    """Auto- and cross-covariances C_ab(tau); tau > 0 pairs a with a later b.

    Attributes
    ----------
    ids : tuple of str
        Names of the D series.
    pairs : ndarray of int64, shape (P, 2)
        Numbers of the series a and b of each pair.
    lags : Lags
    values : ndarray, shape (P, L)
        Covariances; NaN where fewer than ``MIN_PAIRS`` effective pairs of samples tell of a lag.
    raw : ndarray, shape (P, L)
        The same before shrinkage (equal to ``values`` without it): the intervals belong to these.
    correlation : ndarray, shape (P, L)
        Values divided by the square root of both variances; NaN where a variance cannot be told from 0, as of a
        constant series and of one whose samples are noise, each its own.
    standard_error, low, high : ndarray, shape (P, L)
        Of the covariance; NaN without intervals.
    effective_pairs : ndarray, shape (P, L)
    variance, nugget : ndarray, shape (D,)
        C(0+) of each series, and what the variance of its samples has beyond it: noise of single samples. NaN for a
        series that is in no pair with itself; the variance of the samples where too few pairs tell of lag 0.
    level : float or None
        Nominal coverage of the intervals.
    kernel : str
    bandwidth_s : ndarray, shape (P,)
    notes : tuple of str
    """

    ids: tuple[str, ...]
    pairs: NDArray[np.int64]
    lags: Lags
    values: Floats
    raw: Floats
    correlation: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    effective_pairs: Floats
    variance: Floats
    nugget: Floats
    level: float | None
    kernel: str
    bandwidth_s: Floats
    notes: tuple[str, ...] = ()

    def peaks(self) -> NDArray[np.int64]:
        """Find the lag of each pair with the largest absolute value, shape (P,); -1 where all are NaN."""
        size = np.nan_to_num(np.abs(self.values), nan=-1.0)
        return np.where(size.max(axis=1) < 0, -1, size.argmax(axis=1)).astype(np.int64)

    def table(self) -> Table:
        """Show one pair by its lags, several by their peaks."""
        if len(self.pairs) == 1:
            return self.long()
        peaks = self.peaks()
        return self._table((self._cells(p, int(l)) for p, l in enumerate(peaks)), title="Peaks of covariances")

    def long(self) -> Table:
        """Show every pair at every lag."""
        return self._table(
            (self._cells(p, l) for p in range(len(self.pairs)) for l in range(self.lags.count)), title="Covariances"
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; the kinds are those of ``learnsys.series.charts.cross_covariance_chart``."""
        from learnsys.series.charts import cross_covariance_chart

        return cross_covariance_chart(self, kind)

    def arrays(self) -> Arrays:
        """Arrays over pairs and lags, and over series."""
        names = np.array(self.ids)
        both = ("values", "correlation", "standard_error", "low", "high", "effective_pairs", "raw")
        variables = {name: Variable(("pair", "lag"), getattr(self, name)) for name in both}
        variables["bandwidth"] = Variable(("pair",), self.bandwidth_s, "s")
        variables |= {name: Variable(("series",), getattr(self, name)) for name in ("variance", "nugget")}
        return Arrays(
            coords={
                "a": Variable(("pair",), names[self.pairs[:, 0]]),
                "b": Variable(("pair",), names[self.pairs[:, 1]]),
                "lag": Variable(("lag",), self.lags.values, "s"),
                "series": Variable(("series",), names),
            },
            variables=variables,
            attributes={"kernel": self.kernel} | ({} if self.level is None else {"level": self.level}),
        )

    def _table(self, rows: Iterator[tuple[Cell, ...]], *, title: str) -> Table:
        return Table(
            columns=(
                Column(name="a"), Column(name="b"), Column(name="lag", unit="s", kind="number"),
                Column(name="covariance", kind="number"), Column(name="low", kind="number"),
                Column(name="high", kind="number"), Column(name="correlation", kind="number"),
                Column(name="effective_pairs", kind="integer"),
            ),
            rows=tuple(rows), notes=self.notes, title=title,
        )  # fmt: skip

    def _cells(self, p: int, l: int) -> tuple[Cell, ...]:
        a, b = (self.ids[d] for d in self.pairs[p])
        if l < 0:
            return (a, b, None, None, None, None, None, None)
        columns = (self.values, self.low, self.high, self.correlation, self.effective_pairs)
        return (a, b, float(self.lags.values[l]), *(_cell(c[p, l]) for c in columns))


def _cell(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
