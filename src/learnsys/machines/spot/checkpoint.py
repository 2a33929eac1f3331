"""How often to save: expected time of a job under preemptions, and the period with the least of it.

With mean time M between preemptions (exponential), a checkpoint of c seconds and a restart of d seconds, work w in
periods of tau takes (Daly 2006, eq. 20, without a checkpoint after the last period)

    T(tau) = M exp(d/M) [ n (exp((tau + c)/M) - 1) + exp(rest/M) - 1 ],    w = n tau + rest, 0 < rest <= tau

Young's first order is sqrt(2 c M); Daly's higher order corrects it; ``best_period`` minimises T per second of work over
a long job exactly, which is a root of Lambert's function:

    tau = M (1 + W(-exp(-(1 + c/M)))).

A failure strikes restarts too, and costs the time until the next attempt ends. Waiting for capacity is not in T.
"""

from math import ceil, exp, expm1, inf

from scipy.special import lambertw

from learnsys.core.errors import InputError


def best_period(checkpoint_s: float, lifetime_s: float) -> float:
    """Compute the period that minimises the expected time per second of work.

    A longer restart stretches all periods alike, so it does not move the best one.

    Examples
    --------
    >>> round(best_period(60, 4 * 3600))
    1275
    """
    _check(checkpoint_s, lifetime_s)
    if lifetime_s == inf:
        return inf
    return float(lifetime_s * (1 + lambertw(-exp(-(1 + checkpoint_s / lifetime_s))).real))


def expected_time(work_s: float, period_s: float, *, checkpoint_s: float, restart_s: float, lifetime_s: float) -> float:
    """Compute the expected seconds of a job on capacity that comes back at once.

    Parameters
    ----------
    work_s, period_s : float
        Work, and work between checkpoints, > 0.
    checkpoint_s, restart_s : float
        Seconds to save, and of each start, the first one too.
    lifetime_s : float
        Mean time between preemptions; may be infinite.
    """
    _check(checkpoint_s, lifetime_s)
    if not (work_s > 0 and period_s > 0):
        raise InputError("work and period must be positive", value=min(work_s, period_s), next="give seconds > 0")
    n = max(ceil(work_s / period_s) - 1, 0)
    rest = work_s - n * period_s if n else work_s
    if lifetime_s == inf:
        return restart_s + work_s + n * checkpoint_s
    if (period_s if n else rest) + checkpoint_s + restart_s > 600 * lifetime_s:
        return inf  # exp overflows: it never ends
    m = lifetime_s
    stretch = exp(restart_s / m)
    first = (period_s + checkpoint_s) if n else rest
    each = n * stretch * m * expm1((period_s + checkpoint_s) / m) + stretch * m * expm1(rest / m)
    # A period needs a start only after a preemption; the first one always does.
    return m * expm1((restart_s + first) / m) - stretch * m * expm1(first / m) + each


def _check(checkpoint_s: float, lifetime_s: float) -> None:
    if not (checkpoint_s >= 0 and lifetime_s > 0):
        raise InputError(
            f"a checkpoint of {checkpoint_s} s and a lifetime of {lifetime_s} s",
            value=min(checkpoint_s, lifetime_s),
            next="give a checkpoint >= 0 and a lifetime > 0",
        )
