"""Draw runs: how the gap (or the loss) falls by round or by seconds."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from learnsys.core.chart import altair, styled
from learnsys.core.errors import InputError
from learnsys.core.trace import Step, Trace

if TYPE_CHECKING:
    import altair as alt


def trace_chart(traces: Sequence[Trace], *, by: Literal["round", "seconds"] = "round") -> "alt.Chart":
    """Draw one line a run: a colour for each method, a dash for each number of workers.

    The height is the relative gap to the best bound of the run, on a logarithmic scale; if a run has no bound, it is
    the loss of all of them.
    A point without a place on the scale (a gap of 0 on a logarithm, a loss that is infinite) is left out.

    Parameters
    ----------
    traces : sequence of Trace
        At least one.
    by : {"round", "seconds"}
        What goes to the right: rounds, or seconds of training.

    Raises
    ------
    InputError
        If there is no trace.
    """
    if not traces:
        raise InputError("there is no trace to draw", next="give at least one")
    has_gap = all(step.rel is not None for trace in traces for step in trace.steps)
    alt = altair()
    rows = [_row(run, trace, step, by, has_gap) for run, trace in enumerate(traces) for step in trace.in_hindsight]
    rows = [row for row in rows if isfinite(row["height"]) and (row["height"] > 0 or not has_gap)]
    title = "relative gap" if has_gap else "loss"
    lines = alt.Chart(alt.Data(values=rows), width=460, height=280).mark_line(point=len(rows) < 60)
    dashes = alt.Legend(symbolType="stroke", symbolSize=400, symbolFillColor="transparent")
    return styled(
        lines.encode(
            x=alt.X("at:Q", title="round", axis=alt.Axis(tickMinStep=1, format="d"))
            if by == "round"
            else alt.X("at:Q", title="seconds of training"),
            y=alt.Y("height:Q", title=title, scale=alt.Scale(type="log") if has_gap else alt.Scale(zero=False)),
            color=alt.Color("method:N", title="method"),
            strokeDash=alt.StrokeDash("workers:O", title="workers", legend=dashes),
            detail="run:N",
            tooltip=["method:N", "workers:O", "round:Q", "seconds:Q", "loss:Q", alt.Tooltip("height:Q", title=title)],
        )
    )


def _row(run: int, trace: Trace, step: Step, by: str, has_gap: bool) -> dict[str, Any]:
    return {
        "run": run,
        "method": trace.method,
        "workers": trace.workers,
        "round": step.iteration,
        "seconds": step.wall_s,
        "loss": step.loss,
        "at": step.iteration if by == "round" else step.wall_s,
        "height": step.rel if has_gap else step.loss,
    }
