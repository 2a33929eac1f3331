"""The memory parameter of each series, with its interval."""

from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt


@final
class LongMemoryResult(AbstractResult, frozen=True, kw_only=True):
    """The memory of increments: d = 0 none, d > 0 they continue, d < 0 they turn back.

    Attributes
    ----------
    ids : tuple of str
    d, low, high : ndarray, shape (D,)
        Memory parameter with its interval; NaN where there are too few samples.
    frequencies : ndarray of int64, shape (D,)
        How many were used.
    method : str
    level : float
        Nominal coverage of the intervals.
    notes : tuple of str
    """

    ids: tuple[str, ...]
    d: Floats
    low: Floats
    high: Floats
    frequencies: NDArray[np.int64]
    method: str
    level: float
    notes: tuple[str, ...] = ()

    @property
    def hurst(self) -> Floats:
        """Hurst exponent of the levels, d + 1/2, shape (D,)."""
        return self.d + 0.5

    def table(self) -> Table:
        """Show every series."""
        numbers = zip(self.d, self.low, self.high, self.hurst, strict=True)
        rows = (
            (name, *(float(v) if np.isfinite(v) else None for v in row), int(m))
            for name, row, m in zip(self.ids, numbers, self.frequencies, strict=True)
        )
        names = ("d", "low", "high", "hurst")
        return Table(
            columns=(
                Column(name="series"), *(Column(name=n, kind="number") for n in names),
                Column(name="frequencies", kind="integer"),
            ),
            rows=tuple(rows), notes=self.notes, title="Long memory",
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; the kinds are those of ``learnsys.series.charts.long_memory_chart``."""
        from learnsys.series.charts import long_memory_chart

        return long_memory_chart(self, kind)
