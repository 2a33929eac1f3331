"""Coherence by frequency with its interval and threshold, the phase below where there is coherence, and causality."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.chart import COLOURS
from learnsys.core.errors import InputError
from learnsys.series.pictures.house import DARK, MOST_PANELS, QUIET, drawn, number, thinned
from learnsys.series.types import Floats

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.coherence import CrossSpectrum

WIDE: Final = 520
NARROW: Final = 210


def cross_spectrum_chart(result: "CrossSpectrum", kind: str | None = None) -> "alt.Chart":
    """Draw ``"coherence"`` and phase (the default), ``"partial"`` coherence, or ``"causes"``.

    Raises
    ------
    UnknownName
        If ``kind`` is none of these.
    InputError
        If the result was made without what is to be drawn.
    """
    return drawn(result, kind, {"coherence": _coherence, "partial": _partial, "causes": _causes})


def _coherence(alt: Any, result: "CrossSpectrum") -> Any:
    parts = (result.coherence, result.coherence_low, result.coherence_high, result.threshold)
    pairs = _pairs(result, result.coherence - result.threshold)
    panels = [_stack(alt, result, a, b, parts, len(pairs)) for a, b in pairs]
    said = f"squared coherence and its {100 * result.level:.4g} % interval; dashed: unrelated series stay below"
    return _grid(alt, panels, "Coherence", f"{said}. Dots: phase; > 0: the first leads")


def _partial(alt: Any, result: "CrossSpectrum") -> Any:
    parts = (result.partial, result.partial_low, result.partial_high, result.partial_threshold)
    if result.partial is None or result.partial_threshold is None:
        raise InputError("partial coherences were not asked for", value="partial", next="ask with partial=True")
    pairs = _pairs(result, result.partial - result.partial_threshold)
    panels = [_curve(alt, result, a, b, parts, len(pairs), last=True) for a, b in pairs]
    return _grid(alt, panels, "Partial coherence", "given all other series; dashed: unrelated series stay below")


def _causes(alt: Any, result: "CrossSpectrum") -> Any:
    if result.causes is None:
        raise InputError("causality was not asked for", value="causes", next='ask with causes="pairwise"')
    both = np.fmax(result.causes, np.swapaxes(result.causes, 1, 2))
    pairs = _pairs(result, both)
    top = max(
        [1e-9, *(float(np.nanmax(both[np.isfinite(result.coherence[:, a, b]), a, b], initial=0)) for a, b in pairs)]
    )
    panels = [_directions(alt, result, a, b, len(pairs), top=top) for a, b in pairs]
    said = f"{result.causes_are}: by how much one's past tells of the other, log of a ratio of variances"
    return _grid(alt, panels, "Granger causality by frequency", said)


def _pairs(result: "CrossSpectrum", strength: Floats) -> list[tuple[int, int]]:
    """Choose the pairs with most above their threshold, in their order."""
    d = len(result.ids)
    every = [(a, b) for a in range(d) for b in range(a + 1, d)]
    most = np.nan_to_num(strength, nan=-np.inf).max(axis=0)
    return sorted(sorted(every, key=lambda pair: -most[pair])[:MOST_PANELS])


def _grid(alt: Any, panels: Sequence[Any], title: str, said: str) -> Any:
    columns = 1 if len(panels) == 1 else 3
    rows = [alt.hconcat(*panels[i : i + columns], spacing=24) for i in range(0, len(panels), columns)]
    return alt.vconcat(*rows, spacing=16).properties(title=alt.TitleParams(title, subtitle=said))


def _scale(result: "CrossSpectrum") -> tuple[float, str]:
    top = float(result.frequencies_hz.max())
    return (1.0, "Hz") if top >= 1 else (1e-3, "mHz") if top >= 1e-3 else (1e-6, "µHz")


def _x(alt: Any, result: "CrossSpectrum", *, last: bool) -> Any:
    axis = alt.Axis(tickCount=5) if last else alt.Axis(labels=False, ticks=False)
    name = f"frequency, {_scale(result)[1]}" if last else None
    return alt.X("f:Q", title=name, axis=axis, scale=alt.Scale(nice=False))


def _size(count: int, high: int, low: int) -> dict[str, int]:
    return {"width": WIDE, "height": high} if count == 1 else {"width": NARROW, "height": low}


def _curve(alt: Any, result: "CrossSpectrum", a: int, b: int, parts: Sequence[Any], count: int, *, last: bool) -> Any:
    hz = _scale(result)[0]
    names = ("value", "low", "high", "threshold")
    rows: list[dict[str, float | None]] = []
    for k in thinned(result.frequencies_hz.size):
        values = {name: number(part[k, a, b]) for name, part in zip(names, parts, strict=True)}
        rows.append({"f": float(result.frequencies_hz[k] / hz), **values})
    base = alt.Chart(alt.Data(values=rows))
    x = _x(alt, result, last=last)
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=3, minExtent=30))
    band = base.mark_area(opacity=0.22, color=COLOURS[0], clip=True).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    line = base.mark_line(color=COLOURS[0], strokeWidth=1.6).encode(x=x, y=y)
    limit = base.mark_line(color=QUIET, strokeDash=[3, 3], strokeWidth=1).encode(x=x, y="threshold:Q")
    title = alt.TitleParams(f"{result.ids[a]} → {result.ids[b]}", fontSize=11, fontWeight="normal")
    return alt.layer(band, limit, line).properties(title=title, **_size(count, 200, 90))


def _stack(alt: Any, result: "CrossSpectrum", a: int, b: int, parts: Sequence[Any], count: int) -> Any:
    """Coherence above, and below the phase where the coherence is over its threshold."""
    hz = _scale(result)[0]
    sure = result.coherence[:, a, b] > result.threshold[:, a, b]
    turn = 180 / np.pi
    rows = [
        {
            "f": float(result.frequencies_hz[k] / hz), "phase": number(result.phase[k, a, b] * turn),
            "low": number(result.phase_low[k, a, b] * turn), "high": number(result.phase_high[k, a, b] * turn),
        }
        for k in thinned(result.frequencies_hz.size) if sure[k]
    ]  # fmt: skip
    base = alt.Chart(alt.Data(values=rows))
    x = _x(alt, result, last=True)
    ticks = alt.Axis(values=[-180, 0, 180], labelExpr="datum.value + '°'", minExtent=30)
    y = alt.Y("phase:Q", title="phase" if count == 1 else None, scale=alt.Scale(domain=[-180, 180]), axis=ticks)
    ends = alt.Scale(domain=[0.0, float(result.frequencies_hz.max() / hz)], nice=False)
    bars = base.mark_rule(color=COLOURS[1], opacity=0.5, clip=True).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    dots = base.mark_circle(color=COLOURS[1], size=14, opacity=1).encode(x=alt.X("f:Q", scale=ends), y=y)
    zero = alt.Chart(alt.Data(values=[{}])).mark_rule(color=QUIET, strokeDash=[3, 3]).encode(y=alt.datum(0))
    below = alt.layer(zero, bars, dots).properties(**_size(count, 90, 50))
    above = _curve(alt, result, a, b, parts, count, last=False)
    return alt.vconcat(above, below, spacing=4).resolve_scale(x="shared")


def _directions(alt: Any, result: "CrossSpectrum", a: int, b: int, count: int, *, top: float) -> Any:
    """Both directions in one panel; panels have one scale, so that they can be compared."""
    assert result.causes is not None
    hz, names = _scale(result)[0], (result.ids[a], result.ids[b])
    known = np.isfinite(result.coherence[:, a, b])
    rows = [
        {
            "f": float(result.frequencies_hz[k] / hz),
            "value": number(result.causes[k, to, by]) if known[k] else None,
            "way": way,
        }
        for way, to, by in (("first to second", b, a), ("second to first", a, b))
        for k in thinned(result.frequencies_hz.size)
    ]
    title = alt.TitleParams(f"{names[0]} and {names[1]}", fontSize=11, fontWeight="normal", color=DARK)
    colour = alt.Color(
        "way:N", title=None, legend=alt.Legend(orient="bottom"),
        scale=alt.Scale(domain=["first to second", "second to first"], range=list(COLOURS[:2])),
    )  # fmt: skip
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1.05 * top]), axis=alt.Axis(tickCount=3, minExtent=30))
    line = alt.Chart(alt.Data(values=rows), title=title).mark_line(strokeWidth=1.6)
    return line.encode(x=_x(alt, result, last=True), y=y, color=colour).properties(**_size(count, 200, 100))
