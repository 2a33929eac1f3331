"""Pictures of spot capacity: a timeline a policy, availability by zone, costs by policy."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.chart import altair, styled
from learnsys.machines.spot.outlook import SpotAdvice
from learnsys.machines.spot.types import ON_DEMAND_NAME, Pool, SpotRun

if TYPE_CHECKING:
    import altair as alt

_WIDTH: Final = 560
_LIMIT: Final = "#b04a6f"
_STATES: Final = ("none", "up", "unknown")


def timeline_chart(runs: Sequence[SpotRun]) -> "alt.Chart":
    """Draw, for each policy, where it ran (bars) and work left (line), with the straight line to the deadline."""
    vega = altair()
    places = sorted({s.place for run in runs for s in run.segments if s.place and s.place != ON_DEMAND_NAME})
    panels = [_timeline(vega, run, places, first=run is runs[0], last=run is runs[-1]) for run in runs]
    chart: alt.Chart = styled(vega.vconcat(*panels, spacing=4).resolve_scale(color="shared"))
    return chart


def _timeline(alt: Any, run: SpotRun, places: Sequence[str], *, first: bool, last: bool) -> Any:
    job, hour = run.job, 3600.0
    bars = [
        {"from": s.start_s / hour, "to": s.end_s / hour, "doing": s.doing if s.doing != "wait" else "",
         "place": s.place, "usd": s.usd, "base": 0, "top": job.work_s / hour}
        for s in run.segments if s.place
    ]  # fmt: skip
    left = [
        {"h": 0.0, "left": job.work_s / hour},
        *({"h": s.end_s / hour, "left": s.left_s / hour} for s in run.segments),
    ]
    line = [{"h": 0.0, "left": job.work_s / hour}, {"h": job.deadline_s / hour, "left": 0.0}]
    x = alt.X("from:Q", title="hours since the start" if last else None, axis=alt.Axis(labels=last),
              scale=alt.Scale(domain=[0, job.deadline_s / hour], nice=False))  # fmt: skip
    title = f"{run.policy}: ${run.cost_usd:.2f}, {100 * run.saving:.0f} % saved, {run.preemptions} preemptions"
    base = alt.Chart(alt.Data(values=bars), width=_WIDTH, height=90, title=alt.Title(title, fontSize=12))
    colour = alt.Color("place:N", title=None, sort=[*places, ON_DEMAND_NAME])
    tips = ["place:N", "doing:N", "from:Q", "to:Q", "usd:Q"]
    y = alt.Y("base:Q", title="work left [h]")
    where = base.mark_bar(opacity=0.5).encode(x=x, x2="to:Q", y=y, y2="top:Q", color=colour, tooltip=tips)
    progress = alt.Chart(alt.Data(values=left)).mark_line(color="#1c2429", strokeWidth=1.5)
    steady = alt.Chart(alt.Data(values=line)).mark_line(color="#4c566a", strokeDash=[3, 4], strokeWidth=1)
    end = alt.Chart(alt.Data(values=[{**line[1], "says": "deadline"}])).encode(x="h:Q")
    drawn = where + progress.encode(x="h:Q", y="left:Q") + steady.encode(x="h:Q", y="left:Q")
    drawn += end.mark_rule(color=_LIMIT, strokeWidth=2)
    if first:
        drawn += end.mark_text(color=_LIMIT, align="right", dx=-4, dy=8).encode(y=alt.value(0), text="says:N")
    return drawn


def availability_chart(pools: Sequence[Pool]) -> "alt.Chart":
    """Draw when each pool had the capacity asked for, a row a pool."""
    chart: alt.Chart = styled(_availability(altair(), pools))
    return chart


def _availability(alt: Any, pools: Sequence[Pool]) -> Any:
    rows = []
    for pool in pools:
        ends = np.append(pool.times_s[1:], pool.end_s)
        for t, end, n in zip(pool.times_s, ends, pool.available, strict=True):
            state = "unknown" if np.isnan(n) else "up" if n >= pool.nodes else "none"
            rows.append({"pool": pool.name, "from": _moment(t), "to": _moment(end), "capacity": state})
    scale = alt.Scale(domain=list(_STATES), range=["#f3e3dc", "#1f6f8b", "#c9ced3"])
    return (
        alt.Chart(alt.Data(values=rows), width=_WIDTH, height=alt.Step(20))
        .mark_bar()
        .encode(x=alt.X("from:T", title="UTC", scale=alt.Scale(type="utc")), x2="to:T", y=alt.Y("pool:N", title=None),
                color=alt.Color("capacity:N", scale=scale), tooltip=["pool:N", "from:T", "to:T", "capacity:N"])
    )  # fmt: skip


def advice_chart(advice: SpotAdvice) -> "alt.Chart":
    """Draw the mean cost of each policy on windows of the past, with the central 90 %."""
    chart: alt.Chart = styled(_costs(altair(), advice))
    return chart


def _costs(alt: Any, advice: SpotAdvice) -> Any:
    rows = [
        {"policy": p.policy, "mean": p.cost_usd.mean, "low": p.cost_usd.low, "high": p.cost_usd.high}
        for p in advice.policies
    ]
    title = f"recommended: {advice.recommended} (simulated on the past)"
    base = alt.Chart(alt.Data(values=rows), width=_WIDTH, height=alt.Step(28), title=title)
    base = base.encode(y=alt.Y("policy:N", title=None, sort=[r["policy"] for r in rows]))
    bars = base.mark_bar(size=6, opacity=0.45).encode(x=alt.X("low:Q", title="dollars"), x2="high:Q")
    points = base.mark_point(size=80, filled=True, opacity=1).encode(x="mean:Q", tooltip=["policy:N", "mean:Q"])
    return bars + points


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(float(seconds), UTC).isoformat()
