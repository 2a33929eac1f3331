"""Policies that need no estimate: on demand, greedy spot, Uniform Progress.

Uniform Progress ("Can't Be Late", Wu et al., NSDI 2024, sec. 5.2) keeps progress cp(t) on the straight line
ep(t) = t C(0) / R(0) to the deadline. Its rules, with d the changeover delay:

1. idle and cp(t) < ep(t): go on demand and catch up;
2. take spot whenever it is there, even behind the line, and stay until preempted;
3. hysteresis: on demand, stay until cp(t) >= ep(t + 2d) (the plain form leaves for spot at once);
4. safety net: idle and R(t) < C(t) + 2d: on demand until the end.

Loose deadlines (appendix A.8): only spot until C(t)/R(t) reaches ``tight``, then the rules from there. Several zones:
whichever has capacity, by ``pick``: the longest available so far, or the most available in the past.
"""

from collections.abc import Callable
from math import inf
from typing import Literal, final

from learnsys.core.errors import UnknownName
from learnsys.machines.spot.series import UP, Past
from learnsys.machines.spot.simulate import Decide, View
from learnsys.machines.spot.types import IDLE, ON_DEMAND, SpotJob

TICK_S = 60.0  # least lead before on-demand capacity is left idle: the paper decides in steps, not in continuous time

Pick = Literal["oldest", "most", "first"]
Choose = Callable[[View], int]


def chooser(pick: Pick, past: Past) -> Choose:
    """Make a rule that picks one of the pools with capacity; the index of a pool, or IDLE if none has any.

    Dearer pools are taken only where no cheaper one has capacity.
    """
    share = [_available(past, k) for k in range(len(past))]

    def age(view: View, k: int) -> float:
        times, _ = view.past.seen(k)
        return float(view.past.now - times[-1])

    ranks: dict[str, Callable[[View, int], float]] = {
        "oldest": age,
        "most": lambda view, k: share[k],
        "first": lambda view, k: -k,
    }
    if pick not in ranks:
        raise UnknownName.of("pick", pick, ranks)
    rank = ranks[pick]

    def choose(view: View) -> int:
        up = [k for k, free in enumerate(view.up) if free]
        if len(up) <= 1:
            return up[0] if up else IDLE
        return max(up, key=lambda k: (-round(view.past.price(k), 12), rank(view, k)))

    return choose


def _available(past: Past, k: int) -> float:
    """Measure the share of the past in which pool ``k`` had capacity."""
    times, states = past.seen(k)
    lasted = [float(b - a) for a, b in zip(times, [*times[1:], past.now], strict=True)]
    total = sum(lasted)
    return sum(d for d, s in zip(lasted, states, strict=True) if s == UP) / total if total > 0 else 0.0


@final
class OnDemand:
    """Never use spot capacity."""

    name = "on-demand"

    def begin(self, job: SpotJob, past: Past) -> Decide:
        """Prepare for ``job``."""
        return lambda view: (ON_DEMAND, inf)


@final
class Greedy:
    """Spot whenever it is there, wait where it is not, on demand when only that meets the deadline."""

    def __init__(self, pick: Pick = "oldest") -> None:
        self.pick, self.name = pick, "greedy"

    def begin(self, job: SpotJob, past: Past) -> Decide:
        """Prepare for ``job``."""
        choose, d = chooser(self.pick, past), job.restart_s + job.checkpoint_s

        def decide(view: View) -> tuple[int, float]:
            if view.place != IDLE:
                return view.place, inf
            spare = view.left_s - view.work_s - 2 * d
            if spare <= 0:
                return ON_DEMAND, inf
            return choose(view), spare

        return decide


@final
class UniformProgress:
    """Keep progress on the straight line to the deadline.

    Parameters
    ----------
    hysteresis : bool
        Rule 3; without it the policy is the paper's plain form.
    pick : str
        Which of several pools with capacity to take.
    tight : float
        Fraction C/R from which on the line counts; 0: from the start.
    """

    def __init__(self, *, hysteresis: bool = True, pick: Pick = "oldest", tight: float = 0.0) -> None:
        self.hysteresis, self.pick, self.tight = hysteresis, pick, tight
        told = [] if hysteresis else ["plain"]
        told += [f"pick={pick}"] if pick != "oldest" else []
        told += [f"tight={tight:g}"] if tight else []
        self.name = "uniform" + (f" ({', '.join(told)})" if told else "")

    def begin(self, job: SpotJob, past: Past) -> Decide:
        """Prepare for ``job``."""
        choose, d = chooser(self.pick, past), job.restart_s + job.checkpoint_s
        ahead = max(2 * d, TICK_S) if self.hysteresis else TICK_S
        line: tuple[float, float, float] | None = None  # beginning, done by then, slope
        last = False

        def decide(view: View) -> tuple[int, float]:
            nonlocal line, last
            if view.place >= 0 or last:
                return (ON_DEMAND if last else view.place), inf
            done = job.work_s - view.work_s
            if line is None and view.work_s < self.tight * view.left_s and view.left_s >= view.work_s + 2 * d:
                return choose(view), view.left_s - view.work_s / self.tight
            if line is None:
                line = view.now_s, done, view.work_s / view.left_s
            begin, base, slope = line
            over = done - base - slope * (view.now_s - begin)  # cp - ep
            if view.place == ON_DEMAND:
                if view.left_s <= view.work_s + 2 * d + 1e-3:  # the safety net would bring it back at once
                    return ON_DEMAND, inf
                if self.hysteresis and over < slope * ahead:
                    return ON_DEMAND, (slope * ahead - over) / max(1 - slope, 1e-9)
                if (k := choose(view)) != IDLE:
                    return k, inf
                if over >= slope * ahead:
                    return IDLE, over / slope
                return ON_DEMAND, (slope * ahead - over) / max(1 - slope, 1e-9)
            if view.left_s <= view.work_s + 2 * d + 1e-3:
                last = True
                return ON_DEMAND, inf
            if (k := choose(view)) != IDLE:
                return k, inf
            wait = min(over / slope, view.left_s - view.work_s - 2 * d)
            return (IDLE, wait) if wait > 0 else (ON_DEMAND, inf)

        return decide
