"""Pictures: cost against time with intervals, time by machine family, predicted against measured, the memory cliff."""

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from learnsys.core.chart import altair, styled
from learnsys.core.errors import UnknownName
from learnsys.core.units import format_duration, format_money
from learnsys.machines.predictions import FITS
from learnsys.machines.types import Explanation, Proposal, Ranking

if TYPE_CHECKING:
    import altair as alt

_WIDTH: Final = 520
_HEIGHT: Final = 340
_LIMIT: Final = "#b04a6f"
_MOST: Final = 400  # points; beyond it a picture only gets slower
_ROWS: Final = 30  # of bars
_BARRED: Final = 24  # points that all show their intervals; of more, those of the front and those measured do


def ranking_chart(ranking: Ranking, kind: str) -> "alt.Chart":
    """Draw ``ranking`` as ``"pareto"`` or ``"families"``.

    Raises
    ------
    UnknownName
        If ``kind`` is neither.
    """
    kinds = {"pareto": _pareto, "families": _families}
    if kind not in kinds:
        raise UnknownName.of("chart of a ranking", kind, kinds)
    chart: alt.Chart = styled(kinds[kind](altair(), ranking))
    return chart


def _points(ranking: Ranking) -> list[dict[str, Any]]:
    front, families = set(ranking.front), {m.key: m.family or m.key for m in ranking.rows.columns.machines}
    return [
        {
            "vm": r.machine, "vendor": r.machine.partition("/")[0], "family": families[r.machine],
            "time": r.time_s.median, "low": r.time_s.low, "high": r.time_s.high, "cost": c and c.median,
            "cost low": c and c.low, "cost high": c and c.high,
            "front": r.machine in front, "source": r.source, "fits": r.p_fits >= FITS,
        }
        for r in ranking.rows[:_MOST]
        for c in (r.cost_usd,)
    ]  # fmt: skip


def _log(alt: Any, **more: Any) -> Any:
    """Scale by factors, as tight as the points are."""
    return alt.Scale(type="log", nice=False, padding=12, **more)


def _vendors(alt: Any) -> Any:
    return alt.Color("vendor:N", title="vendor", legend=alt.Legend(symbolOpacity=1, symbolType="circle"))


def _title(alt: Any, ranking: Ranking, said: str) -> Any:
    return alt.TitleParams(ranking.title, subtitle=f"{said}, {100 * ranking.level:.4g} % intervals")


def _pareto(alt: Any, ranking: Ranking) -> Any:
    """Scatter of cost by time, both with their interval; the front joined by a line. Without prices, vCPUs by time."""
    points = [p for p in _points(ranking) if p["cost"] is not None]
    if not points:
        return _families(alt, ranking)
    said = _title(alt, ranking, f"dashed: no machine is both faster and cheaper{_hollow(points)}")
    base = alt.Chart(alt.Data(values=points), width=_WIDTH, height=_HEIGHT, title=said)
    x = alt.X("time:Q", title="seconds of a run", scale=_log(alt))
    y = alt.Y("cost:Q", title="US dollars of a run", scale=_log(alt))
    colour = _vendors(alt)
    tips = ["vm:N", "time:Q", "low:Q", "high:Q", "cost:Q", "source:N"]
    bars = base
    if len(points) > _BARRED:
        bars = base.transform_filter("datum.front || datum.source == 'measured'")
    across = bars.mark_rule(opacity=0.25).encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=colour)
    up = bars.mark_rule(opacity=0.25).encode(x=x, y="cost low:Q", y2="cost high:Q", color=colour)
    size = 55 if len(points) <= _BARRED else 25
    dots = [mark.encode(x=x, y=y, color=colour, tooltip=tips) for mark in _dots(base, size)]
    front = base.transform_filter("datum.front").mark_line(color="#1c2429", strokeDash=[4, 3]).encode(x=x, y=y)
    drawn = alt.layer(across, up, *dots, front, *_ends(alt, ranking, points, x, y))
    if ranking.deadline_s is None:
        return drawn
    limit = alt.Chart(alt.Data(values=[{"deadline": ranking.deadline_s, "says": "deadline"}]))
    line = limit.mark_rule(color=_LIMIT).encode(x="deadline:Q")
    word = limit.mark_text(color=_LIMIT, align="right", dx=-4, dy=8).encode(
        x="deadline:Q", y=alt.value(0), text="says:N"
    )
    return alt.layer(*drawn.layer, line, word)


def _ends(alt: Any, ranking: Ranking, points: list[dict[str, Any]], x: Any, y: Any) -> list[Any]:
    """Name the fastest and the cheapest of the front, on the side where it does not go on, on white."""
    marks = []
    ends = {ranking.front[-1]: 13, ranking.front[0]: -11} if ranking.front else {}
    for key, dy in ends.items():
        at = alt.Chart(alt.Data(values=[p for p in points if p["vm"] == key])).encode(x=x, y=y, text="vm:N")
        where = {"align": "left", "dx": 5, "dy": dy}
        marks += [at.mark_text(stroke="white", strokeWidth=3, **where), at.mark_text(color="#1c2429", **where)]
    return marks


def _families(alt: Any, ranking: Ranking) -> Any:
    """Bars from low to high with the median as a point, a row a machine family, or a machine if all are of one.

    Of many families the fastest are drawn.
    """
    points = sorted(_points(ranking), key=lambda p: p["time"])
    of = "family" if len({p["family"] for p in points}) > 1 else "vm"
    rows = list(dict.fromkeys(p[of] for p in points))
    what = {"family": "machine families", "vm": "machines"}[of]
    many = f"the {_ROWS} fastest of {len(rows)} {what}" if len(rows) > _ROWS else f"{what}, the fastest first"
    kept = set(rows[:_ROWS])
    base = alt.Chart(
        alt.Data(values=[p for p in points if p[of] in kept]), width=_WIDTH,
        title=_title(alt, ranking, many + _hollow(points)),
    )  # fmt: skip
    y = alt.Y(f"{of}:N", title=None, sort=rows)
    x = alt.X("low:Q", title="seconds of a run", scale=_log(alt))
    colour = _vendors(alt)
    bars = base.mark_bar(height=5, opacity=0.35).encode(x=x, x2="high:Q", y=y, color=colour)
    tips = ["vm:N", "time:Q", "low:Q", "high:Q"]
    return alt.layer(bars, *(dots.encode(x="time:Q", y=y, color=colour, tooltip=tips) for dots in _dots(base, 45)))


def _dots(base: Any, size: int) -> list[Any]:
    """Full where the job fits, hollow where it does not."""
    return [
        base.transform_filter("datum.fits").mark_point(filled=True, size=size, opacity=0.9),
        base.transform_filter("!datum.fits").mark_point(size=size, opacity=0.9),
    ]


def _hollow(points: list[dict[str, Any]]) -> str:
    return "" if all(p["fits"] for p in points) else "; hollow: its memory is too small"


def proposal_chart(proposal: Proposal) -> "alt.Chart":
    """Draw the regret that each candidate would leave, and what its run costs, the most worth first."""
    draw = altair()
    rows = [
        {
            "vm": t.machine, "regret": t.regret_after,
            "cost": format_duration(t.time_s) + ("" if t.usd is None else f", {format_money(t.usd)}"),
        }
        for t in proposal.trials
    ]  # fmt: skip
    base = draw.Chart(draw.Data(values=rows), width=_WIDTH, title=proposal.why)
    x = draw.X("regret:Q", title="expected regret after measuring it", axis=draw.Axis(format=".2~%"))
    y = draw.Y("vm:N", title=None, sort=[row["vm"] for row in rows])
    bars = base.mark_bar(height=12, opacity=0.6).encode(x=x, y=y, tooltip=["vm:N", "cost:N", "regret:Q"])
    costs = base.mark_text(align="left", dx=5).encode(x=draw.value(0), y=y, text="cost:N")
    now = draw.Chart(draw.Data(values=[{"now": proposal.regret, "says": "now"}]))
    line = now.mark_rule(strokeDash=[4, 3], color=_LIMIT).encode(x="now:Q")
    word = now.mark_text(color=_LIMIT, align="left", dx=4, dy=-6).encode(x="now:Q", y=draw.value(0), text="says:N")
    chart: alt.Chart = styled(bars + costs + line + word)
    return chart


def explanation_chart(explanation: Explanation, kind: str) -> "alt.Chart":
    """Draw ``explanation`` as ``"memory"``, ``"predicted"`` or ``"families"``.

    Raises
    ------
    UnknownName
        If ``kind`` is none of these.
    """
    kinds = {"memory": _cliff, "predicted": _predicted, "families": _errors}
    if kind not in kinds:
        raise UnknownName.of("chart of an explanation", kind, kinds)
    chart: alt.Chart = styled(kinds[kind](altair(), explanation))
    return chart


def _cliff(alt: Any, explanation: Explanation) -> Any:
    """Line of the probability that a job fits by the memory of the machine."""
    rows = [{"memory": memory / 2**30, "fits": p} for memory, p in explanation.memory]
    base = alt.Chart(alt.Data(values=rows), width=_WIDTH, height=_HEIGHT, title=f"{explanation.name}: does it fit?")
    x = alt.X("memory:Q", title="GiB of memory", scale=_log(alt))
    y = alt.Y("fits:Q", title="probability that it fits", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    return base.mark_line().encode(x=x, y=y)


def _held_out(explanation: Explanation) -> list[dict[str, Any]]:
    return [
        {
            "workload": h.workload, "vm": h.machine, "vendor": h.machine.partition("/")[0], "family": h.family,
            "measured": h.measured_s, "predicted": h.predicted_s, "ratio": h.predicted_s / h.measured_s,
        }
        for h in explanation.held_out
    ]  # fmt: skip


def _predicted(alt: Any, explanation: Explanation) -> Any:
    """Scatter of predicted by measured seconds of known workloads left out, with the line of equality."""
    rows = _held_out(explanation)
    seconds = [row[of] for row in rows for of in ("measured", "predicted")] or [1.0, 10.0]
    ends = [min(seconds), max(seconds)]
    said = alt.TitleParams("Known workloads, each predicted while left out", subtitle=_references(explanation))
    scale = _log(alt, domain=ends)
    dots = alt.Chart(alt.Data(values=rows), width=_HEIGHT, height=_HEIGHT, title=said)
    dots = dots.mark_point(filled=True, size=25, opacity=0.5).encode(
        x=alt.X("measured:Q", title="measured seconds", scale=scale),
        y=alt.Y("predicted:Q", title="predicted seconds", scale=scale),
        color=_vendors(alt),
        tooltip=["workload:N", "vm:N", "measured:Q", "predicted:Q"],
    )
    line = alt.Chart(alt.Data(values=[{"at": e} for e in ends])).mark_line(color="#4c566a", strokeDash=[4, 3])
    return dots + line.encode(x="at:Q", y="at:Q")


def _errors(alt: Any, explanation: Explanation) -> Any:
    """Boxes of predicted over measured, a row a machine family, or a machine if all are of one; those most measured."""
    points = _held_out(explanation)
    of = "family" if len({p["family"] for p in points}) > 1 else "vm"
    count = Counter(p[of] for p in points)
    rows = [name for name, _ in count.most_common(_ROWS)]
    what = {"family": "machine family", "vm": "machine"}[of]
    some = f"; the {_ROWS} most measured of {len(count)}" if len(count) > _ROWS else ""
    said = alt.TitleParams(f"Errors on known workloads left out, by {what}", subtitle=_references(explanation) + some)
    kept = [p for p in points if p[of] in rows]
    base = alt.Chart(alt.Data(values=kept), width=_WIDTH, title=said)
    boxes = base.mark_boxplot(size=10, extent=1.5, outliers={"size": 12}).encode(
        x=alt.X("ratio:Q", title="predicted over measured seconds", scale=_log(alt)), y=alt.Y(f"{of}:N", title=None)
    )
    right = alt.Chart(alt.Data(values=[{"ratio": 1.0}])).mark_rule(strokeDash=[4, 3], color="#4c566a")
    return boxes + right.encode(x="ratio:Q")


def _references(explanation: Explanation) -> str:
    return f"measured on the references of {explanation.name}"
