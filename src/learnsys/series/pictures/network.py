"""Who leads whom as a network: series from leaders to followers, placed by how far each is behind, arrows by lag.

A lag of a pair says how far two series are apart; places t_d that agree with all of them best minimise

    sum over significant pairs of rho^2 (t_b - t_a - lag_ab)^2,

a weighted least-squares problem on the graph; each connected part begins at 0. Every series has a row of its own, the
first leader on top, so that names never cover each other.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from learnsys.core.chart import COLOURS
from learnsys.series.pictures.heat import pair_maps
from learnsys.series.pictures.house import (
    DARK,
    HEIGHT,
    MOST_PANELS,
    QUIET,
    WIDTH,
    drawn,
    number,
    thinned,
    unit,
)
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.lead_lag import LeadLagResult

MOST_NODES: Final = 40
MOST_EDGES: Final = 60
LABELLED: Final = 12  # edges that all have their lag written
_ROW: Final = 30  # pixels
_GAP: Final = 8  # pixels between an arrow's tip and the node
_STEPS: Final = 25  # points of a curve


def lead_lag_chart(result: "LeadLagResult", kind: str | None = None) -> "alt.Chart":
    """Draw who leads as ``"network"`` (the default), ``"peaks"`` or ``"profiles"``.

    Raises
    ------
    UnknownName
        If ``kind`` is none of these.
    """
    return drawn(result, kind, {"network": _network, "peaks": _peaks, "profiles": _profiles})


def places(n: int, edges: Sequence[tuple[int, int, float, float]]) -> tuple[Floats, NDArray[np.int64]]:
    """Place nodes on a line so that distances agree with lags as well as they can.

    Parameters
    ----------
    n : int
        Number of nodes.
    edges : sequence of (a, b, lag, weight)

    Returns
    -------
    at : ndarray, shape (n,)
        Places; the first of each connected part is at 0.
    part : ndarray of int64, shape (n,)
        Number of the connected part of each node.

    Examples
    --------
    >>> places(3, [(0, 1, 2.0, 1.0), (2, 1, 0.5, 1.0)])[0].tolist()
    [0.0, 2.0, 1.5]
    """
    if not edges:
        return np.zeros(n), np.arange(n)
    a, b, lag, weight = (np.array(column) for column in zip(*edges, strict=True))
    a, b = a.astype(np.int64), b.astype(np.int64)
    rows = np.arange(len(edges))
    root = np.sqrt(weight)
    distance = np.zeros((len(edges), n))
    distance[rows, b] += root
    distance[rows, a] -= root
    at = np.linalg.lstsq(distance, root * lag, rcond=None)[0]
    part = connected_components(coo_array((np.ones(len(edges)), (a, b)), shape=(n, n)), directed=False)[1]
    for number_of in np.unique(part):
        at[part == number_of] -= at[part == number_of].min()
    return np.asarray(np.round(at, 12), float), part.astype(np.int64)


def _edges(result: "LeadLagResult") -> list[tuple[int, int, float, float, bool]]:
    """Significant pairs as (leader, follower, lag, correlation, whether the direction is sure), the strongest first."""
    found = []
    for p in np.flatnonzero(result.significant):
        a, b = (int(d) for d in result.pairs[p])
        lag, rho = float(result.lag_s[p]), float(result.correlation[p])
        if a != b:
            sure = not (result.low_s[p] <= 0 <= result.high_s[p])
            found.append((a, b, lag, rho, sure) if lag >= 0 else (b, a, -lag, rho, sure))
    return sorted(found, key=lambda e: -abs(e[3]))


def _network(alt: Any, result: "LeadLagResult") -> Any:
    edges = _edges(result)
    if not edges:
        nothing = alt.Chart(
            alt.Data(values=[{"says": f"no pair is significant at a false discovery rate of {result.fdr:g}"}])
        )
        return (
            nothing.mark_text(color=DARK)
            .encode(text="says:N")
            .properties(width=WIDTH, height=60, title="Who leads whom")
        )
    degree = np.bincount([d for e in edges for d in e[:2]], minlength=len(result.ids))
    kept = {int(d) for d in np.argsort(-degree, kind="stable")[:MOST_NODES] if degree[d]}
    within = [e for e in edges if e[0] in kept and e[1] in kept]
    at, part = places(len(result.ids), [(a, b, lag, rho**2) for a, b, lag, rho, _ in within])
    order = sorted(kept, key=lambda d: (-int((part == part[d]).sum()), part[d], at[d], -degree[d], d))
    row = {d: i for i, d in enumerate(order)}
    size, name = unit(float(at[order].max()))
    x = {d: float(at[d] / size) for d in order}
    domain = [-0.04 * (max(x.values()) or 1.0), 1.04 * (max(x.values()) or 1.0)]
    height = _ROW * len(order)
    arrows = [_arrow(e, x, row, height) for e in within[:MOST_EDGES]]
    for arrow in arrows:
        arrow["lag"] = f"{arrow['lag'] / size:.2g} {name}"
    more = f"; the {MOST_EDGES} strongest of {len(within)} links" if len(within) > MOST_EDGES else ""
    less = f"; {len(order)} of {int((degree > 0).sum())} series" if len(order) < int((degree > 0).sum()) else ""
    title = alt.TitleParams(
        "Who leads whom",
        subtitle=f"significant pairs only (false discovery rate {result.fdr:g}); thicker: stronger{more}{less}",
    )
    xs = alt.X("x:Q", title=f"behind the first leader, {name}", scale=alt.Scale(domain=domain, nice=False))
    ys = alt.Y("y:Q", scale=alt.Scale(domain=[len(order) - 0.5, -0.5], nice=False), axis=None)
    dots = [{"x": x[d], "y": row[d], "name": result.ids[d]} for d in order]
    return _layers(alt, arrows, dots, xs, ys).properties(width=WIDTH, height=height, title=title)


def _arrow(
    edge: tuple[int, int, float, float, bool], x: dict[int, float], row: dict[int, int], height: int
) -> dict[str, Any]:
    """Curve that leaves the leader along its row and comes to the follower from above or below, short of it."""
    a, b, lag, rho, sure = edge
    down = 1.0 if row[b] > row[a] else -1.0
    tip = row[b] - down * _GAP * len(row) / height
    s = np.linspace(0, 1, _STEPS)  # a quadratic Bezier curve with its middle point at the corner
    curve_x = (1 - s) ** 2 * x[a] + (2 * s * (1 - s) + s**2) * x[b]
    curve_y = ((1 - s) ** 2 + 2 * s * (1 - s)) * row[a] + s**2 * tip
    half = _STEPS // 2
    return {
        "points": list(zip(curve_x.tolist(), curve_y.tolist(), strict=True)), "x": x[b], "y": tip,
        "mid x": float(curve_x[half]), "mid y": float(curve_y[half]), "angle": 180 if down > 0 else 0,
        "size": abs(rho), "rho": rho, "sure": sure, "sign": "together" if rho > 0 else "opposite", "lag": lag,
    }  # fmt: skip


def _layers(alt: Any, arrows: list[dict[str, Any]], dots: list[dict[str, Any]], xs: Any, ys: Any) -> Any:
    curves = [
        {"x": x, "y": y, "edge": i, "step": k, "size": arrow["size"], "sign": arrow["sign"]}
        for i, arrow in enumerate(arrows)
        for k, (x, y) in enumerate(arrow["points"])
    ]
    tips = [{k: v for k, v in arrow.items() if k != "points"} for arrow in arrows]
    colour = alt.Color(
        "sign:N", title="they move", scale=alt.Scale(domain=["together", "opposite"], range=list(COLOURS[:2])),
        legend=alt.Legend(orient="bottom", symbolType="stroke") if _mixed(arrows) else None,
    )  # fmt: skip
    width = alt.StrokeWidth("size:Q", scale=alt.Scale(domain=[0, 1], range=[0.4, 4]), legend=None)
    lines = alt.Chart(alt.Data(values=curves)).mark_line(opacity=0.5)
    lines = lines.encode(x=xs, y=ys, detail="edge:N", order="step:Q", strokeWidth=width, color=colour)
    heads = alt.Chart(alt.Data(values=tips))
    head = heads.transform_filter("datum.sure").mark_point(shape="triangle", filled=True, size=60, opacity=0.9)
    head = head.encode(
        x=xs,
        y=ys,
        angle=alt.Angle("angle:Q", scale=None),
        color=colour,
        tooltip=["lag:N", alt.Tooltip("rho:Q", format=".2f")],
    )
    nodes = alt.Chart(alt.Data(values=dots))
    names = nodes.mark_text(align="right", fontWeight="bold", color=DARK).encode(x=alt.value(-8), y=ys, text="name:N")
    marks = [
        lines, head, names,
        nodes.mark_circle(size=70, color=DARK, opacity=1).encode(x=xs, y=ys, tooltip="name:N"),
    ]  # fmt: skip
    if len(arrows) <= LABELLED:
        middle = heads.encode(x="mid x:Q", y="mid y:Q", text="lag:N")
        marks += [
            middle.mark_text(fontSize=9, stroke="white", strokeWidth=3), middle.mark_text(fontSize=9, color="#5d6971")
        ]  # fmt: skip
    return alt.layer(*marks)


def _mixed(arrows: list[dict[str, Any]]) -> bool:
    return any(arrow["sign"] == "opposite" for arrow in arrows)


def _peaks(alt: Any, result: "LeadLagResult") -> Any:
    """Heat maps of correlations and lags of significant pairs."""
    cells = {
        (int(a), int(b)): (number(result.correlation[p]), float(result.lag_s[p]))
        for p, (a, b) in enumerate(result.pairs)
        if result.significant[p]
    }
    return pair_maps(alt, cells, result.ids, result.lags.reach_s)


def _profiles(alt: Any, result: "LeadLagResult") -> Any:
    """Correlation by lag of the most significant pairs, with the lag's interval."""
    order = [int(p) for p in np.argsort(np.nan_to_num(result.p_value, nan=2.0), kind="stable")]
    order = [p for p in order if result.pairs[p][0] != result.pairs[p][1]][:MOST_PANELS]
    columns = 1 if len(order) == 1 else 3
    panels = [_profile(alt, result, p, small=columns > 1) for p in order]
    rows = [alt.hconcat(*panels[i : i + columns], spacing=24) for i in range(0, len(panels), columns)]
    return alt.vconcat(*rows, spacing=16).properties(
        title=alt.TitleParams(
            "Correlation by lag",
            subtitle=f"lag > 0: the first leads; bar: {100 * result.level:.4g} % interval of the lag",
        )
    )


def _profile(alt: Any, result: "LeadLagResult", p: int, *, small: bool) -> Any:
    size, name = unit(result.lags.reach_s)
    keep = thinned(result.lags.count)
    rows = [{"lag": float(result.lags.values[l] / size), "value": number(result.profile[p, l])} for l in keep]
    a, b = (result.ids[d] for d in result.pairs[p])
    star = "" if result.significant[p] else " (not significant)"
    title = alt.TitleParams(f"{a} → {b}{star}", fontSize=11 if small else 13, fontWeight="normal")
    width, height = (210, 110) if small else (WIDTH, HEIGHT)
    x = alt.X("lag:Q", title=f"lag in {name}", scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=6))
    y = alt.Y("value:Q", title=None if small else "correlation", axis=alt.Axis(tickCount=4, minExtent=36))
    line = alt.Chart(alt.Data(values=rows)).mark_line(color=COLOURS[0], strokeWidth=1.6).encode(x=x, y=y)
    zero = alt.Chart(alt.Data(values=[{}])).mark_rule(color=QUIET, strokeDash=[3, 3])
    ends = {
        "low": number(result.low_s[p] / size),
        "high": number(result.high_s[p] / size),
        "lag": number(result.lag_s[p] / size),
        "value": number(result.correlation[p]),
    }
    peak = alt.Chart(alt.Data(values=[ends] if None not in ends.values() else []))
    marks = [
        zero.encode(y=alt.datum(0)), zero.encode(x=alt.datum(0)), line,
        peak.mark_rule(color=COLOURS[1], strokeWidth=3).encode(x="low:Q", x2="high:Q", y="value:Q"),
        peak.mark_point(filled=True, color=COLOURS[1], size=36, opacity=1).encode(x="lag:Q", y="value:Q"),
    ]  # fmt: skip
    return alt.layer(*marks).properties(width=width, height=height, title=title)
