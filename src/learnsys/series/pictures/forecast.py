"""Predictions as fans: the mean of each series by time, and the interval of a new sample around it."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.chart import COLOURS
from learnsys.series.pictures.house import HEIGHT, WIDTH, drawn, number, thinned, unit

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.forecast import Prediction

MOST_SERIES: Final = 8
DOTTED: Final = 60  # times that are drawn as points too


def prediction_chart(result: "Prediction", kind: str | None = None) -> "alt.Chart":
    """Draw means and intervals by time as ``"fan"``.

    Raises
    ------
    UnknownName
        If ``kind`` is another.
    """
    return drawn(result, kind, {"fan": _fan})


def _fan(alt: Any, result: "Prediction") -> Any:
    shown = range(min(len(result.ids), MOST_SERIES))
    clock = result.t0_ns != 0
    reach = float(np.ptp(result.at_s)) if result.at_s.size else 1.0
    size, name = unit(reach or 1.0)
    order = np.argsort(result.at_s, kind="stable")
    keep = order[thinned(order.size)]
    place = result.t0_ns / 1e6 + result.at_s * 1e3 if clock else result.at_s / size
    x = alt.X(
        "t:T" if clock else "t:Q", title=None if clock else f"time, {name}",
        scale=alt.Scale(type="utc", nice=False) if clock else alt.Scale(nice=False, zero=False),
    )  # fmt: skip
    panels = []
    for d in shown:
        rows = [
            {
                "t": float(place[k]), "mean": number(result.mean[k, d]), "low": number(result.low[k, d]),
                "high": number(result.high[k, d]),
            }
            for k in keep
        ]  # fmt: skip
        base = alt.Chart(alt.Data(values=rows))
        y = alt.Y("mean:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=4, minExtent=40))
        band = base.mark_area(opacity=0.2, color=COLOURS[0]).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
        line = base.mark_line(color=COLOURS[0], strokeWidth=1.6).encode(x=x, y=y, tooltip=["mean:Q", "low:Q", "high:Q"])
        dots = [base.mark_circle(color=COLOURS[0], size=22, opacity=1).encode(x=x, y=y)] if len(keep) <= DOTTED else []
        title = alt.TitleParams(result.ids[d], fontSize=12, fontWeight="normal")
        height = HEIGHT if len(shown) == 1 else 90
        panels.append(alt.layer(band, line, *dots).properties(width=WIDTH, height=height, title=title))
    some = f"; {len(shown)} of {len(result.ids)} series" if len(shown) < len(result.ids) else ""
    said = f"band: {100 * result.level:.4g} % intervals of a new sample{some}"
    return alt.vconcat(*panels, spacing=8).properties(title=alt.TitleParams("Prediction", subtitle=said))
