"""Short probes of a training job within a budget: what planning needs to know, for as little as it can cost.

Every method is probed at every worker count on one sample of the rows, and at the fewest and the most workers on a
quarter of that sample, so that what a round costs whatever the rows, and what rounds themselves owe to the rows, can
be told apart. What is left of the budget is shared evenly among the probes still to come. A probe ends early when it
reaches the target, or when at its pace it would take many times what another method has taken: racing as in
successive halving, with a model of the loser's curve instead of its rank.
"""

from collections.abc import Callable, Iterable
from time import perf_counter, process_time
from typing import Final

import numpy as np
from msgspec import Struct

from learnsys.core.engine.types import Engine
from learnsys.core.errors import InputError, UnknownName
from learnsys.core.trace import Step, Stop, Target, Trace
from learnsys.core.trainable import Trainable
from learnsys.core.units import parse_duration
from learnsys.plan.types import PlanningCost, Profile
from learnsys.plan.workers import parse_workers

PROBE_ROWS: Final = 32_000
SMALL: Final = 0.25
MOST_ROUNDS: Final = 100
# A probe is hopeless if, after at least this many rounds, it has spent HOPELESS times what another method took to the
# target on the same rows, and at its pace needs as long again several times over.
LEAST_ROUNDS: Final = 12
HOPELESS: Final = 3.0


class _Probe(Struct, frozen=True, kw_only=True):
    method: str
    workers: int
    share: float


def profile(
    trainable: Trainable,
    *,
    engine: Engine,
    methods: str | Iterable[str] | None = None,
    workers: str | int | Iterable[int] = (1, 2, 4),
    share: float | None = None,
    budget: str | float = "10s",
    target: Target | str | float | None = None,
    seed: int = 0,
    on_trace: Callable[[Trace], None] | None = None,
) -> Profile:
    """Probe methods and worker counts of a training job within a budget.

    Parameters
    ----------
    trainable : Trainable
        The job.
    engine : Engine
        Where the probes run.
    methods : str or iterable of str, optional
        Method or methods to probe; all that can solve the job if not given.
    workers : str or int or iterable of int
        Worker counts, ``"1,2,4"``.
    share : float, optional
        Share of the rows in most probes, in (0, 1]; as much as gives 32,000 rows if not given.
    budget : str or float
        Wall seconds of training that all probes may take together. The first round of a probe is never cut, and
        compilation and the evaluation of losses come on top; what it took in all is in the result.
    target : Target or str or float, optional
        Quality at which a probe may end, 1e-4 if not given.
    seed : int
        Seed of samples, partitions and methods.
    on_trace : callable, optional
        Called with every trace as it is ready.

    Raises
    ------
    InputError
        If the budget is not positive, the share is not in (0, 1], a worker count is below 1, or there is no method.
    UnknownName
        If the job has no such method.
    """
    budget_s = parse_duration(budget)
    if budget_s <= 0:
        raise InputError(f"budget {budget} leaves no time for probes", value=budget, next="write for example 10s")
    probes = _probes(trainable, methods, parse_workers(workers), share)
    goal = Target.parse(1e-4 if target is None else target)
    began = perf_counter(), process_time() + engine.stats.cpu_s
    left_s, best_s = budget_s, np.inf
    traces: list[Trace] = []
    ended: list[str] = []
    for done, probe in enumerate(probes):
        race = _Race(goal, left_s / (len(probes) - done), best_s * probe.share)
        trace, _ = trainable.run(
            probe.method, workers=probe.workers, share=probe.share, engine=engine, seed=seed, on_step=race,
            stop=Stop(target=goal, rounds=MOST_ROUNDS),
        )  # fmt: skip
        left_s -= trace.last.wall_s
        if trace.ended == "target":
            best_s = min(best_s, trace.last.wall_s / probe.share)
        traces.append(trace)
        ended.append(race.verdict or trace.ended)
        if on_trace is not None:
            on_trace(trace)
    return Profile(
        traces=tuple(traces),
        ended=tuple(ended),
        planning=PlanningCost(
            wall_s=perf_counter() - began[0],
            cpu_s=process_time() + engine.stats.cpu_s - began[1],
            compile_s=sum(t.compile_s for t in traces),
            probes=len(traces),
        ),
        budget_s=budget_s,
        target=goal,
    )


def _probes(
    trainable: Trainable, methods: str | Iterable[str] | None, counts: tuple[int, ...], share: float | None
) -> list[_Probe]:
    """List what to probe: first the quarter sample on the fewest workers, which tells what a good time is."""
    named = (methods,) if isinstance(methods, str) else trainable.methods if methods is None else methods
    chosen = tuple(dict.fromkeys(named))
    if not chosen:
        raise InputError("no method is given", value=[], next=f"choose from {', '.join(trainable.methods)}")
    for method in chosen:
        if method not in trainable.methods:
            raise UnknownName.of("method", method, trainable.methods)
    if share is not None and not 0 < share <= 1:
        raise InputError(f"share is {share}, but must lie in (0, 1]", value=share, next="write for example 0.05")
    most = share or min(1.0, PROBE_ROWS / max(trainable.data.n, 1))
    main = [_Probe(method=m, workers=p, share=most) for p in counts for m in chosen]
    if most == 1:
        return main  # nothing has to be told apart where all rows are probed
    small = [[_Probe(method=m, workers=p, share=most * SMALL) for m in chosen] for p in (counts[0], counts[-1])]
    return [*small[0], *main, *(small[1] if len(counts) > 1 else [])]


class _Race:
    """Watches a probe and ends it when its time is over or another method has clearly won."""

    def __init__(self, target: Target, slice_s: float, best_s: float) -> None:
        self._target, self._slice_s, self._best_s = target, slice_s, best_s
        self._steps: list[Step] = []
        self.verdict = ""

    def __call__(self, step: Step) -> bool:
        self._steps.append(step)
        if self._target.met(step):  # asked first: a gap of 0 has no logarithm
            return False
        if step.iteration >= 1 and step.wall_s >= self._slice_s:
            self.verdict = "time"
        elif step.iteration >= LEAST_ROUNDS and step.wall_s > HOPELESS * self._best_s and self._left_s() > step.wall_s:
            self.verdict = "hopeless"
        return bool(self.verdict)

    def _left_s(self) -> float:
        """Seconds still needed at the pace of the later half of the rounds."""
        middle, last = self._steps[len(self._steps) // 2], self._steps[-1]
        then, now = (self._target.quality(s) for s in (middle, last))
        if then is None or now is None or not now < then:
            return float("inf")
        goal = self._target.value
        if self._target.kind == "loss":
            pace, ahead = then - now, now - goal
        else:
            pace, ahead = np.log(then / now), np.log(now / goal)
        return float((last.wall_s - middle.wall_s) * ahead / pace)
