"""How capacity comes and goes, as a Markov chain whose states are ages, estimated from the past.

Capacity that has just come is more likely to go than capacity that has lasted: hazards fall with age by a factor of
ten and more in recorded pools. So "up" and "down" are split by age into bins with a constant hazard each,

    hazard_b = (ends in b + K p_b) / (exposure in b + K),

which is the estimate of a piecewise exponential model (Holford 1980) with a Gamma prior: K seconds of exposure at the
hazard p_b. What is long past weighs less, by half every ``half_life_s``.

Several pools are seen as one by the eyes of a job that stays where it is until it is preempted and then takes the
oldest capacity elsewhere ("hop"), or waits.
"""

from typing import Final, final

import msgspec
import numpy as np

from learnsys.machines.spot.series import DOWN, UNKNOWN, UP, Past, States
from learnsys.machines.spot.types import Floats

EDGES_S: Final = (0.0, 600.0, 1800.0, 3600.0, 3 * 3600.0, 8 * 3600.0)
BINS: Final = len(EDGES_S)
_LAST_WIDTH: Final = 16 * 3600.0  # of the open bin, where a width is needed

# Hazards an hour by age, pooled over the zones and weeks that bench/machines/spot.py sets apart to choose the policy.
PRIOR_UP: Final = (1.9, 1.3, 0.9, 0.5, 0.25, 0.1)
PRIOR_DOWN: Final = (2.5, 1.1, 0.75, 0.3, 0.2, 0.06)


@final
class Chain(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Hazards a second by age of capacity (``up``) and of its absence (``down``), and what follows a preemption.

    Attributes
    ----------
    up, down : ndarray, shape (BINS,)
        Hazards.
    hop : float
        Probability that another pool has capacity at a preemption.
    hop_age : ndarray, shape (BINS,)
        Distribution of that capacity's age.
    """

    up: Floats
    down: Floats
    hop: float
    hop_age: Floats

    @property
    def lifetime_s(self) -> float:
        """Mean life of capacity that has just come."""
        return _mean_life(self.up)

    @property
    def available(self) -> float:
        """Long-run share of time with capacity."""
        up, down = _mean_life(self.up), _mean_life(self.down)
        return up / (up + (1 - self.hop) * down)

    def step(self, dt: float) -> tuple[Floats, Floats, Floats]:
        """Compute the chain of steps of ``dt`` seconds.

        Returns
        -------
        up_ends, down_ends : ndarray, shape (BINS,)
            Probability that a spell of each age ends within the step.
        ageing : ndarray, shape (BINS, BINS)
            Probability of each age after the step, for one that lasts.
        """
        return _ends(self.up, dt), _ends(self.down, dt), _ageing(dt)


def estimate_chain(past: Past, *, since: float, half_life_s: float, prior_s: float) -> Chain:
    """Estimate the chain from what was seen between ``since`` and now.

    Parameters
    ----------
    past : Past
        What was seen so far.
    since : float
        Earlier changes are left out.
    half_life_s : float
        Age at which an observation weighs half.
    prior_s : float
        Exposure that the prior hazards of each age stand for.
    """
    begin, end, up, age = _follow(past, since)
    p_up, p_down = np.array(PRIOR_UP) / 3600, np.array(PRIOR_DOWN) / 3600
    weight = 0.5 ** ((past.now - 0.5 * (begin + end)) / half_life_s)
    known = up != UNKNOWN
    exposure, ends = np.zeros((2, BINS)), np.zeros((2, BINS))
    edges = np.append(EDGES_S, np.inf)
    for state in (DOWN, UP):
        pick = (up == state) & known
        a0, a1, w = age[pick], age[pick] + (end - begin)[pick], weight[pick]
        inside = np.clip(np.minimum(a1[:, None], edges[1:]) - np.maximum(a0[:, None], edges[:-1]), 0, None)
        exposure[state] = w @ inside
    # A spell ends where the next stretch is another one; a hop is the end of capacity followed by capacity.
    after = np.append(up[1:], UNKNOWN)
    changed = np.append(age[1:] != (age + end - begin)[:-1], False) & known & (after != UNKNOWN)
    bins = np.searchsorted(EDGES_S, age + (end - begin), "left") - 1
    for state in (DOWN, UP):
        pick = changed & (up == state)
        ends[state] = np.bincount(bins[pick].clip(0), weights=weight[pick], minlength=BINS)
    hops = changed & (up == UP) & (after == UP)
    landed = np.searchsorted(EDGES_S, age[1:][hops[:-1]], "right") - 1
    hop_age = np.bincount(landed, weights=weight[hops], minlength=BINS) + 1e-3 * (np.arange(BINS) == 2)
    hopped = float(weight[hops].sum()) + (0.5 if len(past) > 1 else 0.0)
    return Chain(
        up=(ends[UP] + prior_s * p_up) / (exposure[UP] + prior_s),
        down=(ends[DOWN] + prior_s * p_down) / (exposure[DOWN] + prior_s),
        hop=hopped / (float(ends[UP].sum()) + 1.0),
        hop_age=hop_age / hop_age.sum(),
    )


def age_bin(age_s: float) -> int:
    """Find the bin of an age."""
    return int(np.searchsorted(EDGES_S, age_s, "right")) - 1


def _follow(past: Past, since: float) -> tuple[Floats, Floats, States, Floats]:
    """Cut the past into stretches as a job that follows capacity sees them: begin, end, state, age at the begin."""
    seen = [past.seen(k, since) for k in range(len(past))]
    cuts = np.unique(np.concatenate([t for t, _ in seen]))
    cuts = cuts[cuts < past.now]
    if not len(cuts):
        return np.zeros(0), np.zeros(0), np.zeros(0, np.int8), np.zeros(0)
    where = [np.searchsorted(t, cuts, "right") - 1 for t, _ in seen]
    state = np.array([np.where(i >= 0, s[i], UNKNOWN) for i, (_, s) in zip(where, seen, strict=True)])
    ages = np.array([np.where(i >= 0, cuts - t[i], 0.0) for i, (t, _) in zip(where, seen, strict=True)])
    if len(past) == 1:
        up, age = state[0], ages[0]
    else:
        up, age = _stay(state, ages, cuts)
    end = np.append(cuts[1:], past.now)
    return cuts, end, up, age


def _stay(state: States, ages: Floats, cuts: Floats) -> tuple[States, Floats]:
    """Stay in a pool while it is up, else take the oldest capacity; the age of an absence counts from its begin."""
    up, age = np.empty(len(cuts), np.int8), np.empty(len(cuts))
    at, since = -1, cuts[0]
    for i in range(len(cuts)):
        column = state[:, i]
        if at < 0 or column[at] != UP:
            free = np.flatnonzero(column == UP)
            if len(free):
                at = int(free[np.argmax(ages[free, i])])
            elif at >= 0:
                at, since = -1, cuts[i]
        if at >= 0:
            up[i], age[i] = UP, ages[at, i]
        else:
            up[i] = DOWN if (column == DOWN).any() else UNKNOWN
            age[i] = cuts[i] - since
    return up, age


def _widths() -> Floats:
    return np.diff(np.append(EDGES_S, EDGES_S[-1] + _LAST_WIDTH))


def _mean_life(hazard: Floats) -> float:
    widths = _widths()
    left = np.exp(-np.concatenate([[0.0], np.cumsum((hazard * widths)[:-1])]))
    inside = -np.expm1(-hazard * widths) / hazard
    inside[-1] = 1 / hazard[-1]
    return float(left @ inside)


def _ends(hazard: Floats, dt: float) -> Floats:
    """Probability that a spell in the middle of each bin ends within ``dt``."""
    middle = np.asarray(EDGES_S) + _widths() / 2
    return -np.expm1(_cumulated(hazard, middle) - _cumulated(hazard, middle + dt))


def _cumulated(hazard: Floats, age: Floats) -> Floats:
    edges = np.append(EDGES_S, np.inf)
    inside = np.clip(np.minimum(age[:, None], edges[1:]) - np.asarray(EDGES_S), 0, None)
    total: Floats = inside @ hazard
    return total


def _ageing(dt: float) -> Floats:
    """Shift a uniform age within each bin by ``dt``; the last bin keeps what reaches it."""
    low, high = np.asarray(EDGES_S), np.append(EDGES_S[1:], EDGES_S[-1] + _LAST_WIDTH)
    edges = np.append(EDGES_S, np.inf)
    inside = np.minimum(high[:, None] + dt, edges[1:]) - np.maximum(low[:, None] + dt, edges[:-1])
    moved = np.clip(inside, 0, None)
    moved[-1] = np.arange(BINS) == BINS - 1
    shares: Floats = moved / moved.sum(axis=1, keepdims=True)
    return shares
