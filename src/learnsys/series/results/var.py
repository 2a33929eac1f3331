"""A vector autoregression at a step of one's own choice, fitted to irregular samples."""

from typing import TYPE_CHECKING, final

import numpy as np

from learnsys.core.table import Column, Table
from learnsys.series.results.types import AbstractSeriesResult, Arrays, Variable
from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt


@final
class VectorAutoregression(AbstractSeriesResult, frozen=True, kw_only=True):
    """x_t = mean + sum_j A_j (x_{t - j dt} - mean) + residual.

    Attributes
    ----------
    ids : tuple of str
        Names of the D series; those without variance are left out.
    dt_s : float
        The step, in seconds.
    matrices : ndarray, shape (p, D, D)
        A_1 ... A_p: row a says how series a follows from the past of all.
    low, high : ndarray, shape (p, D, D)
        Intervals of the matrices; NaN without.
    level : float or None
    residual : ndarray, shape (D, D)
        Covariance of the residuals.
    nugget : ndarray, shape (D,)
        Variance of the errors of measurement.
    mean : ndarray, shape (D,)
    process : VectorProcess
        The model in continuous time behind it: covariances at any lag, spectra, and samples.
    log_likelihood : float
    aic : tuple of float
        Akaike's criterion of the orders in continuous time, 1, 2 ..., that were tried.
    method : str
        ``"likelihood"``: of the samples; ``"whittle"``: of sums over their pairs.
    notes : tuple of str
    """

    ids: tuple[str, ...]
    dt_s: float
    matrices: Floats
    low: Floats
    high: Floats
    level: float | None
    residual: Floats
    nugget: Floats
    mean: Floats
    process: VectorProcess
    log_likelihood: float
    aic: tuple[float, ...]
    method: str
    notes: tuple[str, ...] = ()

    @property
    def radius(self) -> float:
        """The largest modulus of the companion matrix' eigenvalues; under 1 the VAR is stable."""
        from learnsys.series.estimate.levinson import companion

        return float(np.abs(np.linalg.eigvals(companion(self.matrices))).max())

    def impulse(self, steps: int, *, orthogonal: bool = False) -> Floats:
        """Respond to a shock: shape (steps + 1, D, D), [h, a, b] that of series a after h steps to a shock in b.

        Parameters
        ----------
        steps : int
        orthogonal : bool
            Whether shocks are independent and of one standard deviation (Cholesky, in the order of the series) instead
            of 1 in one series.
        """
        d = len(self.ids)
        out = np.zeros((steps + 1, d, d))
        out[0] = np.eye(d)
        for h in range(1, steps + 1):
            out[h] = sum((a @ out[h - j] for j, a in enumerate(self.matrices[:h], 1)), np.zeros((d, d)))
        if not orthogonal:
            return out
        return out @ _lower_root(self.residual)

    def table(self) -> Table:
        """Show the matrices, an entry a row."""
        p, d, _ = self.matrices.shape
        rows = tuple(
            (
                self.ids[a], self.ids[b], (j + 1) * self.dt_s, float(self.matrices[j, a, b]),
                *(float(v[j, a, b]) if np.isfinite(v[j, a, b]) else None for v in (self.low, self.high)),
            )
            for j in range(p) for a in range(d) for b in range(d)
        )  # fmt: skip
        return Table(
            columns=(
                Column(name="series"), Column(name="from"), Column(name="back", unit="s", kind="duration"),
                Column(name="coefficient", kind="number"), Column(name="low", kind="number"),
                Column(name="high", kind="number"),
            ),
            rows=rows, notes=self.notes, title=f"VAR({p})",
        )  # fmt: skip

    def arrays(self) -> Arrays:
        """Arrays over steps back, the series that follow and those they follow from."""
        over, names = ("back", "series", "from"), np.array(self.ids, str)
        return Arrays(
            coords={
                "series": Variable(("series",), names),
                "from": Variable(("from",), names),
                "back": Variable(("back",), self.dt_s * np.arange(1, len(self.matrices) + 1), "s"),
            },
            variables={name: Variable(over, getattr(self, name)) for name in ("matrices", "low", "high")}
            | {"residual": Variable(("series", "from"), self.residual)}
            | {name: Variable(("series",), getattr(self, name)) for name in ("nugget", "mean")},
            attributes={"dt_s": self.dt_s, "method": self.method, "log_likelihood": self.log_likelihood},
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; the kinds are those of ``learnsys.series.charts.vector_autoregression_chart``."""
        from learnsys.series.charts import vector_autoregression_chart

        return vector_autoregression_chart(self, kind)


def _lower_root(covariance: Floats) -> Floats:
    """Find Cholesky's factor of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    upper = np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T)[1]
    return np.asarray(upper.T * np.where(np.diagonal(upper) < 0, -1.0, 1.0), float)
