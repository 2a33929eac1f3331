"""What one method on one number of workers would take, or reach: rounds times seconds, both uncertain.

Rounds and seconds are lognormal. Time is that of ceil(rounds) rounds, over a grid of equally likely values of both;
quality is that after the whole rounds that fit a budget, over the same grid.
"""

from typing import Final, final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.special import ndtri

from learnsys.core.estimate import Estimate
from learnsys.core.trace import Target
from learnsys.plan.clock import Clock
from learnsys.plan.convergence import MOST_ROUNDS
from learnsys.plan.curves import DEEPEST, Scale
from learnsys.plan.forecast import Forecast
from learnsys.plan.types import Candidate

_CHANCES: Final = (np.arange(101) + 0.5) / 101
_Z: Final[NDArray[np.float64]] = ndtri(_CHANCES)  # equally likely values of a standard normal
_CURVE_POINTS: Final = 48


@final
class Question(Struct, frozen=True, kw_only=True):
    """What is asked: a target to reach or a budget of seconds to use, on ``rows`` rows, with intervals at ``level``."""

    target: Target | None
    budget_s: float | None
    scale: Scale
    rows: float
    level: float


def assess(question: Question, method: str, workers: int, forecast: Forecast, clock: Clock) -> Candidate:
    """Predict what ``method`` on ``workers`` workers would take or reach; ``why`` says why not where it would not."""
    near = forecast.nearest(workers)
    first, later = clock.first_s(workers, question.rows), clock.round_s(workers, question.rows)
    bare = Candidate(
        method=method, workers=workers, probed=workers in forecast.probed, first_s=first, round_s=later,
        rounds=None, time_s=None, quality=None, deepest=question.scale.quality(near.deepest), curve=(), why="",
    )  # fmt: skip
    if len(forecast.probed) == 1 and not bare.probed:
        return replace(bare, why=f"probed on {near.workers} worker{'s' * (near.workers != 1)} only")
    slowness = np.exp(clock.log_sd(workers, question.rows) * _Z)
    if question.target is not None:
        return _to_target(bare, question, forecast, slowness)
    return _in_budget(bare, question, forecast, slowness)


def _to_target(bare: Candidate, question: Question, forecast: Forecast, slowness: NDArray[np.float64]) -> Candidate:
    assert question.target is not None
    depth = max(question.scale.depth(question.target.value), 0.0)
    needed = float(forecast.rounds(np.array([depth]), bare.workers)[0]) if np.isfinite(depth) else np.inf
    curve = _curve(question, forecast, bare.workers, min(depth, DEEPEST))
    if needed > MOST_ROUNDS:
        return replace(bare, curve=curve, why=_never(bare, question, forecast))
    rounds = _whole(needed * np.exp(forecast.log_sd(depth, bare.workers) * _Z))
    time = (bare.first_s + (rounds - 1) * bare.round_s)[:, None] * slowness
    middle = float(_whole(np.array([needed]))[0])
    return replace(
        bare,
        curve=curve,
        rounds=_around(middle, rounds, question.level),
        time_s=_around(bare.first_s + (middle - 1) * bare.round_s, time, question.level),
        why=_beyond(bare, question, forecast, depth),
    )


def _in_budget(bare: Candidate, question: Question, forecast: Forecast, slowness: NDArray[np.float64]) -> Candidate:
    assert question.budget_s is not None
    left = question.budget_s / slowness - bare.first_s
    rounds = np.clip(1 + np.floor(left / bare.round_s), 0, MOST_ROUNDS)
    middle = min(1 + np.floor((question.budget_s - bare.first_s) / bare.round_s), MOST_ROUNDS)
    if middle < 1:
        return replace(bare, why="not one round fits the budget")
    near = forecast.nearest(bare.workers)
    if near.ended == "diverged" or (near.rounds[-1] <= 0 and near.deepest < DEEPEST):
        return replace(bare, why=_never(bare, question, forecast))
    depth = float(forecast.depth(np.array([middle]), bare.workers)[0])
    # More rounds never reach less, so that equally likely rounds reach equally likely depths.
    equal = np.quantile(rounds[:, None] * np.exp(-forecast.log_sd(depth, bare.workers) * _Z), _CHANCES)
    quality = question.scale.minimum + question.scale.top * np.exp(-forecast.depth(equal, bare.workers))
    return replace(
        bare,
        curve=_curve(question, forecast, bare.workers, depth),
        rounds=_around(middle, rounds, question.level),
        time_s=None,
        quality=_around(question.scale.quality(depth), quality, question.level),
        why=_beyond(bare, question, forecast, depth),
    )


def _around(median: float, values: NDArray[np.float64], level: float) -> Estimate:
    """Estimate from equally likely values, with the value of typical rounds and seconds as the median."""
    e = Estimate.sampled(values, level=level)
    return replace(e, median=float(median), low=min(e.low, float(median)), high=max(e.high, float(median)))


def _whole(rounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Whole rounds: a run ends after the round in which it gets there (a hair of a round is rounding error)."""
    return np.maximum(np.ceil(rounds - 1e-9), 1.0)


def _curve(question: Question, forecast: Forecast, workers: int, depth: float) -> tuple[tuple[float, float], ...]:
    s = np.linspace(0.0, max(depth, forecast.nearest(workers).deepest, 0.1), _CURVE_POINTS)
    n = forecast.rounds(s, workers)
    return tuple((float(i), question.scale.quality(float(d))) for i, d in zip(n, s, strict=True) if i <= MOST_ROUNDS)


def _never(bare: Candidate, question: Question, forecast: Forecast) -> str:
    near = forecast.nearest(bare.workers)
    where = f"at {bare.deepest:.2g}" if near.rounds[-1] > 0 else "where it started"
    on = "" if bare.probed else f" on {near.workers}"
    if near.ended == "diverged":
        return f"its probe{on} diverged"
    if near.stuck:
        return f"its probe{on} got stuck {where}"
    if question.target and question.target.value <= question.scale.minimum:
        return "below the estimated minimum"
    return f"not in {MOST_ROUNDS:,.0f} rounds; its probe{on} ended {where}"


def _beyond(bare: Candidate, question: Question, forecast: Forecast, depth: float) -> str:
    """Say how far the answer is from what was measured."""
    if depth > forecast.nearest(bare.workers).deepest + 1e-9:
        return f"probes reached {bare.deepest:.2g}"
    return "" if bare.probed else f"from {', '.join(map(str, forecast.probed))} workers"
