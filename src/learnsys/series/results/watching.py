"""What came of watching a stream: alarms, and how much was read."""

from typing import TYPE_CHECKING, final

import numpy as np

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.series.stream.watch import Alarm

if TYPE_CHECKING:
    import altair as alt


@final
class Watching(AbstractResult, frozen=True, kw_only=True):
    """Alarms of a stream, in the order in which they came.

    Attributes
    ----------
    alarms : tuple of Alarm
    windows, baseline : int
        How many windows there were, and how many of them were learned from.
    samples, late, malformed : int
        What was read, what came after its window had closed, and what could not be read.
    notes : tuple of str
    """

    alarms: tuple[Alarm, ...]
    windows: int
    baseline: int
    samples: int
    late: int
    malformed: int
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """Show a row an alarm."""
        rows = tuple(
            (
                str(np.datetime_as_string(np.datetime64(alarm.start_ns, "ns"), unit="s")), alarm.a, alarm.b, alarm.what,
                alarm.lag_s, alarm.value, alarm.low, alarm.high,
            )
            for alarm in self.alarms
        )  # fmt: skip
        said = f"{self.samples:,} samples in {self.windows} windows, {min(self.baseline, self.windows)} to learn from"
        return Table(
            columns=(
                Column(name="window"), Column(name="a"), Column(name="b"), Column(name="what"),
                Column(name="lag", unit="s", kind="number"), Column(name="value", kind="number"),
                Column(name="low", kind="number"), Column(name="high", kind="number"),
            ),
            rows=rows, title=f"{len(rows)} alarm{'s' * (len(rows) != 1)}",
            notes=(said, *self.notes),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw alarms by time (``"alarms"``)."""
        from learnsys.series.charts import watching_chart

        return watching_chart(self, kind)
