"""Was the plan right? Predicted rounds and seconds against a run that the plan had not seen."""

from collections.abc import Mapping, Sequence
from math import isfinite

from learnsys.core.errors import Incompatible, TargetNotReached
from learnsys.core.trace import DataRef, Step, Target, Trace, Value
from learnsys.core.units import format_duration
from learnsys.plan.curves import rows_of
from learnsys.plan.settings import differing, settings_of
from learnsys.plan.types import QUALITY, Candidate, Check, Plan, Validation


def validate(plan: Plan, trace: Trace) -> Validation:
    """Compare what ``plan`` predicted for the method and workers of ``trace`` with what happened.

    Parameters
    ----------
    plan : Plan
        A plan made before the run.
    trace : Trace
        A run on the rows that were planned for; to the plan's target, or at least as long as its budget. Where its
        seconds are of another kind than the plan's (a simulated cluster, another engine, other slots), rounds alone
        are compared and the result says so; within a budget that is the quality after the rounds that were predicted.

    Raises
    ------
    Incompatible
        If the trace was an input of the plan, or tells of another job, problem, data or number of rows.
    UnknownName
        If the plan has no such candidate.
    TargetNotReached
        If the run, or the candidate as predicted, does not get to the target, or not a round fits the budget.
    """
    _check_comparable(plan, trace)
    candidate = plan.candidate(trace.method, trace.workers)
    target = plan.target or Target(kind=plan.scale.kind, value=0.0)
    quality = _qualities(target, trace.steps)
    unlike = _other_clock(plan, trace)
    if plan.target is not None:
        checks = _to_target(plan.target, candidate, trace)
        checks = checks[:1] if unlike else checks
    else:
        checks = (_after_rounds if unlike else _in_budget)(plan, candidate, quality)
    return Validation(
        method=trace.method,
        workers=trace.workers,
        question=plan.question,
        checks=checks,
        kind=plan.scale.kind,
        predicted=candidate.curve,
        actual=tuple((float(s.iteration), q) for s, q in quality),
        hindsight=tuple((float(s.iteration), q) for s, q in _qualities(target, trace.in_hindsight)),
        notes=(unlike,) if unlike else (),
    )


def _other_clock(plan: Plan, trace: Trace) -> str:
    """Say why the seconds of a run cannot be held against the plan's; empty if they can."""
    planned, ran = (min(s or trace.workers, trace.workers) for s in (plan.slots, trace.slots))
    for what, a, b in (
        ("source", plan.source, trace.source), ("engine", plan.engine or trace.engine, trace.engine),
        ("workers at once", planned, ran),
    ):  # fmt: skip
        if a != b:
            return f"seconds are not compared: the plan's are for {what} {a}, the run's for {b}"
    return ""


def _qualities(target: Target, steps: Sequence[Step]) -> list[tuple[Step, float]]:
    return [(s, q) for s in steps if s.iteration > 0 and (q := target.quality(s)) is not None and isfinite(q)]


def _to_target(target: Target, candidate: Candidate, trace: Trace) -> tuple[Check, ...]:
    step = trace.first(target)
    if step is None:
        raise TargetNotReached(
            f"the run ended by {trace.ended} after {trace.rounds} rounds at {target.quality(trace.last):.3g}, "
            f"before the target {target}",
            value=target.quality(trace.last),
            next="run it to the target, without another limit",
        )
    if candidate.rounds is None or candidate.time_s is None:
        raise TargetNotReached(
            f"the plan predicts that {trace.method} on {trace.workers} never gets there ({candidate.why}), "
            f"but it did in {step.iteration} rounds",
            value=step.iteration,
            next="plan again with this trace among the others",
        )
    return (
        Check(quantity="rounds", predicted=candidate.rounds, actual=float(step.iteration)),
        Check(quantity="seconds", predicted=candidate.time_s, actual=step.wall_s),
    )


def _after_rounds(plan: Plan, candidate: Candidate, quality: Sequence[tuple[Step, float]]) -> tuple[Check, ...]:
    rounds = candidate.rounds.median if candidate.rounds else 0.0
    within = [q for s, q in quality if s.iteration <= rounds]
    if not within or candidate.quality is None or quality[-1][0].iteration < rounds:
        raise TargetNotReached(
            f"nothing to compare: {rounds:,.0f} rounds of {candidate.method} on {candidate.workers} were predicted, "
            f"and {quality[-1][0].iteration if quality else 0:,} done",
            value=rounds,
            next="run as many rounds as were predicted",
        )
    return (Check(quantity=QUALITY[plan.scale.kind], predicted=candidate.quality, actual=min(within)),)


def _in_budget(plan: Plan, candidate: Candidate, quality: Sequence[tuple[Step, float]]) -> tuple[Check, ...]:
    assert plan.budget_s is not None
    within = [(s, q) for s, q in quality if s.wall_s <= plan.budget_s]
    if not within or candidate.rounds is None or candidate.quality is None:
        raise TargetNotReached(
            f"nothing to compare: not one round of {candidate.method} on {candidate.workers} was predicted, or done, "
            f"in {format_duration(plan.budget_s)}",
            value=plan.budget_s,
            next="plan with a larger budget",
        )
    return (
        Check(quantity="rounds", predicted=candidate.rounds, actual=float(within[-1][0].iteration)),
        Check(quantity=QUALITY[plan.scale.kind], predicted=candidate.quality, actual=min(q for _, q in within)),
    )


def _check_comparable(plan: Plan, trace: Trace) -> None:
    if trace.id in {c.trace for c in plan.probes}:
        raise Incompatible(
            f"trace {trace.id} was an input of the plan, so that it cannot check it",
            value=trace.id,
            next="train again",
        )
    if f"{plan.rows:,.0f}" != f"{rows_of(trace):,.0f}":
        raise _other("rows", f"{plan.rows:,.0f}", f"{rows_of(trace):,.0f}")
    check_planned(plan, job=trace.job, data=trace.data, settings=settings_of(trace))


def check_planned(plan: Plan, *, job: str, data: DataRef, settings: Mapping[str, Value]) -> None:
    """Refuse a job that is not the one that was planned; can be asked before it is trained.

    Parameters
    ----------
    plan : Plan
        The plan.
    job, data
        Name and data of the job.
    settings
        What defines its problem, as ``settings_from`` picks it; what only one side tells of is not compared.

    Raises
    ------
    Incompatible
        Naming both sides.
    """
    for what, planned, ran in (("job", plan.job, job), ("data", plan.data.digest, data.digest)):
        if planned != ran:
            raise _other(what, planned, ran)
    if name := differing(plan.settings, settings):
        raise _other(name, plan.settings[name], settings[name])


def _other(what: str, planned: Value, ran: Value) -> Incompatible:
    return Incompatible(
        f"the plan is for {what} {planned}, but the run is on {ran}",
        value=[planned, ran],
        next="validate with a run of the job that was planned",
    )
