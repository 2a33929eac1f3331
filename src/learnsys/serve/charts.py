"""Pictures of a load test."""

from typing import Any

from learnsys.core.chart import COLOURS, altair, styled
from learnsys.core.errors import UnknownName
from learnsys.serve.types import LoadReport

KINDS = ("latency", "timeline")
_MS = 1000.0


def draw(report: LoadReport, kind: str) -> Any:
    """Draw ``report`` as one of ``KINDS``.

    Raises
    ------
    UnknownName
        If there is no such picture.
    """
    if kind not in KINDS:
        raise UnknownName.of("chart", kind, KINDS)
    return latency(report) if kind == "latency" else timeline(report)


def latency(report: LoadReport) -> Any:
    """Histogram of latency in log bins, with the SLO and the percentiles."""
    alt = altair()
    bins = [{"low": b.low_s * _MS, "high": b.high_s * _MS, "requests": b.count} for b in report.bins]
    axis = alt.X("low:Q", title="latency from due to answered (ms)", scale=alt.Scale(type="log", nice=False))
    bars = (
        alt.Chart(alt.Data(values=bins))
        .mark_bar(color=COLOURS[0], binSpacing=1)
        .encode(
            x=axis,
            x2="high:Q",
            y=alt.Y("requests:Q", title="requests"),
            y2=alt.value("height"),
            tooltip=["low:Q", "high:Q", "requests:Q"],
        )
    )
    marks = [{"at": report.slo_s * _MS, "what": f"SLO {report.slo_s * _MS:g} ms"}]
    if (p := report.answered) is not None:
        named = {"p50": p.p50_s, "p99": p.p99_s, "p99.9": p.p999_s}
        marks += [{"at": s * _MS, "what": f"{name} {s * _MS:.2f} ms"} for name, s in named.items()]
    lines = alt.Chart(alt.Data(values=marks))
    colour = alt.condition("indexof(datum.what, 'SLO') == 0", alt.value(COLOURS[1]), alt.value("#4c566a"))
    rules = lines.mark_rule(strokeDash=[4, 3]).encode(x="at:Q", color=colour)
    text = {"angle": 270, "align": "right", "dx": -4, "dy": -7, "fontSize": 11}
    place = {"x": "at:Q", "y": alt.value(0), "text": "what:N"}
    halo = lines.mark_text(stroke="white", strokeWidth=4, **text).encode(**place)
    labels = lines.mark_text(**text).encode(color=colour, **place)
    return styled(alt.layer(bars, rules, halo, labels).properties(width=560, height=260, title=_title(report)))


def timeline(report: LoadReport) -> Any:
    """Requests due and answered within the SLO, and latency, over the test."""
    alt = altair()
    rates = [
        {"at": s.start_s, "what": what, "rate": count / s.width_s}
        for s in report.timeline
        for what, count in (("due", s.due), ("answered within the SLO", s.within))
    ]
    delays = [
        {"at": s.start_s, "what": what, "ms": seconds * _MS}
        for s in report.timeline
        for what, seconds in (("p50", s.p50_s), ("p99", s.p99_s))
        if seconds is not None
    ]
    time = alt.X("at:Q", title="seconds since the start")
    colour = alt.Color("what:N", title=None)
    top = (
        alt.Chart(alt.Data(values=rates))
        .mark_line(interpolate="step-after")
        .encode(x=time, y=alt.Y("rate:Q", title="requests a second"), color=colour)
        .properties(width=560, height=130, title=_title(report))
    )
    lines = alt.Chart(alt.Data(values=delays)).mark_line(point=True)
    slo = alt.Chart(alt.Data(values=[{"ms": report.slo_s * _MS}])).mark_rule(strokeDash=[4, 3], color=COLOURS[1])
    bottom = alt.layer(
        lines.encode(x=time, y=alt.Y("ms:Q", title="latency (ms)", scale=alt.Scale(type="log")), color=colour),
        slo.encode(y="ms:Q"),
    ).properties(width=560, height=160)
    return styled(alt.vconcat(top, bottom).resolve_scale(color="independent"))


def _title(report: LoadReport) -> Any:
    return altair().TitleParams(
        f"{report.within / report.requests:.1%} of {report.requests:,} requests answered within "
        f"{report.slo_s * _MS:g} ms",
        subtitle=f"{report.model}, {report.rate:g} requests a second, open loop",
    )
