"""A pool as a job sees it: up, down or unknown, in spells; and what of it was known at a moment.

Capacity is up where as many instances as the job needs can be had at its bid. Unknown counts as down when a job runs,
and as neither when a lifetime is estimated: its spells are censored.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.machines.spot.types import Floats, Pool, clock

UNKNOWN: Final = -1
DOWN: Final = 0
UP: Final = 1

States = NDArray[np.int8]


@final
class Track:
    """A pool at one bid: moments at which its state changes, and the integral of its price.

    Attributes
    ----------
    times : ndarray, shape (n,)
        Moments of change; the last one is the end of the observed span.
    states : ndarray of int8, shape (n,)
        ``UP``, ``DOWN`` or ``UNKNOWN`` from each moment on.
    """

    def __init__(self, pool: Pool, bid: float, spot_usd_hour: float | None) -> None:
        price = pool.price_usd_hour
        if spot_usd_hour is not None:
            price = np.where(np.isnan(price), spot_usd_hour, price)
        up = (pool.available >= pool.nodes) & ~(price > bid)
        states = np.where(np.isnan(pool.available), UNKNOWN, np.where(up, UP, DOWN)).astype(np.int8)
        if np.isnan(price[states == UP]).any():
            raise InputError(
                f"pool {pool.name} has no price", value=pool.name, next="give the spot price: --spot-price"
            )
        change = np.flatnonzero(np.diff(states, prepend=-2))
        self.times: Floats = np.append(pool.times_s[change], pool.end_s)
        self.states: States = np.append(states[change], np.int8(UNKNOWN))
        self._t: list[float] = self.times.tolist()
        self._s: list[int] = self.states.tolist()
        each = np.nan_to_num(price) / 3600
        self._constant = float(each[0]) if np.ptp(each) == 0 else None
        knots = np.append(pool.times_s, pool.end_s)
        self._knots, self._paid = knots, np.concatenate([[0.0], np.cumsum(each * np.diff(knots))])
        self._each = each

    def state(self, t: float) -> int:
        """Tell the state at ``t``."""
        i = bisect_right(self._t, t) - 1
        return self._s[i] if i >= 0 else UNKNOWN

    def next_change(self, t: float) -> float:
        """Find the first change after ``t``; infinity if there is none."""
        i = bisect_right(self._t, t)
        return self._t[i] if i < len(self._t) else np.inf

    def price(self, t: float) -> float:
        """Tell the price at ``t`` in dollars a second."""
        if self._constant is not None:
            return self._constant
        i = int(np.searchsorted(self._knots, t, "right")) - 1
        return float(self._each[min(max(i, 0), len(self._each) - 1)])

    def cost(self, start: float, end: float) -> float:
        """Add up the price from ``start`` to ``end``, in dollars."""
        if self._constant is not None:
            return self._constant * (end - start)
        paid = np.interp([start, end], self._knots, self._paid)
        return float(paid[1] - paid[0])


@lru_cache(maxsize=512)
def track(pool: Pool, bid: float, spot_usd_hour: float | None) -> Track:
    """See ``pool`` at a bid; the same object for the same question."""
    return Track(pool, bid, spot_usd_hour)


@final
class Past:
    """What a policy may know: the tracks up to now, and nothing later.

    Parameters
    ----------
    tracks : sequence of Track
        One a pool.
    now : float
        The present, moved on by the simulator.
    """

    def __init__(self, tracks: Sequence[Track], now: float) -> None:
        self._tracks = tracks
        self.now = now

    def __len__(self) -> int:
        return len(self._tracks)

    def seen(self, k: int, since: float = -np.inf) -> tuple[Floats, States]:
        """Return moments of change of pool ``k`` in (since, now] and the states from them on.

        The state at ``since`` comes first, at ``since`` itself.
        """
        track = self._tracks[k]
        end = int(np.searchsorted(track.times, self.now, "right"))
        first = max(int(np.searchsorted(track.times, since, "right")) - 1, 0)
        times, states = track.times[first:end], track.states[first:end]
        if len(times) and times[0] < since:
            times = times.copy()
            times[0] = since
        return times, states

    def price(self, k: int) -> float:
        """Tell the present price of pool ``k`` in dollars a second."""
        return self._tracks[k].price(self.now)


def spells(times: Floats, states: States, end: float, state: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Measure the spells in ``state`` up to ``end``.

    Parameters
    ----------
    times, states : ndarray, shape (n,)
        Moments of change and the state from each on.
    end : float
        The last moment that was observed.
    state : int
        ``UP`` or ``DOWN``.

    Returns
    -------
    lengths : ndarray, shape (m,)
        Seconds of each spell.
    ended : ndarray of bool, shape (m,)
        Whether its end was seen: not where observation stopped or nobody looked.
    """
    ends = np.append(times[1:], end)
    after = np.append(states[1:], np.int8(UNKNOWN))
    keep = (states == state) & (ends > times)
    return (ends - times)[keep], (after != UNKNOWN)[keep]


def overlap(pools: Sequence[Pool]) -> tuple[float, float]:
    """Find the span in which all pools were observed.

    Raises
    ------
    InputError
        If there is none.
    """
    if not pools:
        raise InputError("no pool", value=0, next="give at least one")
    start, end = max(p.start_s for p in pools), min(p.end_s for p in pools)
    if end <= start:
        names = ", ".join(p.name for p in pools[:3]) + (f" and {len(pools) - 3} more" if len(pools) > 3 else "")
        raise InputError(
            f"{names} were never observed together",
            value=names,
            next=f"choose pools of one period: --on {' or '.join(sorted({clock(p.start_s)[:10] for p in pools})[:4])}",
        )
    return start, end
