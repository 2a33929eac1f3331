"""Spectra: power by frequency or period, its interval, and the largest peaks with their periods."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.chart import COLOURS
from learnsys.core.units import format_duration
from learnsys.series.pictures.house import DARK, HEIGHT, MOST_POINTS, WIDTH, drawn, number, unit

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.spectrum import Spectrum

MOST_SERIES: Final = 6
NAMED: Final = 3  # peaks with their period written
LABEL: Final = 0.09  # of the width, of the label of a peak
_DECADES: Final = 4  # of power below its largest value


def spectrum_chart(result: "Spectrum", kind: str | None = None) -> "alt.Chart":
    """Draw power by ``"frequency"`` (the default) or by ``"period"``.

    Raises
    ------
    UnknownName
        If ``kind`` is neither.
    """
    return drawn(result, kind, {"frequency": _frequency, "period": _period})


def _frequency(alt: Any, result: "Spectrum") -> Any:
    return _panels(alt, result, by_period=False)


def _period(alt: Any, result: "Spectrum") -> Any:
    return _panels(alt, result, by_period=True)


def _panels(alt: Any, result: "Spectrum", *, by_period: bool) -> Any:
    shown = [d for d in range(len(result.ids)) if np.isfinite(result.power[d]).any()][:MOST_SERIES]
    height = HEIGHT if len(shown) == 1 else 110
    panels = [_panel(alt, result, d, by_period, height, last=d == shown[-1]) for d in shown]
    some = f"; {len(shown)} of {len(result.ids)} series" if len(shown) < len(result.ids) else ""
    told = "density per Hz" if result.normalization == "density" else "share of the variance"
    band = f"; band: {100 * result.level:.4g} % intervals" if np.isfinite(result.low).any() else ""
    return alt.vconcat(*panels, spacing=10).properties(
        title=alt.TitleParams("Power spectrum", subtitle=f"{told}{band}{some}")
    )


def _panel(alt: Any, result: "Spectrum", d: int, by_period: bool, height: int, *, last: bool) -> Any:
    f, power = result.frequencies_hz, result.power[d]
    density = result.normalization == "density"
    least = np.nanmax(power) * 10.0**-_DECADES if density else 0.0
    size, name = unit(1 / f[f > 0].max() * 4)
    hz, hz_name = (1.0, "Hz") if f.max() >= 1 else (1e-3, "mHz") if f.max() >= 1e-3 else (1e-6, "µHz")
    keep = np.flatnonzero(f > 0)
    at = np.union1d(_spread(keep), np.intersect1d(result.peaks(d), keep))
    place = 1 / f[at] / size if by_period else f[at] / hz
    rows = [
        {
            "x": float(x),
            "power": number(power[i]) if power[i] > least or not density else None,
            "low": number(max(result.low[d, i], least)),
            "high": number(max(result.high[d, i], least)),
        }
        for x, i in zip(place, at, strict=True)
    ]
    axis = f"period, {name}" if by_period else f"frequency, {hz_name}"
    scale = alt.Scale(type="log" if by_period or _wide(f[keep]) else "linear", nice=False)
    x = alt.X("x:Q", title=axis if last else None, scale=scale)
    top = float(np.nanmax([power.max(), *result.high[d]])) if density else None
    scale_y = alt.Scale(type="log", domain=[least, top], nice=False, clamp=True) if density else alt.Scale()
    y = alt.Y(
        "power:Q",
        title=None,
        scale=scale_y,
        axis=alt.Axis(tickCount=4, format="~g", minExtent=44),
    )
    base = alt.Chart(alt.Data(values=rows))
    band = base.mark_area(opacity=0.22, color=COLOURS[0]).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    line = base.mark_line(color=COLOURS[0], strokeWidth=1.4).encode(x=x, y=y, tooltip=["x:Q", "power:Q"])
    tops = [
        {
            "x": float(1 / f[i] / size if by_period else f[i] / hz),
            "power": number(power[i]),
            "says": format_duration(float(1 / f[i])),
        }
        for i in result.peaks(d, NAMED)
        if i in keep
    ]
    tops = _apart(tops, (float(place.min()), float(place.max())), log=by_period or _wide(f[keep]))
    marks = alt.Chart(alt.Data(values=tops)).encode(x="x:Q", y="power:Q", text="says:N")
    where = {"align": "left", "dx": 5, "dy": -6}
    title = alt.TitleParams(result.ids[d], fontSize=12, fontWeight="normal")
    return alt.layer(
        *([band] if np.isfinite(result.low[d]).any() else []), line,
        marks.mark_point(filled=True, size=30, color=COLOURS[1], opacity=1),
        marks.mark_text(stroke="white", strokeWidth=3, **where), marks.mark_text(color=DARK, **where),
    ).properties(width=WIDTH, height=height, title=title)  # fmt: skip


def _apart(tops: list[dict[str, Any]], ends: tuple[float, float], *, log: bool) -> list[dict[str, Any]]:
    """Leave out peaks, the largest being first, whose labels would cover those of larger ones."""
    chosen: list[dict[str, Any]] = []
    scale = np.log if log else float
    for top in tops:
        share = [abs(scale(top["x"]) - scale(c["x"])) / abs(scale(ends[1]) - scale(ends[0])) for c in chosen]
        if not any(s < LABEL for s in share):
            chosen.append(top)
    return chosen


def _spread(keep: Any) -> Any:
    """Thin the places, evenly in the logarithm of the frequency where there are many."""
    if len(keep) <= MOST_POINTS:
        return keep
    steps = np.unique(np.geomspace(1, len(keep), MOST_POINTS).round().astype(np.int64)) - 1
    even = np.linspace(0, len(keep) - 1, MOST_POINTS).astype(np.int64)
    return keep[np.union1d(steps, even)]


def _wide(f: Any) -> bool:
    return bool(f.size and f.max() > 300 * f.min())
