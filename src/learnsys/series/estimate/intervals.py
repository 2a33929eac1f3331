"""Intervals of covariances by the jackknife over blocks of time, and how many lags are noisy independently.

Leaving out one block after the other (Künsch, Annals of Statistics 1989) takes in all that makes the estimate vary:
the finite time, the chance of the stamps, noise of samples; sums over pairs by blocks are all it needs.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from learnsys.series.types import Floats

TOGETHER: Final = 2  # neighbouring blocks of which intervals make one


def influence(numerator: NDArray[np.floating], denominator: NDArray[np.floating]) -> Floats:
    """Tell by how much each block moves the ratio of sums, shape (B, ...) as the sums; the mean over blocks is 0.

    Parameters
    ----------
    numerator, denominator : ndarray, shape (B, ...)
        Sums of each block.

    Examples
    --------
    >>> influence(np.array([1.0, 3.0]), np.array([1.0, 1.0])).tolist()
    [-1.0, 1.0]
    """
    blocks = len(numerator)
    above, below = numerator.sum(axis=0), denominator.sum(axis=0)
    rest = below - denominator
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = (blocks - 1) * (above / below - np.where(rest > 0, (above - numerator) / rest, np.nan))
    moved = np.nan_to_num(moved, posinf=0.0, neginf=0.0)
    return np.asarray(moved - moved.mean(axis=0), float)


def variance(moved: Floats) -> Floats:
    """Variance of the ratio from the influence of each block, shape (...)."""
    blocks = len(moved)
    return np.asarray(np.sum(moved**2, axis=0) / (blocks * (blocks - 1)), float)


def standard_error(moved: Floats) -> Floats:
    """Standard errors of ratios at lags, shape (P, L), steadied in two ways.

    Neighbouring blocks are put together by twos, since what is near the edge of a block depends on the next one. Half
    of each variance is the average over the third of the lags around: it varies slowly with the lag, but is known from
    a dozen blocks only.

    Parameters
    ----------
    moved : ndarray, shape (B, P, L)
        Influence of the blocks.
    """
    blocks, pairs, lags = moved.shape
    own = variance(moved.reshape(blocks // TOGETHER, TOGETHER, pairs, lags).mean(axis=1))
    reach = lags // 6
    total = np.cumsum(np.pad(own, ((0, 0), (1, 0))), axis=1)
    high, low = np.minimum(np.arange(lags) + reach + 1, lags), np.maximum(np.arange(lags) - reach, 0)
    return np.asarray(np.sqrt(0.5 * own + 0.5 * (total[:, high] - total[:, low]) / (high - low)), float)


def independent_lags(moved: Floats) -> float:
    """Count the independent errors among lags, by their covariance V: (tr V)^2 / tr V^2, from 1 to the number of lags.

    Neighbouring lags see the same samples, so that their errors go up and down together. V is known from B blocks
    only, which adds (tr V)^2 / (B - 1) to tr V^2; that is taken off.

    Parameters
    ----------
    moved : ndarray, shape (B, L)
        Influence of the blocks on one pair.
    """
    blocks, lags = moved.shape
    if not (largest := float(np.max(np.abs(moved), initial=0.0))) > 0:
        return float(lags)
    gram = (moved / largest) @ (moved / largest).T
    share = float(np.sum(gram**2) / np.trace(gram) ** 2)
    free = blocks - 1
    return float(1 / min(max((share - 1 / free) * free / (free + 1), 1 / lags), 1.0))


def bounds(centre: Floats, error: Floats, *, level: float, blocks: int) -> tuple[Floats, Floats]:
    """Lower and upper ends of the intervals, by Student's t with the degrees of freedom of ``standard_error``."""
    reach = float(stats.t.ppf(0.5 + level / 2, blocks // TOGETHER - 1)) * error
    return np.asarray(centre - reach, float), np.asarray(centre + reach, float)
