"""A picture of the lab: seconds against memory, and where memory did not suffice."""

from typing import TYPE_CHECKING, Any

from learnsys.core.chart import altair, styled
from learnsys.machines.lab.types import Lab

if TYPE_CHECKING:
    import altair as alt


def cliff_chart(lab: Lab) -> "alt.Chart":
    """Draw each program's full input at one CPU: a line of seconds, a cross where it was killed for memory."""
    alt: Any = altair()
    rows = [
        {"program": p.program, "memory": p.memory_bytes / 2**30, "seconds": p.elapsed_s, "outcome": p.outcome}
        for p in lab.points
        if p.size == 1.0 and p.cpu == 1.0
    ]
    base = alt.Chart(alt.Data(values=rows), width=150, height=80).encode(
        x=alt.X("memory:Q", title="GiB", scale=alt.Scale(type="log", base=2))
    )
    seconds = alt.Y("mean(seconds):Q", title="s")
    good = base.transform_filter("datum.outcome == 'ok'")
    killed = base.transform_filter("datum.outcome == 'oom'").mark_point(shape="cross", color="#b3261e", filled=True)
    layers = good.mark_line(point=True).encode(y=seconds) + killed.encode(y=alt.value(75))
    facets = layers.facet(alt.Facet("program:N", title=None), columns=5).resolve_scale(y="independent")
    return styled(facets.properties(title="Seconds by memory, full inputs at one CPU; red: killed for memory"))
