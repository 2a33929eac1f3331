"""What a job would cost at least, all of the future known: no policy can do better.

Relaxed: starts on demand are free, and on-demand capacity fits anywhere. Each stretch of spot capacity that is used
takes one start of d seconds, so at most (R - C) / d stretches can be; each is worth its price only where it is longer
than k d / (k - p), k the price on demand and p that of spot. Longer stretches are worth more, so the longest are used.
Capacity of several pools counts as one, at the lowest price of any: moving between them is free here.
"""

from collections.abc import Sequence

import numpy as np

from learnsys.machines.spot.series import UP, track
from learnsys.machines.spot.types import Pool, SpotJob


def least_cost(pools: Sequence[Pool], job: SpotJob, start_s: float) -> float:
    """Bound the cost of ``job`` from below, in dollars."""
    end = start_s + job.deadline_s
    tracks = [track(pool, job.bid, job.spot_usd_hour) for pool in pools]
    cuts = np.unique(np.concatenate([[start_s, end], *(t.times for t in tracks)]))
    cuts = cuts[(cuts >= start_s) & (cuts <= end)]
    up = np.zeros(len(cuts) - 1, bool)
    for t in tracks:
        i = np.searchsorted(t.times, cuts[:-1], "right") - 1
        up |= (i >= 0) & (t.states[i] == UP)
    edges = np.flatnonzero(np.diff(up.astype(int), prepend=0, append=0))
    lengths = np.sort(cuts[edges[1::2]] - cuts[edges[::2]])[::-1]
    p, k = _cheapest(pools, job) / 3600, job.on_demand_usd_hour / 3600
    d, work, usd = job.restart_s, job.work_s, 0.0
    most = int((job.deadline_s - job.work_s) / d + 1e-9) if d else len(lengths)
    for length in lengths[:most]:
        if work <= 0 or (length - d) * k <= length * p:
            break
        used = min(work, length - d)
        usd, work = usd + p * (used + d), work - used
    return float(usd + k * work)


def _cheapest(pools: Sequence[Pool], job: SpotJob) -> float:
    prices = np.concatenate([pool.price_usd_hour for pool in pools])
    known = prices[~np.isnan(prices)]
    return float(min(known.min(initial=np.inf), np.inf if job.spot_usd_hour is None else job.spot_usd_hour))
