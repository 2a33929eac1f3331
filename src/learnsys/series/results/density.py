"""Samples of series in equal bins of time."""

from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt


@final
class Density(AbstractResult, frozen=True, kw_only=True):
    """Counts of samples.

    Attributes
    ----------
    ids : tuple of str
    t0_ns : int
        Origin of the stamps.
    first_s, width_s : float
        Where the first bin begins, and how wide each is.
    count : ndarray of int64, shape (D, B)
    """

    ids: tuple[str, ...]
    t0_ns: int
    first_s: float
    width_s: float
    count: NDArray[np.int64]

    def table(self) -> Table:
        """Show of each series how many samples there are, and the share of bins that have none."""
        rows = tuple(
            (name, int(row.sum()), float((row == 0).mean()), int(row.max(initial=0)))
            for name, row in zip(self.ids, self.count, strict=True)
        )
        return Table(
            columns=(
                Column(name="series"), Column(name="samples", kind="integer"),
                Column(name="empty bins", kind="percent"), Column(name="most in a bin", kind="integer"),
            ),
            rows=rows, title=f"Samples in {self.count.shape[1]} bins",
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw a raster, series by time (``"raster"``)."""
        from learnsys.series.charts import density_chart

        return density_chart(self, kind)
