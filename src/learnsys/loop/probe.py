"""Plan the training of a linear model on its own data: probe with ``convex``, predict with ``plan``, then check."""

from collections.abc import Callable
from math import ceil
from typing import Final, final

import msgspec

from learnsys import convex, plan
from learnsys.core.engine import Engine
from learnsys.core.errors import InputError, TargetNotReached
from learnsys.core.trace import Step, Stop, Target, Trace, Value
from learnsys.plan.settings import settings_from
from learnsys.plan.types import Candidate
from learnsys.plan.validate import check_planned

# What a run may take before it is called off: far beyond the interval, so that a wrong plan is seen as wrong.
PATIENCE: Final = 20.0
LEAST_SECONDS: Final = 30.0
PROBED: Final = (1, 2, 4)  # worker counts of the probes; a plan may ask for others


@final
class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a plan: a target to reach soonest or a budget of seconds, and which workers to compare."""

    target: Target | None = None
    budget: str | None = None
    workers: str = "1,2,4"
    network: str | None = None


def probe_and_choose(
    job: convex.Job,
    ask: Ask,
    *,
    engine: Engine,
    methods: str | tuple[str, ...] | None = None,
    share: float | None = None,
    probe_budget: str | float = "10s",
    seed: int = 0,
    on_trace: Callable[[Trace], None] | None = None,
) -> tuple[plan.Profile, plan.Plan]:
    """Probe a job on samples of its rows and choose method and workers for all of them.

    Parameters
    ----------
    job : convex.Job
        What is to be trained.
    ask : Ask
        The question.
    engine : Engine
        Where probes run and training will.
    methods, share, probe_budget, seed, on_trace
        As in ``plan.profile``.

    Returns
    -------
    profile : plan.Profile
        The probes and what they cost.
    plan : plan.Plan
        The candidates, the best first.

    Raises
    ------
    InputError
        If the target is a loss and the share is below 1: a sample has another loss.
    """
    if ask.target is not None and ask.target.kind == "loss":
        if share is not None and share != 1:
            raise InputError(
                f"target {ask.target} is a loss, which samples cannot tell", value=share, next="probe with share 1"
            )
        share = 1.0
    counts = [p for p in PROBED if p <= max(job.data.n, 1)]
    profile = plan.profile(
        job, engine=engine, methods=methods, workers=counts, share=share, budget=probe_budget,
        target=ask.target, seed=seed, on_trace=on_trace,
    )  # fmt: skip
    chosen = plan.choose(
        profile.traces, target=ask.target, budget=ask.budget, workers=ask.workers, network=ask.network,
        planning=profile.planning,
    )  # fmt: skip
    return profile, chosen


def run_choice(
    job: convex.Job,
    chosen: plan.Plan,
    *,
    engine: Engine,
    seed: int = 0,
    on_step: Callable[[Step], bool] | None = None,
) -> tuple[Trace, convex.LinearModel]:
    """Train on all rows with the plan's choice, to its target or for its budget.

    Raises
    ------
    Incompatible
        If the plan is for another job; nothing is trained then.
    TargetNotReached
        If the plan has no choice.
    """
    fixed = job.problem.settings
    problem: dict[str, Value] = {"loss": fixed.loss.name, "penalty": "l2", "lam": fixed.lam, "bias": fixed.bias}
    check_planned(chosen, job=job.name, data=job.data, settings=settings_from(problem, fixed.n))
    choice = chosen.choice
    if choice is None:
        raise TargetNotReached(
            f"no probed method is predicted to reach {chosen.target or chosen.budget_s}",
            value=str(chosen.target or chosen.budget_s),
            next="give a looser target, a larger budget or more methods",
        )
    return job.run(
        choice.method, workers=choice.workers, stop=_stop(chosen, choice), engine=engine, seed=seed, on_step=on_step
    )


def _stop(chosen: plan.Plan, choice: Candidate) -> Stop:
    """Stop at the target or when the budget is spent; by rounds where the plan's seconds are not this machine's."""
    if chosen.source == "simulated cluster" and choice.rounds is not None:
        patience = PATIENCE * choice.rounds.high if chosen.target else choice.rounds.median
        return Stop(target=chosen.target, rounds=ceil(patience))
    limit = chosen.budget_s
    if limit is None and choice.time_s is not None:
        limit = max(LEAST_SECONDS, PATIENCE * choice.time_s.high)
    return Stop(target=chosen.target, wall_s=limit)
