"""Power spectra of series, with intervals and peaks."""

from typing import TYPE_CHECKING, Literal, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.table import Column, Table
from learnsys.series.results.types import AbstractSeriesResult, Arrays, Variable
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt

Normalization = Literal["density", "standard"]


@final
class Spectrum(AbstractSeriesResult, frozen=True, kw_only=True):
    """How the variance of D series is spread over F frequencies.

    Attributes
    ----------
    ids : tuple of str
    normalization : {"density", "standard"}
        One-sided density in squared units of the values per Hz, which integrates to the variance; or Lomb and Scargle's
        standard power, the share of the variance that a sinusoid of a frequency explains, between 0 and 1.
    frequencies_hz : ndarray, shape (F,)
    power : ndarray, shape (D, F)
        NaN for a series that is too short.
    low, high : ndarray, shape (D, F)
        Interval of a density, from the chi-square distribution; NaN for the standard power.
    false_alarm : ndarray, shape (D, F)
        Probability that noise alone has as much standard power at some frequency; NaN for a density.
    floor : ndarray, shape (D,)
        Density of the noise that single samples make: already subtracted, but wider intervals come of it.
    degrees : ndarray, shape (D,)
        Degrees of freedom of a density at each frequency.
    resolution_hz : float
        Peaks nearer than this are one.
    level : float
        Nominal coverage of the intervals.
    notes : tuple of str
    """

    ids: tuple[str, ...]
    normalization: Normalization
    frequencies_hz: Floats
    power: Floats
    low: Floats
    high: Floats
    false_alarm: Floats
    floor: Floats
    degrees: Floats
    resolution_hz: float
    level: float
    notes: tuple[str, ...] = ()

    def peaks(self, d: int, most: int = 5) -> NDArray[np.int64]:
        """Find the largest local maxima of series ``d``, at least the resolution apart, the largest first.

        Returns
        -------
        ndarray of int64
            Numbers of frequencies, ``most`` or fewer.
        """
        power = np.pad(np.nan_to_num(self.power[d], nan=0.0), 1)
        here = power[1:-1]
        tops = np.flatnonzero((here > power[:-2]) & (here >= power[2:]) & (here > 0))
        chosen: list[int] = []
        for top in tops[np.argsort(-here[tops], kind="stable")]:
            if len(chosen) == most:
                break
            if all(abs(self.frequencies_hz[top] - self.frequencies_hz[c]) >= self.resolution_hz for c in chosen):
                chosen.append(int(top))
        return np.array(chosen, np.int64)

    def table(self) -> Table:
        """Show the peaks of each series."""
        rows = tuple(self._row(d, f) for d in range(len(self.ids)) for f in self.peaks(d))
        return Table(
            columns=(
                Column(name="series"), Column(name="frequency", unit="Hz", kind="number"),
                Column(name="period", unit="s", kind="duration"), Column(name="power", kind="number"),
                Column(name="low", kind="number"), Column(name="high", kind="number"),
                Column(name="false_alarm", kind="number"),
            ),
            rows=rows, notes=self.notes, title="Peaks of spectra",
        )  # fmt: skip

    def arrays(self) -> Arrays:
        """Arrays over series and frequencies, and over series."""
        over = ("series", "frequency")
        return Arrays(
            coords={
                "series": Variable(("series",), np.array(self.ids, str)),
                "frequency": Variable(("frequency",), self.frequencies_hz, "Hz"),
            },
            variables={name: Variable(over, getattr(self, name)) for name in ("power", "low", "high", "false_alarm")}
            | {name: Variable(("series",), getattr(self, name)) for name in ("floor", "degrees")},
            attributes={"normalization": self.normalization, "resolution_hz": self.resolution_hz, "level": self.level},
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; the kinds are those of ``learnsys.series.charts.spectrum_chart``."""
        from learnsys.series.charts import spectrum_chart

        return spectrum_chart(self, kind)

    def _row(self, d: int, f: int) -> tuple[str | float | None, ...]:
        hz = float(self.frequencies_hz[f])
        values = (float(v[d, f]) for v in (self.power, self.low, self.high, self.false_alarm))
        return (self.ids[d], hz, 1 / hz if hz else None, *(v if np.isfinite(v) else None for v in values))
