"""Pictures of measured runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from learnsys.core.chart import altair, styled
from learnsys.core.fingerprint import Run

if TYPE_CHECKING:
    import altair as alt

_WIDTH: Final = 460


def runs_chart(name: str, runs: Sequence[Run]) -> "alt.Chart":
    """Draw how long each run took, by machine; those that do not count are hollow."""
    draw: Any = altair()
    rows = [
        {"machine": r.machine, "seconds": r.spent_s or r.elapsed_s, "outcome": r.outcome, "rejected": r.rejected or ""}
        for r in runs
    ]
    chart: alt.Chart = styled(
        draw.Chart(draw.Data(values=rows), width=_WIDTH, title=name)
        .mark_point(size=60)
        .encode(
            x=draw.X("seconds:Q", title="seconds"),
            y=draw.Y("machine:N", title=None),
            color=draw.Color("outcome:N", title=None),
            fillOpacity=draw.condition("datum.rejected == ''", draw.value(1), draw.value(0)),
            fill=draw.Fill("outcome:N", legend=None),
            tooltip=["machine:N", "seconds:Q", "outcome:N", "rejected:N"],
        )
    )
    return chart
