"""How far the 90th percentile of single runs lies above their mean: what noise adds on each machine.

PARIS grows a second forest for the percentile (Yadwadkar et al., SoCC 2017, sec. 4.2). Its distance from the mean is a
few per cent and says little of the workload, so here it is learned apart, from e = log p90 - log mean of known cells:

    log E[e] = a + b log t + c log e_v        (a gamma regression, log link, ridge)

Short runs vary more. e_v is the mean of machine v, drawn towards that of all by as much as it is noise: the percentile
of three runs is hardly measured (empirical Bayes, Morris, JASA 1983).
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.conformal import gamma_regression

Floats = NDArray[np.float64]

UNKNOWN: Final = float(np.log(1.03))  # where nothing was repeated: what runs in public clouds show
LEAST: Final = 1e-4  # of log seconds


@final
class Tail(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What noise adds.

    Attributes
    ----------
    coefficients : ndarray, shape (3,)
        a, b, c.
    log_excess : ndarray, shape (V,)
        log e_v.
    log_s_range : tuple of float
        Shortest and longest known runs: log t is clipped to them.
    """

    coefficients: Floats
    log_excess: Floats
    log_s_range: tuple[float, float]

    def log_ratio(self, log_s: Floats) -> Floats:
        """Give log p90 - log mean for predicted log mean seconds, shape (..., V)."""
        a, b, c = self.coefficients
        ratio: Floats = np.exp(a + b * np.clip(log_s, *self.log_s_range) + c * self.log_excess)
        return ratio


def fit_tail(benchmark: Benchmark) -> Tail:
    """Learn from the cells with at least three runs.

    Without any, every machine is given 3 per cent.
    """
    p90, mean = np.log(benchmark.p90_s), np.log(benchmark.seconds)
    known = np.isfinite(p90)
    if not known.any():
        constant = np.array([np.log(UNKNOWN), 0.0, 0.0])
        return Tail(coefficients=constant, log_excess=np.zeros(benchmark.shape[1]), log_s_range=(0.0, 0.0))
    excess = np.maximum(np.where(known, p90 - mean, 0.0), 0.0)
    log_excess = np.log(np.maximum(shrunk_means(excess, known), LEAST))
    rows, columns = np.nonzero(known)
    regressors = np.column_stack([mean[known], log_excess[columns]])
    return Tail(
        coefficients=gamma_regression(regressors, excess[known], 1 / known.sum(axis=1)[rows]),
        log_excess=log_excess,
        log_s_range=(float(mean[known].min()), float(mean[known].max())),
    )


def shrunk_means(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Mean of each column of (W, V), drawn towards the mean of all by the share of noise in it."""
    count = known.sum(axis=0)
    overall = float(values[known].mean())
    means = np.divide(
        np.where(known, values, 0.0).sum(axis=0), count, out=np.full(count.size, overall), where=count > 0
    )
    freedom = max(known.sum() - (count > 0).sum(), 1)
    noise = (np.where(known, values - means, 0.0) ** 2).sum() / freedom / np.maximum(count, 1)
    seen = count > 0
    between = max(float(((means[seen] - overall) ** 2 - noise[seen]).mean()), 0.0)
    weight = np.where(
        seen, np.divide(between, between + noise, out=np.ones_like(noise), where=between + noise > 0), 0.0
    )
    out: Floats = overall + weight * (means - overall)
    return out
