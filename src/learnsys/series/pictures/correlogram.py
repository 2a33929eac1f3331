"""Correlograms: correlation by lag with its interval, and below how many pairs of samples stand behind each lag."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.chart import COLOURS
from learnsys.series.pictures.heat import pair_maps
from learnsys.series.pictures.house import DARK, HEIGHT, MOST_PANELS, QUIET, WIDTH, drawn, number, thinned, unit
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.covariance import CrossCovariance

STRIP: Final = 56


def cross_covariance_chart(result: "CrossCovariance", kind: str | None = None) -> "alt.Chart":
    """Draw covariances as ``"correlogram"`` (the default) or ``"peaks"``.

    Raises
    ------
    UnknownName
        If ``kind`` is neither.
    """
    return drawn(result, kind, {"correlogram": _correlogram, "peaks": _peaks})


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
    """Heat maps of the correlation with the largest size at any lag, and of that lag."""
    found, at = _shown(result)[0], result.peaks()
    cells = {
        (int(a), int(b)): (number(found[p, at[p]]), float(result.lags.values[at[p]]))
        for p, (a, b) in enumerate(result.pairs)
        if at[p] >= 0
    }
    return pair_maps(alt, cells, result.ids, result.lags.reach_s)
