# mypy: disable-error-code="no-any-return, untyped-decorator"
"""The compiled pass of the dynamic programme in ``foresight``.

Symbols: work left w = j dt, spare time sigma = l dt (what is left of R - C - d), capacity s: bins of age when up
(0 .. B-1), then when down (B .. 2B-1). Three tables of expected dollars to go: idle V, on demand O, on spot S.
A step of dt on demand or on spot takes dt of work and no spare time; waiting takes dt of spare time and no work. So the
line beyond which only on-demand capacity meets the deadline, sigma = 0, is a line of the grid.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from learnsys.core.compiled import can_cache

Tables = NDArray[np.float64]

jit: Callable[..., Any] = njit(nogil=True, cache=can_cache(lambda: None))


@jit
def cost_to_go(
    n_work: int,
    n_spare: int,
    dt: float,
    chain: Any,
    price: Any,
    start_s: float,
    overhead: float,
    lost_s: float,
    save_s: float,
) -> Any:
    """Fill the three tables, shape (3, n_work + 1, n_spare + 1, 2B): idle, on demand, on spot.

    ``chain`` is (up_ends, down_ends, ageing, hop, hop_age, start_ends), ``price`` (on demand, spot) a second,
    ``start_s`` of a start, ``overhead`` seconds of saving per second of work, ``lost_s`` the work that a preemption
    takes, ``save_s`` to save before leaving.
    """
    up_ends, down_ends, ageing, hop, hop_age, start_ends = chain
    k, p = price
    bins = len(up_ends)
    out = np.zeros((3, n_work + 1, n_spare + 1, 2 * bins))
    V, O, S = out[0], out[1], out[2]
    d = start_s / dt  # in steps of spare time
    lose = lost_s / dt
    after = np.zeros(bins)
    for j in range(1, n_work + 1):
        must = k * (j * dt + start_s)  # only on demand is left
        for l in range(n_spare + 1):
            # --- go on where one is
            for b in range(bins):
                stay_up = stay_down = 0.0
                for a in range(bins):
                    if ageing[b, a] > 0.0:
                        stay_up += ageing[b, a] * O[j - 1, l, a]
                        stay_down += ageing[b, a] * O[j - 1, l, bins + a]
                gone = (1.0 - hop) * O[j - 1, l, bins]
                if hop > 0.0:
                    for a in range(bins):
                        gone += hop * hop_age[a] * O[j - 1, l, a]
                O[j, l, b] = k * dt + (1.0 - up_ends[b]) * stay_up + up_ends[b] * gone
                O[j, l, bins + b] = k * dt + (1.0 - down_ends[b]) * stay_down + down_ends[b] * O[j - 1, l, 0]
            # --- idle without capacity
            for b in range(bins):
                best = k * start_s + O[j, l, bins + b]
                if l == 0:
                    best = must
                else:
                    wait = 0.0
                    for a in range(bins):
                        if ageing[b, a] > 0.0:
                            wait += ageing[b, a] * V[j, l - 1, bins + a]
                    come = V[j, l - 1, 0]  # taken at the end of the step: a little late
                    wait = (1.0 - down_ends[b]) * wait + down_ends[b] * come
                    best = min(best, wait)
                V[j, l, bins + b] = best
            # --- on spot: a step, which takes a little spare time for saving
            f = l - overhead
            for a in range(bins):
                after[a] = _at(S, j - 1, f, a, k, start_s, dt)
            half = l - lose
            down_late = _at(V, j - 1, half, bins, k, start_s, dt)
            down_soon = _at(V, j, half, bins, k, start_s, dt)
            down = 0.5 * (down_late + down_soon)
            if hop > 0.0:
                other = 0.0
                for a in range(bins):
                    other += hop_age[a] * _at(V, j - 1, half, a, k, start_s, dt)
                    if l > 0:
                        other += hop_age[a] * _at(V, j, min(half, l - 1.0), a, k, start_s, dt)
                    else:
                        other += hop_age[a] * must
                down = (1.0 - hop) * down + 0.5 * hop * other
            run = p * dt * (1.0 + overhead)
            for b in range(bins):
                last = 0.0
                for a in range(bins):
                    last += ageing[b, a] * after[a]
                S[j, l, b] = (1.0 - up_ends[b]) * (run + last) + up_ends[b] * (0.5 * run + down)
                S[j, l, bins + b] = V[j, l, bins + b]
            # --- idle with capacity: start there, go on demand, or wait
            failed = _at(V, j, l - 0.5 * d, bins, k, start_s, dt)
            for b in range(bins):
                best = k * start_s + O[j, l, b] if l > 0 else must
                if l >= d and l > 0:
                    begun = p * start_s + _at(S, j, l - d, b, k, start_s, dt)
                    begin = (1.0 - start_ends[b]) * begun + start_ends[b] * (0.5 * p * start_s + failed)
                    best = min(best, begin)
                if l > 0:
                    wait = 0.0
                    for a in range(bins):
                        wait += ageing[b, a] * V[j, l - 1, a]
                    wait = (1.0 - up_ends[b]) * wait + up_ends[b] * V[j, l - 1, bins]
                    best = min(best, wait)
                V[j, l, b] = best
            # --- on demand: stay, or leave and be idle, which costs a start of spare time when one comes back
            save = save_s / dt
            for b in range(2 * bins):
                if l - d - save > 0.0:
                    leave = k * save_s + _at(V, j, l - d - save, b, k, start_s, dt)
                    O[j, l, b] = min(O[j, l, b], leave)
    return out


@jit
def _at(table: Any, j: int, l: float, s: int, k: float, start_s: float, dt: float) -> float:
    """Read a table between two lines of spare time; below zero only on demand is left."""
    if j <= 0:
        return 0.0
    if l < 0.0:
        return k * (j * dt + start_s)
    i = int(l)
    r = l - i
    if r == 0.0:
        return table[j, i, s]
    return (1.0 - r) * table[j, i, s] + r * table[j, i + 1, s]


@jit
def choices(tables: Any, work: float, spare: float, s: int, dt: float, chain: Any, price: Any, start_s: float) -> Any:
    """Compute the expected dollars of waiting, of going on demand and of starting on spot, from idle.

    ``work`` and ``spare`` are in steps and need not be whole.
    """
    up_ends, down_ends, ageing, _, _, start_ends = chain
    k, p = price
    bins = len(up_ends)
    V, O, S = tables[0], tables[1], tables[2]
    d = start_s / dt
    wait = 0.0
    b = s % bins
    first = 0 if s < bins else bins
    for a in range(bins):
        if ageing[b, a] > 0.0:
            wait += ageing[b, a] * _between(V, work, spare - 1.0, first + a, k, start_s, dt)
    if s < bins:
        wait = (1.0 - up_ends[b]) * wait + up_ends[b] * _between(V, work, spare - 1.0, bins, k, start_s, dt)
    else:
        wait = (1.0 - down_ends[b]) * wait + down_ends[b] * _between(V, work, spare - 1.0, 0, k, start_s, dt)
    demand = k * start_s + _between(O, work, spare, s, k, start_s, dt)
    spot = np.inf
    if s < bins and spare >= d:
        begun = p * start_s + _between(S, work, spare - d, s, k, start_s, dt)
        failed = _between(V, work, spare - 0.5 * d, bins, k, start_s, dt)
        spot = (1.0 - start_ends[b]) * begun + start_ends[b] * (0.5 * p * start_s + failed)
    return wait, demand, spot


@jit
def staying(tables: Any, work: float, spare: float, s: int, dt: float, chain: Any, price: Any, start_s: float) -> float:
    """Compute the expected dollars of staying on demand for a step."""
    up_ends, down_ends, ageing, hop, hop_age, _ = chain
    k = price[0]
    bins = len(up_ends)
    O = tables[1]
    b = s % bins
    first = 0 if s < bins else bins
    step = min(work, 1.0)
    total = 0.0
    for a in range(bins):
        if ageing[b, a] > 0.0:
            total += ageing[b, a] * _between(O, work - step, spare, first + a, k, start_s, dt)
    if s < bins:
        gone = (1.0 - hop) * _between(O, work - step, spare, bins, k, start_s, dt)
        for a in range(bins):
            gone += hop * hop_age[a] * _between(O, work - step, spare, a, k, start_s, dt)
        return k * dt * step + (1.0 - up_ends[b]) * total + up_ends[b] * gone
    come = _between(O, work - step, spare, 0, k, start_s, dt)
    return k * dt * step + (1.0 - down_ends[b]) * total + down_ends[b] * come


@jit
def _between(table: Any, work: float, spare: float, s: int, k: float, start_s: float, dt: float) -> float:
    """Read a table between its lines; beyond its last line of spare time, the last line holds."""
    if work <= 0.0:
        return 0.0
    if spare < 0.0:
        return k * (work * dt + start_s)
    spare = min(spare, table.shape[1] - 1.0)
    work = min(work, table.shape[0] - 1.0)
    j = int(work)
    r = work - j
    low = _at(table, j, spare, s, k, start_s, dt)
    if r == 0.0:
        return low
    return (1.0 - r) * low + r * _at(table, j + 1, spare, s, k, start_s, dt)
