"""How series move together at each frequency: coherence, phase, partial coherence, and who causes whom."""

from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.table import Cell, Column, Table
from learnsys.series.results.types import AbstractSeriesResult, Arrays, Variable
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt


@final
class CrossSpectrum(AbstractSeriesResult, frozen=True, kw_only=True):
    """Coherences of D series at F frequencies; arrays of shape (F, D, D), [f, a, b].

    Attributes
    ----------
    ids : tuple of str
    frequencies_hz : ndarray, shape (F,)
    spectrum : ndarray of complex
        S_ab, the transform of the covariances C_ab(tau), two-sided, per Hz.
    coherence, coherence_low, coherence_high : ndarray
        Squared: between 0, unrelated, and 1. NaN where a spectrum is lost in its noise.
    phase, phase_low, phase_high : ndarray
        Radians; above 0, a leads b, by phase/(2 pi frequency) seconds.
    threshold : ndarray
        Squared coherence that unrelated series exceed with probability 1 - level, at one frequency.
    partial, partial_low, partial_high, partial_threshold : ndarray or None
        The same, given all other series.
    causes, causes_low, causes_high : ndarray or None
        Granger's causality of Geweke's kind: how much the past of b tells of a, [f, a, b].
    causes_are : {"pairwise", "conditional"} or None
        Of two series alone, or given all others.
    degrees : float
        Degrees of freedom of a spectrum at one frequency.
    level : float
    notes : tuple of str
    """

    ids: tuple[str, ...]
    frequencies_hz: Floats
    spectrum: NDArray[np.complex128]
    coherence: Floats
    coherence_low: Floats
    coherence_high: Floats
    phase: Floats
    phase_low: Floats
    phase_high: Floats
    threshold: Floats
    partial: Floats | None
    partial_low: Floats | None
    partial_high: Floats | None
    partial_threshold: Floats | None
    causes: Floats | None
    causes_low: Floats | None
    causes_high: Floats | None
    causes_are: str | None
    degrees: float
    level: float
    notes: tuple[str, ...] = ()

    def peak(self, a: int, b: int) -> int:
        """Find the frequency at which the low end of the coherence is most above its threshold; -1 where all are NaN.

        The largest coherence itself is often of a frequency lost in noise, of which its interval tells nothing.
        """
        above = self.coherence_low[:, a, b] - self.threshold[:, a, b]
        return -1 if np.isnan(above).all() else int(np.nanargmax(above))

    def table(self) -> Table:
        """Show each pair at the frequency where it is surest to be coherent."""
        d = len(self.ids)
        return Table(
            columns=(
                Column(name="a"), Column(name="b"), Column(name="frequency", unit="Hz", kind="number"),
                Column(name="period", unit="s", kind="duration"), Column(name="coherence", kind="number"),
                Column(name="low", kind="number"), Column(name="high", kind="number"),
                Column(name="threshold", kind="number"), Column(name="a_leads_by", unit="s", kind="duration"),
                Column(name="partial", kind="number"), Column(name="a_from_b", kind="number"),
                Column(name="b_from_a", kind="number"),
            ),
            rows=tuple(self._row(a, b) for a in range(d) for b in range(a + 1, d)), notes=self.notes,
            title="Coherence",
        )  # fmt: skip

    def _row(self, a: int, b: int) -> tuple[Cell, ...]:
        if (f := self.peak(a, b)) < 0:
            return (self.ids[a], self.ids[b], *(None,) * 10)
        hz = float(self.frequencies_hz[f])
        lead = float(self.phase[f, a, b]) / (2 * np.pi * hz) if hz else None
        values = (self.coherence, self.coherence_low, self.coherence_high, self.threshold)
        seen = (float(v[f, a, b]) for v in values)
        partial = None if self.partial is None else float(self.partial[f, a, b])
        causes = (None, None) if self.causes is None else (float(self.causes[f, a, b]), float(self.causes[f, b, a]))
        return (self.ids[a], self.ids[b], hz, 1 / hz if hz else None, *seen, lead, partial, *causes)

    def arrays(self) -> Arrays:
        """Arrays over frequencies and pairs of series."""
        names = np.array(self.ids, str)
        known = [
            name
            for kind in ("coherence", "phase", "partial", "causes")
            for name in (kind, f"{kind}_low", f"{kind}_high")
            if getattr(self, name) is not None
        ]
        return Arrays(
            coords={
                "frequency": Variable(("frequency",), self.frequencies_hz, "Hz"),
                "a": Variable(("a",), names),
                "b": Variable(("b",), names),
            },
            variables={name: Variable(("frequency", "a", "b"), getattr(self, name)) for name in [*known, "threshold"]},
            attributes={"level": self.level, "degrees": self.degrees, "causes_are": self.causes_are or "none"},
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; the kinds are those of ``learnsys.series.charts.cross_spectrum_chart``."""
        from learnsys.series.charts import cross_spectrum_chart

        return cross_spectrum_chart(self, kind)
