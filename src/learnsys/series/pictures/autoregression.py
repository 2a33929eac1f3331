"""Vector autoregressions: matrices as heat maps, and how series respond to a shock in another."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.chart import COLOURS
from learnsys.core.units import format_duration
from learnsys.series.pictures.heat import heat_map
from learnsys.series.pictures.house import QUIET, drawn, unit

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.var import VectorAutoregression

MOST_GRID: Final = 5  # series of a grid of responses
MOST_MAPS: Final = 4  # matrices
MOST_CELLS: Final = 40  # series of a map
STEPS: Final = 200  # at most, of a response
FADED: Final = 0.02  # of its peak, where a response ends


def vector_autoregression_chart(result: "VectorAutoregression", kind: str | None = None) -> "alt.Chart":
    """Draw a VAR as ``"matrices"`` (the default) or ``"impulse"``: responses of each series to a shock in each.

    Raises
    ------
    UnknownName
        If ``kind`` is neither.
    """
    return drawn(result, kind, {"matrices": _matrices, "impulse": _impulse})


def _matrices(alt: Any, result: "VectorAutoregression") -> Any:
    p, d, _ = result.matrices.shape
    n = min(d, MOST_CELLS)
    names = list(result.ids[:n])
    maps = []
    for j in range(min(p, MOST_MAPS)):
        rows = [
            {"a": names[a], "b": names[b], "coefficient": float(result.matrices[j, a, b])}
            for a in range(n)
            for b in range(n)
        ]
        back = format_duration((j + 1) * result.dt_s)
        maps.append(heat_map(alt, rows, "coefficient", names, title=f"{back} back", legend="coefficient"))
    some = f"; {n} of {d} series" if n < d else ""
    more = f"; {len(maps)} of {p} matrices" if len(maps) < p else ""
    said = f"row: the series that follows, column: the one it follows{some}{more}; stability radius {result.radius:.3f}"
    return alt.hconcat(*maps, spacing=30).properties(title=alt.TitleParams(f"VAR({p})", subtitle=said))


def _impulse(alt: Any, result: "VectorAutoregression") -> Any:
    """A grid of panels: a column a shock, a row a series that responds."""
    n = min(len(result.ids), MOST_GRID)
    response = result.impulse(STEPS)[:, :n, :n]
    size_of = np.abs(response).max(axis=(1, 2))
    last = int(np.flatnonzero(size_of > FADED * size_of.max())[-1]) + 1
    end = max(min(last, STEPS), 5)
    size, name = unit(end * result.dt_s)
    rows = [
        {"t": h * result.dt_s / size, "value": float(response[h, a, b]), "a": result.ids[a], "b": result.ids[b]}
        for h in range(end + 1)
        for a in range(n)
        for b in range(n)
    ]
    base = alt.Chart(alt.Data(values=rows), width=110, height=70)
    x = alt.X("t:Q", title=name, axis=alt.Axis(tickCount=4))
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=3))
    zero = base.mark_rule(color=QUIET, strokeDash=[3, 3]).encode(y=alt.datum(0))
    area = base.mark_area(color=COLOURS[0], opacity=0.18).encode(x=x, y=y)
    line = base.mark_line(color=COLOURS[0]).encode(x=x, y=y)
    ids = list(result.ids[:n])
    some = f"; {n} of {len(result.ids)} series" if n < len(result.ids) else ""
    return (
        alt.layer(zero, area, line)
        .facet(
            column=alt.Column("b:N", title="shock of 1 in", sort=ids, header=alt.Header(titleFontSize=11)),
            row=alt.Row(
                "a:N",
                title="response of",
                sort=ids,
                header=alt.Header(titleFontSize=11, labelAngle=0, labelAlign="left"),
            ),
            spacing=10,
        )
        .properties(title=alt.TitleParams("Impulse responses", subtitle=f"step {format_duration(result.dt_s)}{some}"))
    )
