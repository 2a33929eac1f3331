"""The memory parameter of each series as a point with its interval, beside 0: no memory."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.chart import COLOURS
from learnsys.series.pictures.house import QUIET, WIDTH, drawn

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.long_memory import LongMemoryResult

MOST_ROWS: Final = 40


def long_memory_chart(result: "LongMemoryResult", kind: str | None = None) -> "alt.Chart":
    """Draw d of each series with its interval (``"memory"``), the largest on top.

    Raises
    ------
    UnknownName
        If ``kind`` is another.
    """
    return drawn(result, kind, {"memory": _memory})


def _memory(alt: Any, result: "LongMemoryResult") -> Any:
    known = np.flatnonzero(np.isfinite(result.d))
    order = known[np.argsort(-result.d[known], kind="stable")][:MOST_ROWS]
    rows = [
        {"series": result.ids[i], "d": float(result.d[i]), "low": float(result.low[i]), "high": float(result.high[i])}
        for i in order
    ]
    less = f"; the first {MOST_ROWS} of {known.size} series" if known.size > MOST_ROWS else ""
    base = alt.Chart(alt.Data(values=rows), width=WIDTH, height=alt.Step(18))
    y = alt.Y("series:N", sort=[r["series"] for r in rows], title=None)
    zero = alt.Chart(alt.Data(values=[{"d": 0}])).mark_rule(color=QUIET).encode(x="d:Q")
    bars = base.mark_rule(strokeWidth=2, color=COLOURS[0]).encode(x=alt.X("low:Q"), x2="high:Q", y=y)
    dots = base.mark_circle(size=50, color=COLOURS[0], opacity=1).encode(x=alt.X("d:Q", title="memory d"), y=y)
    title = alt.Title(
        "Memory of increments", subtitle=f"0: none, above: they go on; {100 * result.level:.4g} % intervals{less}"
    )
    return alt.layer(zero, bars, dots).properties(title=title)
