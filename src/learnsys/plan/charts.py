"""Pictures of plans: the decision with its intervals, curves predicted and probed, seconds by workers."""

from typing import TYPE_CHECKING, Any, Final

from learnsys.core.chart import altair, styled
from learnsys.core.errors import UnknownName
from learnsys.core.estimate import Estimate
from learnsys.plan.types import QUALITY, Candidate, Plan, Validation

if TYPE_CHECKING:
    import altair as alt

_WIDTH: Final = 460
_HEIGHT: Final = 280
_SEEN: Final = ("predicted", "certified", "by the final bound")


def plan_chart(plan: Plan, kind: str) -> "alt.Chart":
    """Draw ``plan`` as ``"decision"``, ``"convergence"`` or ``"throughput"``.

    Raises
    ------
    UnknownName
        If ``kind`` is none of these.
    """
    kinds = {"decision": _decision, "convergence": _convergence, "throughput": _throughput}
    if kind not in kinds:
        raise UnknownName.of("chart of a plan", kind, kinds)
    chart: alt.Chart = styled(kinds[kind](altair(), plan))
    return chart


def _decision(alt: Any, plan: Plan) -> Any:
    """Bars from low to high with the median as a point, by workers; the choice is ringed."""
    title = "seconds to the target" if plan.target else QUALITY[plan.scale.kind]
    rows = [
        {"method": c.method, "workers": c.workers, "low": e.low, "median": e.median, "high": e.high,
         "chosen": c is plan.choice, "why": c.why}
        for c in plan.candidates if (e := _answer(c)) is not None
    ]  # fmt: skip
    linear = plan.scale.kind == "loss" and plan.target is None
    scale = alt.Scale(zero=False) if linear else alt.Scale(type="log")
    y = alt.Y("low:Q", title=title, scale=scale, axis=_few(alt, "g"))
    base = alt.Chart(alt.Data(values=rows), width=_WIDTH, height=_HEIGHT, title=plan.question)
    base = base.encode(x=_workers_axis(alt), xOffset="method:N", color=alt.Color("method:N", title="method"))
    bars = base.mark_bar(size=5, opacity=0.45).encode(y=y, y2="high:Q")
    tips = ["method:N", "workers:O", "low:Q", "median:Q", "high:Q", "why:N"]
    points = base.mark_point(size=70, filled=True, opacity=1).encode(y="median:Q", tooltip=tips)
    ring = (
        base.mark_point(size=300, strokeWidth=2.5, filled=False)
        .encode(y="median:Q", color=alt.value("#1c2429"))
        .transform_filter("datum.chosen")
    )
    return bars + points + ring


def _answer(c: Candidate) -> Estimate | None:
    return c.time_s or c.quality


def _convergence(alt: Any, plan: Plan) -> Any:
    """Lines predicted for all rows, points as the probes measured them."""
    predicted: list[dict[str, Any]] = [
        {"method": c.method, "workers": c.workers, "round": i, "quality": q}
        for c in plan.candidates
        if c.probed or c is plan.choice
        for i, q in c.curve
    ]
    measured: list[dict[str, Any]] = [
        {"method": c.method, "workers": c.workers, "rows": c.rows, "round": i, "quality": plan.scale.quality(s)}
        for c in plan.probes
        for i, s in zip(c.rounds[1:], c.depth[1:], strict=True)
    ]
    y = _quality_axis(alt, plan.scale.kind)
    most = max((r["round"] for r in predicted + measured), default=1.0)
    ticks = [0, *(m * 10**k for k in range(len(str(int(most)))) for m in (1, 2, 5))]
    x = alt.X("round:Q", title="round", scale=alt.Scale(type="symlog"), axis=alt.Axis(values=ticks, format="d"))
    colour, tips = alt.Color("method:N", title="method"), ["method:N", "workers:O", "round:Q", "quality:Q"]
    dashes = alt.Legend(symbolType="stroke", symbolSize=400, symbolFillColor="transparent")
    dash = alt.StrokeDash("workers:O", title="workers (predicted)", legend=dashes)
    shape = alt.Shape("workers:O", title="workers (probed)")
    lines = alt.Chart(alt.Data(values=predicted), width=_WIDTH, height=_HEIGHT).mark_line()
    lines = lines.encode(x=x, y=y, color=colour, strokeDash=dash, tooltip=tips)
    points = alt.Chart(alt.Data(values=measured)).mark_point(opacity=0.6)
    layers = lines + points.encode(x=x, y=y, color=colour, shape=shape, tooltip=[*tips, "rows:Q"])
    if plan.target is None:
        return layers
    goal = alt.Chart(alt.Data(values=[{"target": plan.target.value}])).mark_rule(strokeDash=[2, 4], color="#4c566a")
    return layers + goal.encode(y="target:Q")


def _throughput(alt: Any, plan: Plan) -> Any:
    """Rounds per second I(p), as fitted, over the workers that were compared."""
    rows = [
        {"method": c.method, "workers": c.workers, "rounds_s": 1 / c.round_s, "probed": c.probed}
        for c in plan.candidates
    ]
    source = f"{plan.source}" + (f", network {plan.network.source}" if plan.network else "")
    base = alt.Chart(
        alt.Data(values=rows), width=_WIDTH, height=_HEIGHT, title=f"I(p) on {plan.rows:,.0f} rows: {source}"
    )
    return base.mark_line(point=True).encode(
        x=_workers_axis(alt),
        y=alt.Y("rounds_s:Q", title="rounds per second", scale=alt.Scale(type="log"), axis=_few(alt, "g")),
        color=alt.Color("method:N", title="method"),
        tooltip=["method:N", "workers:O", "rounds_s:Q", "probed:N"],
    )


def validation_chart(validation: Validation) -> "alt.Chart":
    """Draw the predicted line, what was certified after each round, and what that turned out to be."""
    chart: alt.Chart = styled(_both(altair(), validation))
    return chart


def _both(alt: Any, validation: Validation) -> Any:
    rows = [
        {"what": what, "round": i, "quality": q}
        for what, points in zip(_SEEN, (validation.predicted, validation.actual, validation.hindsight), strict=True)
        for i, q in points
        if validation.kind == "loss" or q > 0
    ]
    base = alt.Chart(alt.Data(values=rows), width=_WIDTH, height=_HEIGHT).encode(
        x=alt.X("round:Q", title="round", axis=alt.Axis(tickMinStep=1, format="d")),
        y=_quality_axis(alt, validation.kind),
        color=alt.Color("what:N", title=None, sort=_SEEN),
        tooltip=["what:N", "round:Q", "quality:Q"],
    )
    return base.mark_line() + base.mark_point(filled=True, size=60).transform_filter("datum.what != 'predicted'")


def _workers_axis(alt: Any) -> Any:
    return alt.X("workers:O", title="workers", axis=alt.Axis(labelAngle=0))


def _quality_axis(alt: Any, kind: str) -> Any:
    if kind == "loss":
        return alt.Y("quality:Q", title=QUALITY[kind], scale=alt.Scale(zero=False))
    return alt.Y("quality:Q", title=QUALITY[kind], scale=alt.Scale(type="log"), axis=_few(alt, ".0e"))


def _few(alt: Any, form: str) -> Any:
    """Label few places of a logarithmic axis."""
    return alt.Axis(tickCount=6, format=form)
