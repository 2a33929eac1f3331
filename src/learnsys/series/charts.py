"""Pictures of results: correlograms with what stands behind them, and heat maps of peaks.

Those of networks, spectra, forecasts and models are in ``learnsys.series.results`` beside what they draw.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.chart import COLOURS, altair, styled
from learnsys.core.errors import UnknownName
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.covariance import CrossCovariance
    from learnsys.series.simulate.dataset import Simulation

WIDTH: Final = 520
HEIGHT: Final = 280
STRIP: Final = 56
MOST_PANELS: Final = 9  # beyond, the pairs with the highest peaks are drawn
MOST_CELLS: Final = 60  # series of a heat map
MOST_LABELS: Final = 30  # names along an axis that can be read
MOST_POINTS: Final = 400  # on a line
QUIET: Final = "#9aa5ad"
DARK: Final = "#3a444b"
DIVERGING: Final = ("#8a3b20", "#d1603d", "#f3d9ce", "#ffffff", "#cfe3ea", "#1f6f8b", "#0d3b4c")
_UNITS: Final = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "us"))


def cross_covariance_chart(result: "CrossCovariance", kind: str | None = None) -> "alt.Chart":
    """Draw covariances as ``"correlogram"`` (the default) or ``"peaks"``.

    Raises
    ------
    UnknownName
        If ``kind`` is neither.
    """
    return drawn(result, kind, {"correlogram": _correlogram, "peaks": _peaks})


def drawn(result: Any, kind: str | None, kinds: Mapping[str, Callable[[Any, Any], Any]]) -> "alt.Chart":
    """Draw ``result`` in the house style by the function of ``kind``, the first one if None.

    Raises
    ------
    UnknownName
        If there is no such kind.
    """
    kind = next(iter(kinds)) if kind is None else kind
    if kind not in kinds:
        raise UnknownName.of("kind of chart", kind, kinds)
    return styled(kinds[kind](altair(), result))


def unit(reach_s: float) -> tuple[float, str]:
    """Choose the unit of time in which ``reach_s`` reads well: seconds in it, and its name.

    Examples
    --------
    >>> unit(7200.0)
    (3600.0, 'h')
    """
    return next(((size, name) for size, name in _UNITS if reach_s >= 2 * size), _UNITS[-1])


def thinned(n: int, most: int = MOST_POINTS) -> Any:
    """Choose at most ``most`` of ``n`` places, evenly spread."""
    return np.arange(n) if n <= most else np.unique(np.linspace(0, n - 1, most).round().astype(np.int64))


def number(value: float) -> float | None:
    """Turn NaN into None, as JSON wants it."""
    return float(value) if np.isfinite(value) else None


def _correlogram(alt: Any, result: "CrossCovariance") -> Any:
    """Panels of correlation by lag with its interval, and below each how many pairs of samples stand behind it."""
    chosen = _panels(result)
    columns = 1 if len(chosen) == 1 else 2 if len(chosen) <= 4 else 3
    small = columns > 1
    panels = [_panel(alt, result, p, small=small, domain=_domain(result, chosen)) for p in chosen]
    rows = [alt.hconcat(*panels[i : i + columns], spacing=24) for i in range(0, len(panels), columns)]
    left = len(_between(result)) - len(chosen)
    some = f"; the {len(chosen)} pairs with the highest peaks, {left} more are not drawn" if left > 0 else ""
    said = f"{result.kernel} kernel{_width(result)}{some}"
    if result.level is not None and np.isfinite(result.low).any():
        said += f"; band: {100 * result.level:.4g} % intervals"
    return alt.vconcat(*rows, spacing=18).properties(
        title=alt.TitleParams("Correlation by lag", subtitle=f"lag > 0: the first leads. {said}")
    )


def _width(result: "CrossCovariance") -> str:
    h = result.bandwidth_s[np.isfinite(result.bandwidth_s)]
    if not h.size:
        return ""
    size, name = unit(float(h.min()) * 4)
    ends = sorted({f"{h.min() / size:.3g}", f"{h.max() / size:.3g}"}, key=float)
    return f" of {' to '.join(ends)} {name}"


def _between(result: "CrossCovariance") -> list[int]:
    """Pairs of two series; pairs of one with itself if there are no others."""
    cross = [p for p, (a, b) in enumerate(result.pairs) if a != b]
    return cross or list(range(len(result.pairs)))


def _panels(result: "CrossCovariance") -> list[int]:
    pairs = _between(result)
    if len(pairs) <= MOST_PANELS:
        return pairs
    size = np.nan_to_num(np.abs(_shown(result)[0]), nan=-1.0).max(axis=1)
    return sorted(sorted(pairs, key=lambda p: -size[p])[:MOST_PANELS])


def _shown(result: "CrossCovariance") -> tuple[Floats, Floats, str]:
    """Correlations and by what covariances are multiplied to be such; covariances if no series has a variance."""
    if not np.isfinite(result.correlation).any():
        return result.values, np.ones(len(result.pairs)), "covariance"
    deviation = np.sqrt(np.where(result.variance > 0, result.variance, np.nan))
    return result.correlation, 1.0 / deviation[result.pairs].prod(axis=1), "correlation"


def _domain(result: "CrossCovariance", chosen: Sequence[int]) -> list[float]:
    """One range of values for all panels, so that they can be compared."""
    values, scale, _ = _shown(result)
    seen = [values[chosen], *(ends[chosen] * scale[chosen, None] for ends in (result.low, result.high))]
    finite = np.concatenate([part[np.isfinite(part)] for part in seen] + [np.zeros(1)])
    return [float(finite.min() * 1.05), float(finite.max() * 1.05)]


def _panel(alt: Any, result: "CrossCovariance", p: int, *, small: bool, domain: list[float]) -> Any:
    values, scale, what = _shown(result)
    size, name = unit(result.lags.reach_s)
    keep = thinned(result.lags.count)
    rows = [
        {
            "lag": float(result.lags.values[l] / size), "value": number(values[p, l]),
            "low": number(result.low[p, l] * scale[p]), "high": number(result.high[p, l] * scale[p]),
            "pairs": float(result.effective_pairs[p, l]),
        }
        for l in keep
    ]  # fmt: skip
    width, height = (210, 120) if small else (WIDTH, HEIGHT)
    a, b = (result.ids[d] for d in result.pairs[p])
    title = alt.TitleParams(a if a == b else f"{a} → {b}", fontSize=11 if small else 13, fontWeight="normal")
    base = alt.Chart(alt.Data(values=rows), width=width, height=height, title=title)
    x = alt.X("lag:Q", title=None, axis=alt.Axis(labels=False, ticks=False), scale=alt.Scale(nice=False))
    y = alt.Y(
        "value:Q",
        title=None if small else what,
        scale=alt.Scale(domain=domain),
        axis=alt.Axis(tickCount=4, minExtent=36),
    )
    band = base.mark_area(opacity=0.22, color=COLOURS[0]).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    line = base.mark_line(color=COLOURS[0], strokeWidth=1.6).encode(x=x, y=y, tooltip=["lag:Q", "value:Q", "pairs:Q"])
    zero = alt.Chart(alt.Data(values=[{}])).mark_rule(color=QUIET, strokeDash=[3, 3])
    marks = [zero.encode(y=alt.datum(0)), zero.encode(x=alt.datum(0)), band, line, *_peak(alt, rows, name)]
    strip = alt.Chart(alt.Data(values=rows), width=width, height=STRIP // (2 if small else 1))
    pairs = strip.mark_area(color=QUIET, opacity=0.6, line={"color": QUIET}).encode(
        x=alt.X("lag:Q", title=f"lag in {name}", scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=6)),
        y=alt.Y(
            "pairs:Q",
            title=None if small else "effective pairs",
            axis=alt.Axis(tickCount=2, minExtent=36, labelExpr="format(datum.value, '~s')"),
        ),
    )
    return alt.vconcat(alt.layer(*marks), pairs, spacing=4)


def _peak(alt: Any, rows: Sequence[dict[str, Any]], unit_name: str) -> list[Any]:
    """Mark the highest point and write its lag beside it, on the side where there is room."""
    seen = [r for r in rows if r["value"] is not None]
    if not seen:
        return []
    top = max(seen, key=lambda r: abs(r["value"]))
    right = top["lag"] > (rows[0]["lag"] + rows[-1]["lag"]) / 2
    at = alt.Chart(alt.Data(values=[{**top, "says": f"{top['value']:.2g} at {top['lag']:.3g} {unit_name}"}]))
    place = at.encode(x="lag:Q", y="value:Q", text="says:N")
    where = {"align": "right" if right else "left", "dx": -7 if right else 7, "dy": -7 if top["value"] > 0 else 9}
    return [
        place.mark_point(filled=True, color=COLOURS[1], size=36, opacity=1),
        place.mark_text(stroke="white", strokeWidth=3, **where),
        place.mark_text(color=DARK, **where),
    ]


def _peaks(alt: Any, result: "CrossCovariance") -> Any:
    """Two heat maps, D x D: the correlation with the largest size at any lag, and that lag."""
    size, name = unit(result.lags.reach_s)
    found = _shown(result)[0]
    at = result.peaks()
    cells = {}
    for p, (a, b) in enumerate(result.pairs):
        if at[p] >= 0:
            lag = float(result.lags.values[at[p]] / size)
            cells[a, b] = (number(found[p, at[p]]), lag)
            cells.setdefault((b, a), (number(found[p, at[p]]), -lag))
    ids = _most_connected(result, cells)
    rows = [
        {"a": result.ids[a], "b": result.ids[b], "peak": peak, "lag": None if a == b else lag}
        for (a, b), (peak, lag) in cells.items()
        if a in ids and b in ids
    ]
    names = [result.ids[d] for d in ids]
    some = f"; {len(names)} of {len(result.ids)} series" if len(names) < len(result.ids) else ""
    maps = [
        heat_map(alt, rows, "peak", names, title=f"largest correlation{some}", legend="correlation"),
        heat_map(alt, rows, "lag", names, title=f"its lag in {name}; > 0: the row leads", legend=name),
    ]
    return alt.hconcat(*maps, spacing=30).resolve_scale(color="independent")


def _most_connected(
    result: "CrossCovariance", cells: Mapping[tuple[int, int], tuple[float | None, float]]
) -> list[int]:
    """Choose the series with the strongest correlations if there are too many to show, in their order."""
    strength = np.zeros(len(result.ids))
    for (a, b), (peak, _) in cells.items():
        if a != b and peak is not None:
            strength[a] += peak**2
    present = sorted({int(d) for d in result.pairs.ravel()}, key=lambda d: -strength[d])
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
