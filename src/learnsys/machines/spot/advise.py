"""Advice for one job: what each pool's past says, and what each policy would have cost on windows of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.estimate import Estimate
from learnsys.machines.spot.bid import best_bid, break_even, stays_under
from learnsys.machines.spot.bound import least_cost
from learnsys.machines.spot.checkpoint import best_period
from learnsys.machines.spot.foresight import Foresight
from learnsys.machines.spot.outlook import PolicyForecast, PoolForecast, SpotAdvice
from learnsys.machines.spot.policies import Greedy, OnDemand, UniformProgress
from learnsys.machines.spot.series import DOWN, UP, track
from learnsys.machines.spot.simulate import Policy, simulate, starts
from learnsys.machines.spot.types import Pool, SpotJob, SpotRuns

POLICIES: Final[Mapping[str, Callable[[], Policy]]] = {
    "ours": Foresight,
    "uniform": UniformProgress,
    "greedy": Greedy,
    "on-demand": OnDemand,
}
FEW_WINDOWS: Final = 5


def policy(name: str) -> Policy:
    """Look a policy up by name.

    Raises
    ------
    UnknownName
        If there is none of this name.
    """
    if name not in POLICIES:
        raise UnknownName.of("spot policy", name, POLICIES)
    return POLICIES[name]()


def compare(
    pools: Sequence[Pool], job: SpotJob, *, start_s: float | None = None, policies: Sequence[str] = tuple(POLICIES)
) -> SpotRuns:
    """Run ``job`` once under each policy, from ``start_s`` or the middle of what was observed."""
    chosen = [policy(name) for name in policies]
    _alike(pools)
    first, latest = starts(pools, job)
    start = (first + latest) / 2 if start_s is None else start_s
    runs = tuple(simulate(each, pools, job, start_s=start) for each in chosen)
    return SpotRuns(runs=runs, bound_usd=least_cost(pools, job, start))


def advise(pools: Sequence[Pool], job: SpotJob, *, horizon_s: float = 3600.0, windows: int = 20) -> SpotAdvice:
    """Advise on ``job``: pools, checkpoint periods, bids and the policy to use.

    Parameters
    ----------
    pools : sequence of Pool
        All of them may be used; observed together.
    job : SpotJob
        What is to be done.
    horizon_s : float
        Time over which the probability of a preemption is wanted.
    windows : int
        Starts in the past on which the policies are tried.

    Returns
    -------
    SpotAdvice
        Costs and times are simulated on the past, and hold as far as the future is like it.

    Raises
    ------
    InputError
        If the pools were observed together for less than the time until the deadline, or ``windows`` is below 1.
    """
    if windows < 1:
        raise InputError.below("windows", windows, 1)
    if not horizon_s > 0:
        raise InputError.below("horizon", horizon_s, 1)
    _alike(pools)
    first, latest = starts(pools, job)
    begins = np.linspace(first, latest, windows).tolist()
    forecasts = tuple(_policy_forecast(name, pools, job, begins) for name in POLICIES)
    # Equal cost: the simpler policy, which comes later in the table.
    best = min(reversed(forecasts), key=lambda f: round(f.cost_usd.mean, 9))
    notes = ["simulated on windows of the recorded history"]
    if (times := (latest - first) / job.deadline_s + 1) < FEW_WINDOWS:
        notes.append(
            f"the history is {times:.1f} times the deadline: the windows overlap, and the intervals are too narrow"
        )
    return SpotAdvice(
        job=job,
        horizon_s=horizon_s,
        pools=tuple(_pool_forecast(pool, job, horizon_s, begins) for pool in pools),
        policies=forecasts,
        recommended=best.policy,
        notes=tuple(notes),
    )


def _alike(pools: Sequence[Pool]) -> None:
    """Refuse pools that differ in more than their zone: the same work takes another time there."""
    kinds = sorted({p.name.removeprefix(f"{p.zone}/") for p in pools})
    if len(kinds) > 1:
        raise InputError(
            f"{len(kinds)} machine types ({', '.join(kinds[:4])}{', ...' * (len(kinds) > 4)}), but the hours of work "
            "are those of one",
            value=kinds,
            next=f"choose it: --pools '*/{kinds[0]}'",
        )


def _policy_forecast(name: str, pools: Sequence[Pool], job: SpotJob, begins: Sequence[float]) -> PolicyForecast:
    runs = [simulate(policy(name), pools, job, start_s=s) for s in begins]
    return PolicyForecast(
        policy=name,
        cost_usd=Estimate.sampled([r.cost_usd for r in runs]),
        finish_s=Estimate.sampled([r.finish_s for r in runs]),
        missed=sum(not r.met for r in runs),
        windows=len(runs),
    )


def _pool_forecast(pool: Pool, job: SpotJob, horizon_s: float, begins: Sequence[float]) -> PoolForecast:
    survival = stays_under(pool, job.bid, job.spot_usd_hour)
    low, high = survival.interval(horizon_s)
    lifetime = survival.lifetime_s
    seen = track(pool, job.bid, job.spot_usd_hour)
    lasted = np.diff(seen.times)
    up, down = (float(lasted[seen.states[:-1] == s].sum()) for s in (UP, DOWN))
    period = None
    if job.checkpoint_s:
        period = job.period_s or min(best_period(job.checkpoint_s, lifetime), job.work_s)
    done = _spot_alone(pool, job, begins)
    return PoolForecast(
        pool=pool.name,
        available=up / (up + down) if up + down else 0.0,
        p_preempted=1 - survival.survives(horizon_s),
        p_low=1 - high,
        p_high=1 - low,
        lifetime_s=lifetime if lifetime < np.inf else None,
        period_s=period,
        time_s=Estimate.sampled([t for t, _ in done]) if done else None,
        cost_usd=Estimate.sampled([usd for _, usd in done]) if done else None,
        p_deadline=sum(t <= job.deadline_s for t, _ in done) / len(begins),
        max_bid_usd_hour=break_even(job, lifetime),
        best_bid_usd_hour=best_bid(pool, job, begins),
    )


def _spot_alone(pool: Pool, job: SpotJob, begins: Sequence[float]) -> list[tuple[float, float]]:
    """Finish and cost of each start that the pool alone brings to an end within its history."""
    done = []
    for start in begins:
        patient = msgspec.structs.replace(job, deadline_s=pool.end_s - start)
        run = simulate(Greedy(), [pool], patient, start_s=start)
        if run.on_demand_s == 0:
            done.append((run.finish_s, run.cost_usd))
    return done
