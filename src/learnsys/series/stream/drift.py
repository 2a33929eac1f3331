"""Changes that stay, small ones too, in how pairs of series move together; with so many false alarms a day.

Where ``watch`` compares each window alone, this adds up. Each block of time gives a value for every pair and lag: the
correlation of its samples. The first blocks tell what is usual, mean and spread of each; those that follow are
compared by cumulative sums,

    S+ = max(0, S+ + z - k),   S- = max(0, S- - z - k),   alarm where one exceeds h

(Page, Biometrika 1954), which see a small change that stays as well as a large one at once. z is the value in standard
deviations, of Student's t for the few blocks that made them, and of at most ``MOST_Z``, so that one odd block is no
alarm. k is half the change to be seen quickly, and h follows from the false alarms that are wanted by Siegmund's
approximation (Sequential Analysis, 1985): of one sum the mean time between them is (e^b - b - 1) / (2 k^2) blocks with
b = 2 k (h + 1.166); there are two for each pair and lag. A lead that moves shows at its old lag and at its new one.
"""

from collections.abc import Iterator, Sequence
from typing import Final, final

import msgspec
import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student

from learnsys.core.errors import InputError
from learnsys.series.stream.ring import PARTS, Block, Ring
from learnsys.series.sums.running import Rows
from learnsys.series.types import Floats, SumsSpec

DAY_S: Final = 86_400.0
DRIFT: Final = 0.5  # k: a change of one standard deviation of a block is seen soonest
OVERSHOOT: Final = 1.166
MOST_Z: Final = 3.5
LEAST: Final = 12  # blocks that tell what is usual


@final
class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A covariance that changed.

    Attributes
    ----------
    time_s : float
        End of the block at which it was noticed, in seconds since the origin.
    since_s : float
        End of the last block before it seems to have changed.
    a, b : str
    lag_s : float
    usual, now : float
        Correlation at that lag before, and on average since.
    """

    time_s: float
    since_s: float
    a: str
    b: str
    lag_s: float
    usual: float
    now: float


@final
class Drift:
    """Look at endless rows, and say when pairs of series no longer move together as they did.

    Parameters
    ----------
    spec : SumsSpec
        Which pairs at which lags, by one kernel.
    ids : sequence of str
    every_s : float
        Length of a block: one look.
    usual : int
        Blocks that tell what is usual, >= 12; better 50 and more.
    false_alarms_per_day : float
        How many are put up with, over all pairs and lags, > 0.
    wait_s : float
        How late rows may come.
    """

    def __init__(
        self, spec: SumsSpec, ids: Sequence[str], *, every_s: float, usual: int = 100,
        false_alarms_per_day: float = 0.1, wait_s: float = 0.0,
    ) -> None:  # fmt: skip
        if usual < LEAST:
            raise InputError.below("usual", usual, LEAST)
        if not false_alarms_per_day > 0:
            raise InputError(
                f"false_alarms_per_day is {false_alarms_per_day}, but must be more than 0",
                value=false_alarms_per_day, next="what never errs never warns: try 0.1",
            )  # fmt: skip
        self.ring = Ring(spec, ids, every_s=every_s, blocks=1, wait_s=wait_s)
        self.usual = usual
        looks = len(self.ring.pairs) * spec.lags.count * DAY_S / every_s
        self.threshold = threshold(looks / false_alarms_per_day)
        self.seen: list[Floats] = []
        self.mean = self.spread = np.zeros(0)
        self.sums = np.zeros((2, len(self.ring.pairs), spec.lags.count))
        self.begun = np.zeros((*self.sums.shape, 3))  # block before the sum left 0; values since: their sum and count

    def add(self, chunk: Rows, *, t0_ns: int = 0) -> tuple[Change, ...]:
        """Add rows, roughly in order of time, and give the alarms that they raise."""
        return tuple(alarm for block in self.ring.add(chunk, t0_ns=t0_ns) for alarm in self._look(block))

    def _look(self, block: Block) -> Iterator[Change]:
        value = correlations(block)
        if len(self.seen) < self.usual:
            self.seen.append(value)
            if len(self.seen) == self.usual:
                self._settle()
            return
        freedom = np.maximum(np.isfinite(self.seen).sum(axis=0) - 1, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            t = (value - self.mean) / (self.spread * np.sqrt(1 + 1 / (freedom + 1)))
        z = np.sign(t) * norm.isf(student.sf(np.abs(t), freedom))
        z = np.clip(np.nan_to_num(z, nan=0.0), -MOST_Z, MOST_Z)
        for side, sign in enumerate((1.0, -1.0)):
            self.sums[side] = np.maximum(0.0, self.sums[side] + sign * z - DRIFT)
            rising = self.sums[side] > 0
            self.begun[side][~rising] = (block.number, 0.0, 0.0)
            known = rising & np.isfinite(value)
            self.begun[side][known, 1] += value[known]
            self.begun[side][known, 2] += 1
            for p, l in np.argwhere(self.sums[side] > self.threshold):
                yield self._alarm(block, side, int(p), int(l))

    def _alarm(self, block: Block, side: int, p: int, l: int) -> Change:
        """Raise an alarm, and begin anew at that pair and lag."""
        before, total, count = self.begun[side, p, l]
        self.sums[side, p, l] = 0.0
        self.begun[side, p, l] = (block.number, 0.0, 0.0)
        every, names = self.ring.every_s, self.ring.ids
        a, b = self.ring.pairs[p]
        return Change(
            time_s=(block.number + 1) * every, since_s=(float(before) + 1) * every, a=names[a], b=names[b],
            lag_s=float(block.sums.lags.values[l]), usual=float(self.mean[p, l]), now=float(total / max(count, 1.0)),
        )  # fmt: skip

    def _settle(self) -> None:
        """Find what is usual: mean and spread of the blocks so far, NaN where fewer than ``LEAST`` have a value."""
        seen = np.array(self.seen)
        known = np.isfinite(seen)
        count = known.sum(axis=0)
        few = count < LEAST
        self.mean = np.where(few, np.nan, np.where(known, seen, 0.0).sum(axis=0) / np.maximum(count, 1))
        apart = np.where(known, (seen - self.mean) ** 2, 0.0).sum(axis=0)
        self.spread = np.where(few, np.nan, np.sqrt(apart / np.maximum(count - 1, 1)))


def correlations(block: Block) -> Floats:
    """Correlation of the samples of one block at each lag, shape (P, L); NaN where nothing is known."""
    n, total, squares = block.totals
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
        scale = np.sqrt(np.where(squares / n > mean**2, squares / n - mean**2, np.nan))
        a, b = block.sums.pairs.T
        ww, xy, xw, wx = (np.asarray(getattr(block.sums, name), float)[0, 0] for name in PARTS)
        ma, mb = mean[a][:, None], mean[b][:, None]
        values = (xy - mb * xw - ma * wx + ma * mb * ww) / np.where(ww > 0, ww, np.nan)
        return np.asarray(values / (scale[a] * scale[b])[:, None], float)


def threshold(looks: float) -> float:
    """Find h for a mean of ``looks`` looks at a pair and lag between two false alarms.

    Examples
    --------
    >>> round(threshold(465.0), 1)  # two-sided, k = 1/2: h = 5 in tables
    5.0
    """

    def beyond(h: float) -> float:
        b = 2 * DRIFT * (h + OVERSHOOT)
        return float(np.expm1(b) - b) / (2 * DRIFT**2) / 2 - looks

    return float(brentq(beyond, 0.0, 600.0)) if beyond(0.0) < 0 else 0.0
