"""Hemingway's two questions: what reaches a target soonest, and what gets furthest within a budget.

loss(t, p) = L(t I(p), p): the curve by rounds (Forecast), run by a clock of seconds (Clock).
"""

from collections.abc import Iterable, Sequence
from time import perf_counter, process_time
from typing import Final

import numpy as np
from msgspec.structs import replace

from learnsys.core.errors import InputError, TooFewPoints
from learnsys.core.trace import Network, Target, Trace
from learnsys.core.units import format_duration, parse_duration
from learnsys.plan.candidate import Question, assess
from learnsys.plan.clock import Clock
from learnsys.plan.curves import Curve, check_one_job, rows_of, scale_of
from learnsys.plan.forecast import Forecast
from learnsys.plan.network import parse_network
from learnsys.plan.settings import settings_of
from learnsys.plan.types import Candidate, MethodFit, Plan, PlanningCost
from learnsys.plan.workers import parse_workers

# A candidate with more workers is preferred only if it is better by more than this factor.
WORTH: Final = 1.1


def choose(
    traces: Iterable[Trace],
    *,
    target: Target | str | float | None = None,
    budget: str | float | None = None,
    workers: str | int | Iterable[int] | None = None,
    slots: int | None = None,
    network: Network | str | None = None,
    rows: float | None = None,
    planning: PlanningCost | None = None,
    level: float = 0.9,
) -> Plan:
    """Choose method and workers from short probes of one job.

    Parameters
    ----------
    traces : iterable of Trace
        Probes: one job on one data set, several methods and worker counts, on all rows or samples of them.
    target : Target or str or float, optional
        Quality to reach soonest: ``1e-4`` is a relative gap; ``"gap=1e-6"``, ``"loss=0.42"``.
    budget : str or float, optional
        Seconds of training in which to get as far as possible. Exactly one of target and budget.
    workers : str or int or iterable of int, optional
        Worker counts to compare, ``"1-64"`` or ``"1,2,4"``; those that were probed if not given.
    slots : int, optional
        Workers that run at once; as in the traces if neither this nor a network is given, else all of them.
    network : Network or str, optional
        Predict for a cluster with this network (``"10gbps"``, ``"50us,10gbps"``), from seconds per partition.
    rows : float, optional
        Rows to predict for; all of the data set if not given.
    planning : PlanningCost, optional
        What the probes cost; what this fit costs is added.
    level : float
        Probability of the intervals.

    Returns
    -------
    Plan
        All candidates, the choice first; more workers come first only if they are predicted to be better.

    Raises
    ------
    InputError
        If not exactly one of target and budget is given, or a value is out of range.
    TooFewPoints
        If there are no traces, or only one worker count was probed and others are asked for.
    Incompatible
        If the traces tell of different jobs, data or clocks, or the target does not fit them.

    References
    ----------
    Pan, Venkataraman, Tai and Gonzalez, "Hemingway: Modeling Distributed Optimization Algorithms", 2017.
    """
    import sklearn.linear_model  # noqa: F401  (the clock below is for planning, not for loading a library)

    began = perf_counter(), process_time()
    traces = list(traces)
    goal, budget_s = _goal(target, budget)
    if not 0 < level < 1:
        raise InputError(f"level is {level}, but must lie between 0 and 1", value=level, next="write 0.9")
    check_one_job(traces)
    counts = _counts(traces, workers)
    most = rows or traces[0].data.n or np.inf  # a worker needs a row
    for name, value in (("slots", slots), ("rows", rows)):
        if value is not None and not 1 <= value < np.inf:
            raise InputError.below(name, value, 1)
    if counts[0] > most:
        raise InputError(
            f"{counts[0]} workers are more than the {most:,.0f} rows", value=counts[0], next="ask for fewer workers"
        )
    n = float(rows or max(traces[0].data.n, 1))
    # Within a budget the certified gap tells how far one gets; where nothing certifies, the loss has to.
    certified = all(t.last.lower is not None for t in traces)
    measure = goal or Target(kind="rel" if certified else "loss", value=np.inf)
    question = Question(target=goal, budget_s=budget_s, scale=scale_of(traces, measure, n), rows=n, level=level)
    curves = tuple(Curve.of(t, question.scale, measure) for t in traces)
    wire = parse_network(network) if network is not None else None
    here = max(t.slots for t in traces)
    simulated = wire is not None or (slots or 1) > here
    candidates: list[Candidate] = []
    fits: list[MethodFit] = []
    for method in dict.fromkeys(t.method for t in traces):
        own = [t for t in traces if t.method == method]
        clock = Clock.cluster(own, slots=slots, network=wire) if simulated else Clock.measured(own, slots=slots or here)
        forecast = Forecast([c for c in curves if c.method == method], n)
        fits.append(
            MethodFit(method=method, model=forecast.model, errors=forecast.errors, gamma=forecast.gamma, clock=clock)
        )
        candidates += [assess(question, method, p, forecast, clock) for p in counts if p <= most]
    if planning is not None:
        planning = planning.more(perf_counter() - began[0], process_time() - began[1])
    return Plan(
        question=f"soonest to {goal}" if goal else f"furthest in {format_duration(budget_s or 0.0)}",
        target=goal, budget_s=budget_s, job=traces[0].job, data=replace(traces[0].data, share=1.0), rows=n, level=level,
        source=fits[0].clock.source, slots=fits[0].clock.slots, network=wire, scale=question.scale,
        candidates=tuple(_ranked(candidates, question)), fits=tuple(fits), probes=curves,
        planning=planning, warnings=tuple(_warnings(traces, counts, n)),
        settings={name: value for t in traces for name, value in settings_of(t).items()},
        engine=None if simulated else traces[0].engine,
    )  # fmt: skip


def _goal(target: Target | str | float | None, budget: str | float | None) -> tuple[Target | None, float | None]:
    if (target is None) == (budget is None):
        raise InputError(
            "give a target or a budget" + ("" if target is None else ", not both"),
            value=None if target is None else [str(target), budget],
            next="--target 1e-4 or --budget 10m",
        )
    if budget is None:
        return Target.parse(target if target is not None else ""), None
    seconds = parse_duration(budget)
    if seconds <= 0:
        raise InputError(f"budget {budget} leaves no time", value=budget, next="write for example 10s")
    return None, seconds


def _counts(traces: Sequence[Trace], workers: str | int | Iterable[int] | None) -> tuple[int, ...]:
    """Worker counts to compare; refuse others than the only one that was probed."""
    seen = sorted({t.workers for t in traces})
    counts = parse_workers(seen if workers is None else workers)
    if len(seen) == 1 and counts != tuple(seen):
        raise TooFewPoints.workers(seen[0])
    return counts


def _ranked(candidates: list[Candidate], question: Question) -> list[Candidate]:
    """Put the best first, among its near equals the one with the fewest workers, and say how much better it is."""

    def cost(c: Candidate) -> float:
        if question.target is not None:
            return c.time_s.median if c.time_s else np.inf
        return c.quality.median - question.scale.minimum if c.quality else np.inf

    ordered = sorted(candidates, key=lambda c: (cost(c), c.workers))
    least = cost(ordered[0])
    if not np.isfinite(least):
        return ordered
    # Predictions do not tell near equals apart, and fewer workers are cheaper: another worker has to be worth it.
    choice = min((c for c in ordered if cost(c) <= WORTH * least), key=lambda c: (c.workers, cost(c)))
    ordered = [choice, *(c for c in ordered if c is not choice)]
    best = cost(choice)
    second = min(map(cost, ordered[1:]), default=np.inf)
    said = []
    for rank, c in enumerate(ordered):
        if not np.isfinite(cost(c)):
            said.append(c)
            continue
        why = _behind(_ratio(cost(c), best), question) if rank else _ahead(_ratio(second, best), question)
        said.append(replace(c, why=f"{why}; {c.why}" if c.why else why))
    return said


def _ratio(cost: float, best: float) -> float:
    """Tell how many times as much; two that reach the minimum are equals."""
    return 1.0 if cost == best else cost / max(best, 1e-300)


def _ahead(ratio: float, question: Question) -> str:
    if not np.isfinite(ratio):
        return "the only one that gets there"
    better = "faster" if question.target else "better"
    return (
        f"as {'fast' if question.target else 'good'} as the next"
        if ratio < 1.005
        else f"{_times(ratio)} {better} than the next"
    )


def _behind(ratio: float, question: Question) -> str:
    if ratio < 0.995:
        return f"{_times(1 / ratio)} {'faster' if question.target else 'better'}, not worth the workers"
    if ratio < 1.005:
        return f"as {'fast' if question.target else 'good'}"
    return f"{_times(ratio)} {'slower' if question.target else 'worse'}"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}x" if ratio < 1.1 else f"{ratio:.1f}x" if ratio < 100 else "over 100x"


def _warnings(traces: Sequence[Trace], counts: Sequence[int], rows: float) -> list[str]:
    """Say what the answer leans on."""
    notes = []
    if len(idle := [p for p in counts if p > rows]) and traces[0].data.n:
        notes.append(f"{idle[0]} workers and more are left out: there are {rows:,.0f} rows")
    if len(hosts := {(t.host.cpu, t.host.cores) for t in traces}) > 1:
        notes.append(f"the traces come from {len(hosts)} kinds of hosts; their seconds are taken for one")
    seen = sorted({t.workers for t in traces})
    if len(far := [p for p in counts if p > 4 * seen[-1]]):
        notes.append(f"{far[0]} workers and more are far from the {seen[-1]} that were probed")
    if (most := max(rows_of(t) for t in traces)) < 0.999 * rows:
        notes.append(f"probed on {most:,.0f} of {rows:,.0f} rows; rounds and seconds are stretched to all")
    return notes
