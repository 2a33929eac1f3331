"""How long capacity lasts: the Kaplan-Meier estimate of its survival, with censored spells.

With n_i spells still on at length t_i and e_i of them ending there,

    S(t) = prod_{t_i <= t} (1 - e_i / n_i),    var log(-log S) = sum e_i / (n_i (n_i - e_i)) / (log S)^2

(Kaplan & Meier 1958; Greenwood's sum on the log-log scale, Kalbfleisch & Prentice 1980, so that the interval stays
within 0 and 1).
"""

from typing import final

import msgspec
import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from learnsys.core.errors import InputError
from learnsys.machines.spot.series import UP, Past, spells
from learnsys.machines.spot.types import Floats

DEFAULT_LIFETIME_S = 2 * 3600.0  # of capacity nobody has seen yet; between the median and the mean of known pools


@final
class Survival(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A survival curve: ``at_risk`` and ``ends`` at each length ``t_s`` at which a spell ended."""

    t_s: Floats
    at_risk: Floats
    ends: Floats
    spells: int
    observed_s: float

    def survives(self, t_s: float) -> float:
        """Estimate the probability to last longer than ``t_s``."""
        seen = self.t_s <= t_s
        return float(np.prod(1 - self.ends[seen] / self.at_risk[seen]))

    def interval(self, t_s: float, level: float = 0.9) -> tuple[float, float]:
        """Bound the probability to last longer than ``t_s``.

        Where all survived, or none did, the rule of three's exact form takes the place of Greenwood's zero variance.
        """
        if self.spells == 0:
            return 0.0, 1.0
        s, half = self.survives(t_s), float(ndtri(0.5 + level / 2))
        edge = float((1 - level) ** (1 / self._risk(t_s)))
        if s == 1:
            return edge, 1.0
        if s == 0:
            return 0.0, 1 - edge
        seen = self.t_s <= t_s
        n, e = self.at_risk[seen], self.ends[seen]
        spread = half * np.sqrt(np.sum(e / (n * (n - e)))) / abs(np.log(s))
        return float(s ** np.exp(spread)), float(s ** np.exp(-spread))

    def _risk(self, t_s: float) -> float:
        before = self.at_risk[self.t_s <= t_s]
        return float(before[-1]) if len(before) else float(self.spells)

    @property
    def lifetime_s(self) -> float:
        """Mean time between preemptions: time observed over ends seen; infinity if none was."""
        total = float(self.ends.sum())
        return self.observed_s / total if total else float("inf")


def kaplan_meier(lengths_s: ArrayLike, ended: ArrayLike) -> Survival:
    """Estimate survival from spells.

    Parameters
    ----------
    lengths_s : array_like, shape (m,)
        How long each was seen to last, >= 0.
    ended : array_like of bool, shape (m,)
        False where it was still on when last seen.

    Raises
    ------
    InputError
        If lengths and ends differ in number, or a length is negative.

    Examples
    --------
    >>> s = kaplan_meier([10, 20, 20, 40], [True, True, False, True])
    >>> s.survives(10), s.survives(30)
    (0.75, 0.5)
    """
    t, e = np.asarray(lengths_s, float), np.asarray(ended, bool)
    if t.shape != e.shape or t.ndim != 1:
        raise InputError(f"{t.size} lengths, but {e.size} ends", value=e.size, next="give one flag for each length")
    if t.size and not t.min() >= 0:
        raise InputError.below("the length of a spell", float(t.min()), 0)
    at = np.unique(t[e])
    longer = np.sort(t)
    return Survival(
        t_s=at,
        at_risk=(t.size - np.searchsorted(longer, at, "left")).astype(float),
        ends=np.diff(np.searchsorted(np.sort(t[e]), at, "right"), prepend=0).astype(float),
        spells=t.size,
        observed_s=float(t.sum()),
    )


def up_survival(past: Past, k: int) -> Survival:
    """Estimate how long capacity of pool ``k`` lasts from what was seen of it."""
    return kaplan_meier(*spells(*past.seen(k), past.now, UP))


def mean_lifetime(past: Past) -> float:
    """Estimate the mean time between preemptions over all pools, two hours weighing as one preemption more."""
    each = [up_survival(past, k) for k in range(len(past))]
    observed, ends = sum(s.observed_s for s in each), sum(float(s.ends.sum()) for s in each)
    return (observed + DEFAULT_LIFETIME_S) / (ends + 1)
