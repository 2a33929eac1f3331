"""The bandwidth of the lag kernel: a short ladder, of which cross-validation over blocks of time takes one a pair.

A narrow kernel sees few pairs of samples, a wide one flattens peaks. What the sums of all other blocks say of C is
compared with what the pairs of samples in a block are, at the narrowest kernel, which hardly smooths:

    J(h) = sum_j sum_tau [ den_j C_h^(-j)^2 - 2 num_j C_h^(-j) ]

is the squared error of C_h but for a constant. All sums come from one request.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate.types import Facts
from learnsys.series.types import Floats, Lags

LADDER: Final = (1.0, 2.0, 4.0)
SHORT: Final = (1.0, 2.0)  # where the estimate is shrunk, which smooths: a wide kernel would only add its bias
NARROW: Final = 0.6  # of the step between lags, so that no pair of samples falls between two of them
LEAST_PAIRS: Final = 30.0  # pairs of samples within a bandwidth of a lag, at the narrowest


def ladder(facts: Facts, lags: Lags, *, shrink: bool) -> tuple[float, ...]:
    """Bandwidths to choose from, in seconds.

    The narrowest is 0.6 of the step between lags, or of the typical gap between samples where that is smaller; wider
    where a pair of typical series would have fewer than 30 pairs of samples a bandwidth.
    """
    rungs, some = SHORT if shrink else LADDER, facts.n > 1
    if not np.any(some):
        return tuple(NARROW * lags.step_s * k for k in rungs)
    span = np.maximum(facts.last_s - facts.first_s, 1e-300)[some]
    count = float(np.median(facts.n[some]))
    gap = float(np.median(span / (facts.n[some] - 1)))
    narrowest = max(NARROW * min(lags.step_s, gap), LEAST_PAIRS * float(np.median(span)) / count**2)
    return tuple(narrowest * k for k in rungs)


def scores(numerators: list[Floats], denominators: list[Floats]) -> Floats:
    """Cross-validate kernels from the narrowest on, shape (kernels, P): J of each pair; the lowest is best.

    Parameters
    ----------
    numerators, denominators : list of ndarray, each of shape (B, P, L)
        Sums by blocks, for each kernel.
    """
    seen, weight = numerators[0], denominators[0]
    out = []
    for above, below in zip(numerators, denominators, strict=True):
        rest = below.sum(axis=0) - below
        with np.errstate(invalid="ignore", divide="ignore"):
            told = np.where(rest > 0, (above.sum(axis=0) - above) / rest, 0.0)
        out.append(np.sum(weight * told**2 - 2 * seen * told, axis=(0, 2)))
    return np.stack(out)


def chosen(numerators: list[Floats], denominators: list[Floats]) -> NDArray[np.int64]:
    """The number of the best kernel for each pair, shape (P,)."""
    return np.asarray(np.argmin(scores(numerators, denominators), axis=0), np.int64)
