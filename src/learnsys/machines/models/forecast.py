"""What a model answers: seconds on every machine, as distributions that were calibrated on other workloads."""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.estimate import Estimate
from learnsys.machines.models.conformal import Ladder

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

SAMPLES: Final = (np.arange(100) + 0.5) / 100  # levels whose quantiles stand for the distribution in its mean


@final
class Observed(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A new workload as seen on R references.

    Attributes
    ----------
    machines : ndarray of int, shape (R,)
        Indices into the benchmark's machines, each once.
    log_s : ndarray, shape (R,)
        Logarithm of the mean seconds on each.
    runs : ndarray of int, shape (R,)
        Runs behind each mean.
    counters : ndarray, shape (R, C)
        Mean counters in the order of the benchmark; NaN where not measured.
    """

    machines: Indices
    log_s: Floats
    runs: Indices
    counters: Floats


@final
class Forecast(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Seconds of one workload on V machines.

    The errors of a workload go together over its machines: the answers are right one machine at a time.

    Attributes
    ----------
    log_s : ndarray, shape (V,)
        Logarithm of the predicted mean seconds.
    scale : ndarray, shape (V,)
        Size of the error of ``log_s`` to be expected, in logarithms.
    ladder : Ladder
        How errors of that size were distributed on other workloads.
    log_p90 : ndarray, shape (V,)
        Logarithm of the predicted 90th percentile of single runs.
    """

    log_s: Floats
    scale: Floats
    ladder: Ladder
    log_p90: Floats

    def quantile(self, q: float) -> Floats:
        """Give the seconds that hold with probability ``q`` (0 < q < 1) on each machine, shape (V,)."""
        seconds: Floats = np.exp(self.log_s + self.scale * self.ladder.quantile(q))
        return seconds

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Give the ends of the central interval at ``level`` on each machine, shapes (V,)."""
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def probability(self, deadline_s: float) -> Floats:
        """Give the probability of ending within ``deadline_s`` (> 0) on each machine, shape (V,)."""
        return self.ladder.probability((np.log(deadline_s) - self.log_s) / self.scale)

    def estimate(self, machine: int, *, level: float = 0.9) -> Estimate:
        """Put one machine's distribution of seconds into words; its ``p90`` is the bound that holds with 90 %."""
        at = self.log_s[machine]
        low, median, high, p90, *rest = np.exp(
            at + self.scale[machine] * self.ladder.quantile([(1 - level) / 2, 0.5, (1 + level) / 2, 0.9, *SAMPLES])
        ).tolist()
        return Estimate(mean=float(np.mean(rest)), median=median, low=low, high=high, level=level, p90=p90)
