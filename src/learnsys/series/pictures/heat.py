"""Heat maps, D x D: what pairs of series have to do with each other at a glance."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from learnsys.series.pictures.house import DARK, MOST_LABELS, unit

MOST_CELLS: Final = 60  # series of a heat map
DIVERGING: Final = ("#8a3b20", "#d1603d", "#f3d9ce", "#ffffff", "#cfe3ea", "#1f6f8b", "#0d3b4c")

Cells = Mapping[tuple[int, int], tuple[float | None, float]]


def pair_maps(alt: Any, cells: Cells, ids: Sequence[str], reach_s: float) -> Any:
    """Draw two maps: the peak correlation of each pair, and its lag, which has the other sign for the other order.

    Parameters
    ----------
    alt : module
    cells : mapping of (a, b) to (correlation, lag in seconds)
    ids : sequence of str
        Names of all series.
    reach_s : float
        The largest lag.
    """
    size, name = unit(reach_s)
    both = {(b, a): (peak, -lag) for (a, b), (peak, lag) in cells.items()} | dict(cells)
    shown = most_connected(both, len(ids))
    rows = [
        {"a": ids[a], "b": ids[b], "peak": peak, "lag": None if a == b else lag / size}
        for (a, b), (peak, lag) in both.items()
        if a in shown and b in shown
    ]
    names = [ids[d] for d in shown]
    present = len({d for pair in both for d in pair})
    some = f"; {len(names)} of {present} series" if len(names) < present else ""
    maps = [
        heat_map(alt, rows, "peak", names, title=f"largest correlation{some}", legend="correlation"),
        heat_map(alt, rows, "lag", names, title=f"its lag in {name}; > 0: the row leads", legend=name),
    ]
    return alt.hconcat(*maps, spacing=30).resolve_scale(color="independent")


def most_connected(cells: Cells, n: int) -> list[int]:
    """Choose the series with the strongest correlations if there are too many to show, in their order."""
    strength = np.zeros(n)
    for (a, b), (peak, _) in cells.items():
        if a != b and peak is not None:
            strength[a] += peak**2
    present = sorted({d for pair in cells for d in pair}, key=lambda d: -strength[d])
    return sorted(present[:MOST_CELLS])


def heat_map(
    alt: Any, rows: Sequence[dict[str, Any]], field: str, names: Sequence[str], *, title: str, legend: str,
) -> Any:  # fmt: skip
    """Draw ``field`` of rows with ``a`` and ``b`` as coloured cells, white at zero; numbers in them if they are few."""
    n = len(names)
    cell = max(6, min(40, 330 // max(n, 1)))
    longest = max((abs(r[field]) for r in rows if r[field] is not None), default=1.0) or 1.0
    labels = alt.Axis(labels=n <= MOST_LABELS, ticks=False, domain=False, grid=False, labelOverlap=False)
    colour = alt.Color(
        f"{field}:Q", title=legend,
        scale=alt.Scale(domain=[-longest, longest], range=list(DIVERGING), interpolate="rgb"),
        legend=alt.Legend(gradientLength=110, tickCount=3),
    )  # fmt: skip
    base = alt.Chart(
        alt.Data(values=list(rows)), width=cell * n, height=cell * n, title=alt.TitleParams(title, fontSize=12)
    )
    x, y = (
        alt.X("b:N", sort=list(names), title=None, axis=labels),
        alt.Y("a:N", sort=list(names), title=None, axis=labels),
    )
    cells = base.mark_rect(stroke="white", strokeWidth=1 if cell > 10 else 0).encode(
        x=x, y=y, color=colour, tooltip=["a:N", "b:N", f"{field}:Q"]
    )
    if cell < 26:
        return cells
    dark = f"abs(datum.{field}) > {0.6 * longest}"
    text = (
        base.transform_filter(f"isValid(datum.{field})")
        .mark_text(fontSize=9)
        .encode(
            x=x,
            y=y,
            text=alt.Text(f"{field}:Q", format=".2~g"),
            color=alt.condition(dark, alt.value("white"), alt.value(DARK)),
        )
    )
    return cells + text
