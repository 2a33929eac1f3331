"""How far the 90th percentile of single runs lies above their mean: what noise adds on each machine.

PARIS grows a second forest for the percentile (Yadwadkar et al., SoCC 2017, sec. 4.2). Its distance from the mean is a
few per cent and says more of the machine than of the workload, so here it is learned apart. The percentile of three
runs is hardly measured: a few cells lie far out, and a machine has few cells. Hence means of logarithms, drawn towards
that of all machines by as much as they are noise (empirical Bayes; Morris, JASA 1983).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.machines.benchmark import Benchmark

Floats = NDArray[np.float64]

UNKNOWN: Final = float(np.log(1.03))  # where nothing was repeated: what runs in public clouds show
LEAST: Final = 1e-3  # of log seconds: less is the grain of the clock


def fit_tail(benchmark: Benchmark) -> Floats:
    """Learn log p90 - log mean of each machine, shape (V,), from the cells with at least three runs.

    Without any, every machine is given 3 per cent.
    """
    p90, mean = np.log(benchmark.p90_s), np.log(benchmark.seconds)
    known = np.isfinite(p90)
    if not known.any():
        return np.full(benchmark.shape[1], UNKNOWN)
    excess = np.log(np.maximum(np.where(known, p90 - mean, 0.0), LEAST))
    tail: Floats = np.exp(shrunk_means(excess, known))
    return tail


def shrunk_means(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Mean of each column of (W, V), drawn towards the mean of all by the share of noise in it.

    A column without a known value gets the mean of all.
    """
    count = known.sum(axis=0)
    seen = count > 0
    overall = float(values[known].mean())
    total = np.where(known, values, 0.0).sum(axis=0)
    means = np.divide(total, count, out=np.full(count.size, overall), where=seen)
    freedom = max(int(known.sum() - seen.sum()), 1)
    noise = (np.where(known, values - means, 0.0) ** 2).sum() / freedom / np.maximum(count, 1)
    between = max(float(((means - overall) ** 2 - noise)[seen].mean()), 0.0)
    share = np.divide(between, between + noise, out=np.zeros_like(noise), where=seen & (between + noise > 0))
    out: Floats = overall + share * (means - overall)
    return out
