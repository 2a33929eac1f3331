"""Our policy: the least expected cost to go, under a chain of ages learned from the past.

At each decision the policy compares what waiting, on-demand capacity and spot capacity are expected to cost until the
deadline, everything after that done as well as possible: a dynamic programme over (work left, spare time, age of
capacity or of its absence, where the job is). The chain (``chain``) is estimated from what was seen before the job and
since its start, and again as time passes. Spot capacity that runs is kept until it is lost: work done there costs the
least that work can (the exploitation rule of "Can't Be Late").
"""

from math import inf
from typing import Any, final

import msgspec
import numpy as np

from learnsys.machines.spot.chain import BINS, Chain, age_bin, estimate_chain
from learnsys.machines.spot.checkpoint import best_period
from learnsys.machines.spot.kernels import choices, cost_to_go, staying
from learnsys.machines.spot.policies import Pick, chooser
from learnsys.machines.spot.series import Past
from learnsys.machines.spot.simulate import Decide, View
from learnsys.machines.spot.survival import mean_lifetime
from learnsys.machines.spot.types import IDLE, ON_DEMAND, SpotJob


@final
class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen on zones and weeks set apart for it (bench/machines/spot.py); none of it matters much.

    ``half_life_s`` and ``prior_s`` of the chain; ``again_s`` until it is estimated again; ``history_s`` before the job
    that is looked at; ``steps`` of the grid until the deadline; ``pick`` of a pool.
    """

    half_life_s: float = 2 * 86400.0
    prior_s: float = 6 * 3600.0
    again_s: float = 6 * 3600.0
    history_s: float = 14 * 86400.0
    steps: int = 96
    pick: Pick = "oldest"


@final
class Foresight:
    """The policy with the least expected cost to go."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings, self.name = settings or Settings(), "ours"

    def begin(self, job: SpotJob, past: Past) -> Decide:
        """Prepare for ``job``: nothing is computed before the first decision."""
        return _Decider(self.settings, job, past)


@final
class _Decider:
    def __init__(self, settings: Settings, job: SpotJob, past: Past) -> None:
        self.settings, self.job, self.past = settings, job, past
        self.since = past.now - settings.history_s
        self.choose = chooser(settings.pick, past)
        self.dt = max(job.deadline_s / settings.steps, 60.0)
        self.expires = -inf
        self.chain: Any = None
        self.tables: Any = None
        self.price = (0.0, 0.0)

    def __call__(self, view: View) -> tuple[int, float]:
        if view.place >= 0:
            return view.place, inf
        if view.now_s >= self.expires:
            self._solve(view)
        free = self.choose(view)
        s = self._capacity(view, free)
        spare = (view.left_s - view.work_s - self.job.restart_s) / self.dt
        work = view.work_s / self.dt
        if view.place == ON_DEMAND:
            return self._leave(view, work, spare, s, free)
        wait, demand, spot = self._expect(work, spare, s)
        if spot < inf and spot <= min(wait, demand):
            return free, inf
        return (IDLE if wait < demand else ON_DEMAND), self.dt

    def _leave(self, view: View, work: float, spare: float, s: int, free: int) -> tuple[int, float]:
        """Stay on demand unless leaving is expected to be cheaper; ``spare`` is that of an idle job here."""
        save = self.job.checkpoint_s
        on_demand = spare + self.job.restart_s / self.dt
        stay = staying(self.tables, work, on_demand, s, self.dt, self.chain, self.price, self.job.restart_s)
        wait, demand, spot = self._expect(work, spare - save / self.dt, s)
        paid = self.price[0] * save
        if spare * self.dt <= save or min(wait, spot) + paid >= stay or min(wait, spot) >= demand:
            return ON_DEMAND, self.dt
        return (free, inf) if spot <= wait else (IDLE, self.dt)

    def _expect(self, work: float, spare: float, s: int) -> tuple[float, float, float]:
        """Expect the dollars of waiting, on demand and spot, from idle."""
        told: tuple[float, float, float] = choices(
            self.tables, work, spare, s, self.dt, self.chain, self.price, self.job.restart_s
        )
        return told

    def _capacity(self, view: View, free: int) -> int:
        """Find the state of the chain: the age of the capacity that would be taken, or of its absence."""
        if free != IDLE:
            times, _ = view.past.seen(free)
            return age_bin(view.past.now - float(times[-1]))
        began = max(
            float(t[-1]) if len(t) else view.past.now for t, _ in (view.past.seen(k) for k in range(len(view.past)))
        )
        return BINS + age_bin(view.past.now - began)

    def _solve(self, view: View) -> None:
        """Estimate the chains and fill their tables."""
        job, settings, dt = self.job, self.settings, self.dt
        chain = estimate_chain(view.past, since=self.since, half_life_s=settings.half_life_s, prior_s=settings.prior_s)
        n_work = int(np.ceil(view.work_s / dt)) + 1
        n_spare = max(int(np.ceil((view.left_s - view.work_s) / dt)), 0) + 1
        cheapest = min(view.past.price(k) for k in range(len(view.past)))
        self.price = (job.on_demand_usd_hour / 3600, cheapest)
        overhead, lost = 0.0, 0.0
        if job.checkpoint_s:
            period = job.period_s or best_period(job.checkpoint_s, mean_lifetime(view.past))
            overhead, lost = job.checkpoint_s / period, min(period, job.work_s) / 2
        self.chain = _compiled(chain, dt, job.restart_s)
        self.tables = cost_to_go(
            n_work, n_spare, dt, self.chain, self.price, job.restart_s, overhead, lost, job.checkpoint_s
        )
        self.expires = view.now_s + settings.again_s


def _compiled(chain: Chain, dt: float, start_s: float) -> tuple[Any, ...]:
    """Pack a chain for the compiled pass."""
    up, down, ageing = chain.step(dt)
    return up, down, ageing, chain.hop, chain.hop_age, chain.step(max(start_s, 1e-9))[0]
