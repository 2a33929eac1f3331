"""By what a new workload is compared with the known ones: what its runs on the references look like.

y_R are log seconds on R references, c_R the counters there. Three things count, each with its own unit of distance:

    shape     T = y_R - mean y_R              d_T = rms(T - T') / rho, rho the root mean square of the known T
    level     B = mean y_R                    d_B = |B - B'| / sd(B)
    counters  Z = (log(1 + |c|) - mean) / sd, clipped    d_Z = mean |Z - Z'|

A counter that was not measured is taken to be that of the mean workload. In means over R, those of squares too, a
reference may count more than another, where runs are less noisy.
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CLIP: Final = 3.0  # standard deviations: a counter may be far from all that is known, and says no more then
LEAST: Final = 1e-6  # of a spread: below it nothing varies


@final
class Traits(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What n workloads look like: ``shape`` (n, R), ``level`` (n,) and ``counters`` (n, R C), standardised.

    A column of ``shape`` is multiplied by the root of R times the reference's share: plain sums of squares then hold.
    """

    shape: Floats
    level: Floats
    counters: Floats


@final
class Distances(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How far n workloads are from W others: ``shape``, ``level`` and ``counters``; ``product`` is T T' / R rho^2.

    All have shape (n, W).
    """

    shape: Floats
    level: Floats
    counters: Floats
    product: Floats


@final
class Yardstick(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Units of the three distances, taken from known workloads.

    Attributes
    ----------
    share : ndarray, shape (R,)
        Weight of each reference in means over them, summing to one.
    rho, sd_level : float
    centre, spread : ndarray, shape (R, C)
        Mean and standard deviation of each log counter on each reference; the spread is infinite where none varies.
    """

    share: Floats
    rho: float
    sd_level: float
    centre: Floats
    spread: Floats

    def traits(self, y: Floats, counters: Floats) -> Traits:
        """Standardise log seconds, shape (n, R), and counters, shape (n, R, C)."""
        level = y @ self.share
        z = (_log(counters) - self.centre) / self.spread
        z = np.clip(np.where(np.isfinite(z), z, 0.0), -CLIP, CLIP)
        scaled = (y - level[:, None]) * np.sqrt(self.share * self.share.size)
        return Traits(shape=scaled, level=level, counters=z.reshape(len(y), -1))

    @property
    def varying(self) -> int:
        """How many counters vary, over all references."""
        return int(np.isfinite(self.spread).sum())

    def between(self, new: Traits, known: Traits) -> Distances:
        """Measure n new workloads against W known ones."""
        R = new.shape.shape[1]
        product = new.shape @ known.shape.T
        square = (new.shape**2).sum(axis=1)[:, None] + (known.shape**2).sum(axis=1) - 2 * product
        counters = np.array([np.abs(z - known.counters).sum(axis=1) for z in new.counters]) / max(self.varying, 1)
        return Distances(
            shape=np.sqrt(np.maximum(square, 0) / R) / self.rho,
            level=np.abs(new.level[:, None] - known.level) / self.sd_level,
            counters=counters.reshape(len(new.level), len(known.level)),
            product=product / (R * self.rho**2),
        )


def yardstick(y: Floats, counters: Floats, share: Floats | None = None) -> Yardstick:
    """Take the units from known workloads: log seconds (W, R) and counters (W, R, C); by default, shares are equal."""
    share = np.full(y.shape[1], 1 / y.shape[1]) if share is None else share
    level = y @ share
    logs = _log(counters)
    known = np.isfinite(logs)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, logs, 0.0).sum(axis=0) / count
    sd = np.sqrt((np.where(known, logs - mean, 0.0) ** 2).sum(axis=0) / count)
    return Yardstick(
        share=share,
        rho=max(float(np.sqrt(((y - level[:, None]) ** 2 @ share).mean())), LEAST),
        sd_level=max(float(level.std()), LEAST),
        centre=mean,
        spread=np.where(sd > LEAST, sd, np.inf),
    )


def _log(counters: Floats) -> Floats:
    return np.log1p(np.abs(counters))
