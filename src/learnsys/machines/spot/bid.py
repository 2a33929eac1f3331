"""What to bid where spot capacity has a price that moves.

Capacity is kept while its price stays at or below the bid, and the price is paid, not the bid (Amazon's rule). A higher
bid so never loses capacity sooner; it only lets dearer hours in. Two limits follow. Above ``break_even`` an hour of
spot, with its share of starts, checkpoints and lost work, costs more than on-demand capacity would. ``best_bid`` is the
bid with the lowest mean cost of the job on windows of the past, under its deadline.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from learnsys.machines.spot.checkpoint import best_period, expected_time
from learnsys.machines.spot.foresight import Foresight
from learnsys.machines.spot.series import UP, spells, track
from learnsys.machines.spot.simulate import simulate
from learnsys.machines.spot.survival import Survival, kaplan_meier
from learnsys.machines.spot.types import Pool, SpotJob

CANDIDATES = 8


def stays_under(pool: Pool, bid_usd_hour: float, spot_usd_hour: float | None = None) -> Survival:
    """Estimate how long capacity lasts at a bid: spells in which it was there and its price at or below the bid."""
    seen = track(pool, bid_usd_hour, spot_usd_hour)
    return kaplan_meier(*spells(seen.times[:-1], seen.states[:-1], pool.end_s, UP))


def break_even(job: SpotJob, lifetime_s: float) -> float:
    """Compute the price at which spot is as dear as on demand for ``job``, in dollars an hour.

    Capacity comes back at once here and the price stays: what an hour of work on spot is worth at most.
    """
    if job.checkpoint_s:
        period = job.period_s or min(best_period(job.checkpoint_s, lifetime_s), job.work_s)
    else:
        period = min(60.0, job.work_s)  # saved as it is made: a minute is lost at most
    spot = expected_time(
        job.work_s, period, checkpoint_s=job.checkpoint_s, restart_s=job.restart_s, lifetime_s=lifetime_s
    )
    return job.on_demand_usd_hour * (job.work_s + job.restart_s) / spot


def best_bid(pool: Pool, job: SpotJob, starts_s: Sequence[float]) -> float | None:
    """Find the bid with the lowest mean cost of ``job`` over the starts; None without a price history."""
    prices = pool.price_usd_hour[~np.isnan(pool.price_usd_hour)]
    if not len(prices) or not len(starts_s):
        return None
    bids = np.unique(np.minimum(np.quantile(prices, np.linspace(0, 1, CANDIDATES)), job.on_demand_usd_hour))
    return float(min(bids, key=lambda bid: (_mean_cost(pool, job, float(bid), starts_s), bid)))


def _mean_cost(pool: Pool, job: SpotJob, bid: float, starts_s: Sequence[float]) -> float:
    job = msgspec.structs.replace(job, bid_usd_hour=bid)
    return float(np.mean([simulate(Foresight(), [pool], job, start_s=s).cost_usd for s in starts_s]))
