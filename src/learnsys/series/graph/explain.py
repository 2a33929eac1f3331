"""Show how queries will be computed: the graph at each phase, what is expected of each step, and what a run took."""

from collections.abc import Iterable

from learnsys.core.errors import UnknownName
from learnsys.core.units import format_duration
from learnsys.series.graph import nodes
from learnsys.series.graph.collect import grouped, last_run, settings
from learnsys.series.graph.foresee import foreseen
from learnsys.series.graph.provenance import drawn
from learnsys.series.graph.query import Asked
from learnsys.series.graph.rewrite import Stage, stages
from learnsys.series.graph.settings import Step

PHASES = ("written", "simplify", "share", "lower")


def explain(*asked: Asked, costs: bool = False, phase: str | None = None, without: Iterable[str] = ()) -> str:
    """Draw the graph of queries at each phase of the optimiser.

    Parameters
    ----------
    *asked : Asked
        What queries asked for.
    costs : bool
        Whether to list the steps with the seconds of CPU that are expected, from what the source tells of itself and
        its first rows, and that the last run of the same queries took.
    phase : {"written", "simplify", "share", "lower"}, optional
        Draw only this one.
    without : iterable of str
        Rules that are switched off.

    Raises
    ------
    UnknownName
        If there is no such phase or rule.

    Examples
    --------
    >>> from learnsys import series
    >>> q = series.scan({"a": ([0.0, 1.0, 2.0], [1.0, 2.0, 4.0])}).log().scale(2)
    >>> print(explain(q.xcov(lags=series.lags(0, 1, 1), bandwidth=1, ci=None, weights="uniform"), phase="share"))
    after share: affine-after-sums 1, sharing 1
    Batch of 1
      Shared: [0] XCov(lags=Lags(first_s=0, step_s=1, count=2), bandwidth=1, weights=uniform, ci=None) after Scale(a=2)
        Log()
          Scan(source=ArrowTable, 3 rows, narrow=True)
    """
    if phase is not None and phase not in PHASES:
        raise UnknownName.of("phase", phase, PHASES)
    off = frozenset(without)
    batch = nodes.Batch(asks=tuple(one.node for one in asked))
    plan = stages(batch, without=off)
    parts = [_stage(stage) for stage in plan if phase in (None, stage.phase or "written")]
    if costs or phase == "lower":
        run = last_run(batch)
        steps = run if run is not None else foreseen(grouped(plan[-1]), settings(off))
        parts.append(_steps(steps))
    return "\n\n".join(parts)


def _stage(stage: Stage) -> str:
    applied = ", ".join(f"{name} {count}" for name, count in stage.applied)
    head = "as written" if stage.phase is None else f"after {stage.phase}: {applied or 'nothing to do'}"
    return f"{head}\n{drawn(stage.root)}"


def _steps(steps: Iterable[Step]) -> str:
    lines = ["after lower"]
    for step in steps:
        serves = "".join(f"[{n}]" for n in step.serves)
        took = "" if step.actual_s is None else f", took {format_duration(step.actual_s)}"
        lines.append(f"  {step.what} {serves}: {step.rows:,} rows, ~{format_duration(step.estimate_s)}{took}")
    return "\n".join(lines)
