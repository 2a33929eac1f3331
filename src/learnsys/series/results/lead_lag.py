"""Which series lead which, by how much, and how sure that is."""

from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.table import Cell, Column, Table
from learnsys.series.results.types import AbstractSeriesResult, Arrays, Variable
from learnsys.series.types import Floats, Lags

if TYPE_CHECKING:
    import altair as alt


@final
class LeadLagResult(AbstractSeriesResult, frozen=True, kw_only=True):
    """Lead and lag of pairs of series; a positive lag says that a leads b.

    Attributes
    ----------
    ids : tuple of str
        Names of the D series.
    pairs : ndarray of int64, shape (P, 2)
        Numbers of the series a and b of each pair.
    lags : Lags
        Where was looked.
    lag_s, low_s, high_s : ndarray, shape (P,)
        The lag of the largest absolute correlation, and its interval.
    correlation : ndarray, shape (P,)
        There.
    ratio : ndarray, shape (P,)
        Sum of squared correlations at positive lags over that at negative ones: above 1, a leads.
    p_value, q_value : ndarray, shape (P,)
        How often chance gives such a peak; and adjusted for the number of pairs (false discovery rate).
    fdr : float
        The rate up to which a pair is called significant.
    level : float
        Nominal coverage of the intervals.
    profile : ndarray, shape (P, L)
        Correlation at each lag.
    notes : tuple of str
    """

    ids: tuple[str, ...]
    pairs: NDArray[np.int64]
    lags: Lags
    lag_s: Floats
    low_s: Floats
    high_s: Floats
    correlation: Floats
    ratio: Floats
    p_value: Floats
    q_value: Floats
    fdr: float
    level: float
    profile: Floats
    notes: tuple[str, ...] = ()

    @property
    def significant(self) -> NDArray[np.bool_]:
        """Which pairs are significant, shape (P,)."""
        return np.asarray(np.nan_to_num(self.q_value, nan=1.0) <= self.fdr, bool)

    def network(self) -> tuple[tuple[str, str, float, float], ...]:
        """List the significant pairs as (leader, follower, seconds, correlation), the most significant first."""
        rows = self._order()
        return tuple(self._edge(p) for p in rows if self.significant[p])

    def table(self) -> Table:
        """Show every pair, the most significant first, by leader and follower."""
        return Table(
            columns=(
                Column(name="leader"), Column(name="follower"), Column(name="lag", unit="s", kind="number"),
                Column(name="low", unit="s", kind="number"), Column(name="high", unit="s", kind="number"),
                Column(name="correlation", kind="number"), Column(name="ratio", kind="number"),
                Column(name="p", kind="number"), Column(name="q", kind="number"),
                Column(name="significant", kind="flag"),
            ),
            rows=tuple(self._row(p) for p in self._order()), notes=self.notes, title="Who leads whom",
        )  # fmt: skip

    def arrays(self) -> Arrays:
        """Arrays over pairs, and the profile over lags too."""
        names = np.array(self.ids, str)
        units = {"lag_s": "s", "low_s": "s", "high_s": "s"}
        kept = ("lag_s", "low_s", "high_s", "correlation", "ratio", "p_value", "q_value", "significant")
        return Arrays(
            coords={
                "a": Variable(("pair",), names[self.pairs[:, 0]]),
                "b": Variable(("pair",), names[self.pairs[:, 1]]),
                "lag": Variable(("lag",), self.lags.values, "s"),
            },
            variables={
                ("peak_lag" if n == "lag_s" else n.removesuffix("_s")): Variable(
                    ("pair",), getattr(self, n), units.get(n)
                )
                for n in kept
            }
            | {"profile": Variable(("pair", "lag"), self.profile)},
            attributes={"fdr": self.fdr, "level": self.level},
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; the kinds are those of ``learnsys.series.charts.lead_lag_chart``."""
        from learnsys.series.charts import lead_lag_chart

        return lead_lag_chart(self, kind)

    def _order(self) -> list[int]:
        return [int(p) for p in np.argsort(np.nan_to_num(self.p_value, nan=2.0), kind="stable")]

    def _edge(self, p: int) -> tuple[str, str, float, float]:
        a, b = (self.ids[d] for d in self.pairs[p])
        lag, correlation = float(self.lag_s[p]), float(self.correlation[p])
        return (a, b, lag, correlation) if not lag < 0 else (b, a, -lag, correlation)

    def _row(self, p: int) -> tuple[Cell, ...]:
        leader, follower, lag, correlation = self._edge(p)
        low, high, ratio = float(self.low_s[p]), float(self.high_s[p]), float(self.ratio[p])
        if self.lag_s[p] < 0:
            low, high, ratio = -high, -low, 1 / ratio if ratio else np.inf
        numbers = (lag, low, high, correlation, ratio, float(self.p_value[p]), float(self.q_value[p]))
        return (leader, follower, *(v if np.isfinite(v) else None for v in numbers), bool(self.significant[p]))
