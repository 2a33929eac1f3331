"""Slow, obvious twins: a job second by second, survival by counting, a job under random failures by simulation."""

import numpy as np

from learnsys.machines.spot.series import UP, track
from learnsys.machines.spot.types import ON_DEMAND


def kaplan_meier(lengths, ended, t):
    """Multiply the chances to pass each moment up to t, one spell at a time."""
    s = 1.0
    for u in sorted(set(lengths)):
        if u <= t:
            risk = sum(x >= u for x in lengths)
            s *= 1 - sum(x == u and e for x, e in zip(lengths, ended, strict=True)) / risk
    return s


def time_under_failures(work, period, c, d, lifetime, rng):
    """Run a job whose capacity fails at random and comes back at once; the time it takes."""
    now, saved, fail = 0.0, 0.0, rng.exponential(lifetime)
    starting = True
    while True:
        todo = min(period, work - saved)
        need = (d if starting else 0.0) + todo + (c if saved + todo < work else 0.0)
        if now + need <= fail:
            now, saved, starting = now + need, saved + todo, False
            if saved >= work:
                return now
        else:
            now, starting = fail, True
            fail = now + rng.exponential(lifetime)


def greedy_by_seconds(pool, job, start):
    """Run greedy spot one second at a time, saving as it goes; cost and finish."""
    seen = track(pool, job.bid, job.spot_usd_hour)
    left, place, ready, usd = job.work_s, None, 0, 0.0
    for t in range(int(job.deadline_s) + 1):
        up = seen.state(start + t) == UP
        if left <= 0:
            return usd, t
        if place == 0 and not up:
            place = None
        spare = job.deadline_s - t - left
        if (place is None and spare <= 2 * job.restart_s) or (place == 0 and t < ready and spare <= job.restart_s):
            place, ready = ON_DEMAND, t + job.restart_s
        elif place is None and up:
            place, ready = 0, t + job.restart_s
        if place is not None:
            usd += (job.spot_usd_hour if place == 0 else job.on_demand_usd_hour) / 3600
            left -= 1 if t >= ready else 0
    return usd, job.deadline_s + 1


def best_period(c, lifetime):
    """Try all periods on a grid."""
    tau = np.geomspace(c / 10 + 1e-3, 20 * lifetime, 200_001)
    with np.errstate(over="ignore"):
        return tau[np.argmin(np.expm1((tau + c) / lifetime) / tau)]


def young_period(c, lifetime):
    """Young's first order (1974)."""
    return np.sqrt(2 * c * lifetime)


def daly_period(c, lifetime):
    """Daly's higher order (2006, eq. 37), for c < 2 lifetime."""
    x = c / (2 * lifetime)
    return np.sqrt(2 * c * lifetime) * (1 + np.sqrt(x) / 3 + x / 9) - c
