"""Where samples are: the first of a simulation, and the span of each series."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.chart import COLOURS
from learnsys.series.pictures.house import MOST_LABELS, MOST_POINTS, QUIET, WIDTH, drawn, number, unit

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.density import Density
    from learnsys.series.results.description import Description
    from learnsys.series.results.kept import Kept
    from learnsys.series.results.watching import Watching
    from learnsys.series.simulate.dataset import Simulation

MOST_ROWS: Final = 40


def simulation_chart(result: "Simulation", kind: str | None = None) -> "alt.Chart":
    """Draw the first samples of the first series, as points where they are (``"samples"``).

    Raises
    ------
    UnknownName
        If ``kind`` is another.
    """
    return drawn(result, kind, {"samples": _first_samples})


def _first_samples(alt: Any, result: "Simulation") -> Any:
    from learnsys.series.simulate.dataset import draw

    samples, _ = draw(result.made)  # the same again: it has a seed
    names = samples.ids[:6]
    end = MOST_POINTS * result.made.gap_s / 2
    size, name = unit(end)
    rows = [
        {"t": float(t / size), "value": float(x), "series": samples.ids[d]}
        for d in range(len(names))
        for t, x, _ in zip(*(part[:MOST_POINTS] for part in samples.one(d)), strict=True)
        if t <= end
    ]
    base = alt.Chart(alt.Data(values=rows), width=WIDTH, height=60)
    x = alt.X("t:Q", title=f"{name} since the start", scale=alt.Scale(nice=False))
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=3))
    lines = base.mark_line(strokeWidth=0.7, color=QUIET).encode(x=x, y=y)
    dots = base.mark_circle(size=10, color=COLOURS[0], opacity=1).encode(x=x, y=y)
    row = alt.Row("series:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left"))
    return alt.layer(lines, dots).facet(row=row, spacing=8).properties(title=f"{result.made.kind}: the first samples")


def description_chart(result: "Description", kind: str | None = None) -> "alt.Chart":
    """Draw the span of each series and how much of it is covered (``"span"``).

    Raises
    ------
    UnknownName
        If ``kind`` is another.
    """
    return drawn(result, kind, {"span": _spans})


def _spans(alt: Any, result: "Description") -> Any:
    """A bar a series from its first to its last sample, darker where gaps are shorter; and how many there are."""
    seen = np.flatnonzero(result.n > 0)
    shown = seen[np.argsort(-result.n[seen], kind="stable")][:MOST_ROWS] if len(seen) > MOST_ROWS else seen
    clock = result.t0_ns != 0
    size, name = (1e-3, "") if clock else unit(float(np.nanmax(result.last_s, initial=1.0)))
    start = result.t0_ns / 1e6 if clock else 0.0
    rows = [
        {
            "series": f"{result.ids[d]} ({result.n[d]:,})", "first": start + float(result.first_s[d] / size),
            "last": start + float(result.last_s[d] / size), "gap": number(result.median_gap_s[d]),
        }
        for d in shown
    ]  # fmt: skip
    some = f"; the {len(shown)} with the most samples of {len(result.ids)}" if len(shown) < len(result.ids) else ""
    title = alt.TitleParams("Where samples are", subtitle=f"number of samples beside each name{some}")
    base = alt.Chart(alt.Data(values=rows), width=WIDTH, title=title)
    scale = alt.Scale(type="utc") if clock else alt.Scale(nice=False)
    x = alt.X("first:T" if clock else "first:Q", title=None if clock else name, scale=scale)
    y = alt.Y("series:N", sort=[r["series"] for r in rows], title=None)
    colour = alt.Color(
        "gap:Q", title="median gap, s", legend=alt.Legend(gradientLength=90, tickCount=3, format="~g"),
        scale=alt.Scale(type="log", range=["#0d3b4c", "#1f6f8b", "#a9cbd6"]),
    )  # fmt: skip
    return base.mark_bar(height=9).encode(x=x, x2="last", y=y, color=colour)


def kept_chart(result: "Kept", kind: str | None = None) -> "alt.Chart":
    """Draw how many samples each series of a state has (``"samples"``).

    Raises
    ------
    UnknownName
        If ``kind`` is another.
    """
    return drawn(result, kind, {"samples": _counts})


def _counts(alt: Any, result: "Kept") -> Any:
    order = np.argsort(-result.n, kind="stable")[:MOST_ROWS]
    rows = [{"series": result.ids[d], "samples": int(result.n[d])} for d in order]
    base = alt.Chart(alt.Data(values=rows), width=WIDTH, title="Samples in the state")
    return base.mark_bar(color=COLOURS[0], height=9).encode(
        x=alt.X("samples:Q", title="samples"), y=alt.Y("series:N", title=None, sort=[r["series"] for r in rows])
    )


def watching_chart(result: "Watching", kind: str | None = None) -> "alt.Chart":
    """Draw alarms of a stream by time, a row a pair (``"alarms"``).

    Raises
    ------
    UnknownName
        If ``kind`` is another.
    """
    return drawn(result, kind, {"alarms": _alarms})


def _alarms(alt: Any, result: "Watching") -> Any:
    rows = [
        {"t": a.start_ns / 1e6, "pair": f"{a.a} → {a.b}", "what": a.what, "says": str(a)}
        for a in result.alarms[-MOST_POINTS:]
    ]
    said = f"{len(result.alarms)} in {result.windows} windows"
    base = alt.Chart(alt.Data(values=rows), width=WIDTH, title=alt.TitleParams("Alarms", subtitle=said))
    colour = alt.Color("what:N", title=None, scale=alt.Scale(domain=["correlation", "lag"], range=list(COLOURS[:2])))
    x = alt.X("t:T", title=None, scale=alt.Scale(type="utc"))
    return base.mark_tick(thickness=3).encode(x=x, y=alt.Y("pair:N", title=None), color=colour, tooltip="says:N")


def density_chart(result: "Density", kind: str | None = None) -> "alt.Chart":
    """Draw how densely series are sampled, series by time (``"raster"``).

    Raises
    ------
    UnknownName
        If ``kind`` is another.
    """
    return drawn(result, kind, {"raster": _raster})


def _raster(alt: Any, result: "Density") -> Any:
    """A row a series, darker where it has more samples, white where it has none."""
    order = np.argsort(-result.count.sum(axis=1), kind="stable")
    shown = np.sort(order[: 3 * MOST_ROWS])
    clock = result.t0_ns != 0
    edges = result.first_s + result.width_s * np.arange(result.count.shape[1] + 1)
    size, name = (1e-3, "") if clock else unit(float(np.abs(edges).max()))
    place = (result.t0_ns / 1e6 if clock else 0.0) + edges / size
    rows = [
        {"series": result.ids[d], "from": float(place[b]), "to": float(place[b + 1]), "n": int(result.count[d, b])}
        for d in shown
        for b in np.flatnonzero(result.count[d])
    ]
    tall = max(4, min(18, 500 // max(len(shown), 1)))
    some = f"; the {len(shown)} with the most samples of {len(result.ids)}" if len(shown) < len(result.ids) else ""
    title = alt.TitleParams(
        "Where samples are", subtitle=f"samples in {len(edges) - 1} bins of time; white: none{some}"
    )
    kind = "T" if clock else "Q"
    scale = alt.Scale(type="utc", nice=False) if clock else alt.Scale(nice=False, zero=False)
    few = len(shown) <= MOST_LABELS
    return (
        alt.Chart(alt.Data(values=rows), width=WIDTH, height=tall * len(shown), title=title)
        .mark_rect()
        .encode(
            x=alt.X(f"from:{kind}", title=None if clock else name, scale=scale),
            x2="to",
            y=alt.Y(
                "series:N", title=None, sort=[result.ids[d] for d in shown], axis=alt.Axis(labels=few, ticks=False)
            ),
            color=alt.Color(
                "n:Q", title="samples", legend=alt.Legend(gradientLength=90, tickCount=3, format="~s"),
                scale=alt.Scale(type="sqrt", range=["#cfe3ea", "#1f6f8b", "#0d3b4c"], zero=True),
            ),
            tooltip=["series:N", "n:Q"],
        )
    )  # fmt: skip
