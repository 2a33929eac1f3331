"""What a state on disk holds: of how many samples, over which time, and what may be asked of it."""

from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.units import format_duration
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt


@final
class Kept(AbstractResult, frozen=True, kw_only=True):
    """A state that was written to a file.

    Attributes
    ----------
    path : str
    size_bytes : int
    ids : tuple of str
    n : ndarray of int64, shape (D,)
        Samples of each series.
    mean, sd : ndarray, shape (D,)
    span_s, period_s, bandwidth_s : float
        Time from the first to the last sample, the period, and the least bandwidth that may be asked.
    sources : int
        From how many sources it was put together.
    """

    path: str
    size_bytes: int
    ids: tuple[str, ...]
    n: NDArray[np.int64]
    mean: Floats
    sd: Floats
    span_s: float
    period_s: float
    bandwidth_s: float
    sources: int

    def table(self) -> Table:
        """Show a row a series."""
        rows = zip(self.ids, self.n.tolist(), self.mean.tolist(), self.sd.tolist(), strict=True)
        return Table(
            columns=(
                Column(name="series"), Column(name="samples", kind="integer"), Column(name="mean", kind="number"),
                Column(name="sd", kind="number"),
            ),
            rows=tuple((name, n, *(v if v == v else None for v in values)) for name, n, *values in rows),
            title=f"State of {self.sources} source{'s' * (self.sources != 1)}",
            notes=(
                f"{self.path}: {self.size_bytes / 1e6:.3g} MB",
                f"{format_duration(self.span_s)} of a period of {format_duration(self.period_s)}, bandwidths from "
                f"{format_duration(self.bandwidth_s)}",
            ),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw how many samples each series has (``"samples"``)."""
        from learnsys.series.charts import kept_chart

        return kept_chart(self, kind)
