# mypy: disable-error-code="untyped-decorator"
"""Brownian motion seen with noise: a model of one wandering series, and of two of which one follows the other.

    x(t_i) = X(t_i) + e_i,   y(s_j) = Y(s_j - lag) + f_j,   X, Y Brownian motions with rates sx, sy and correlation rho

Given stamps, parameters and lag this is a linear Gaussian model with a state of two numbers, so the Kalman filter gives
the exact likelihood in one pass over the samples of both in order of time, at whatever stamps: nothing is aligned, so
nothing is lost to asynchrony (Epps) or noise. It is what Hoffmann, Rosenbaum and Yoshida (Bernoulli 2013) estimate by a
contrast; the maximum of the likelihood uses the same samples better.
"""

from typing import Final, final

import msgspec
import numpy as np

from learnsys.series.sums.compiled import jit
from learnsys.series.types import Floats

DIFFUSE: Final = 1e4  # variance of the first level, in variances of the whole path
RATIOS: Final = np.concatenate([[0.0], np.geomspace(1e-3, 100.0, 34)])  # noise over the variance of a mean gap


@final
class Motion(msgspec.Struct, frozen=True, kw_only=True):
    """Brownian motion with noise: variance a second of the increments, and variance of the noise of each value."""

    rate: float
    noise: float


def fit_motion(t: Floats, x: Floats) -> Motion:
    """Find rate and noise of a series by maximum likelihood.

    Parameters
    ----------
    t, x : ndarray, shape (n,)
        Stamps in increasing order and values; n >= 2.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = np.cumsum(rng.normal(size=4000))
    >>> made = fit_motion(np.arange(4000.0), x + 2 * rng.normal(size=4000))
    >>> bool(abs(made.rate - 1) < 0.2), bool(abs(made.noise - 4) < 0.5)
    (True, True)
    """
    ratios = RATIOS * float(np.mean(np.diff(t)))
    cost = np.array([_cost_of_ratio(t, x, ratio) for ratio in ratios])
    best = int(np.argmin(cost[:, 0]))
    return Motion(rate=float(cost[best, 1]), noise=float(cost[best, 1] * ratios[best]))


def log_likelihood(
    a: tuple[Floats, Floats], b: tuple[Floats, Floats], lags: Floats, correlation: float, motions: tuple[Motion, Motion]
) -> Floats:
    """Evaluate the logarithm of the likelihood of two series at lags, shape (L,), up to a constant.

    Parameters
    ----------
    a, b : tuple of ndarray
        Stamps in increasing order and values.
    lags : ndarray, shape (L,)
        By how many seconds a leads b.
    correlation : float
        Of the motions, in (-1, 1).
    motions : tuple of Motion
        Of a and of b.
    """
    par = np.array([motions[0].rate, motions[1].rate, correlation, motions[0].noise, motions[1].noise])
    return np.asarray(_pair_likelihoods(*a, *b, np.asarray(lags, float), par), float)


def whitened(t: Floats, x: Floats, motion: Motion) -> Floats:
    """Divide the increments of a series by their covariance matrix, shape (n - 1,).

    Increments over dt have the variance rate dt + 2 noise and, next to each other, the covariance -noise. In units of
    1/rate: without noise the slopes dx/dt.
    """
    from scipy.linalg import solveh_banded

    ratio = motion.noise / motion.rate
    band = np.empty((2, t.size - 1))
    band[0], band[1] = -ratio, np.diff(t) + 2 * ratio
    return np.asarray(solveh_banded(band, np.diff(x)), float)


@jit
def _cost_of_ratio(t, x, ratio):  # type: ignore[no-untyped-def]
    """-2 log likelihood with the best rate, and that rate; ``ratio`` is noise over rate."""
    mean, variance, squares, logs = x[0], ratio, 0.0, 0.0
    for i in range(1, t.size):
        variance += t[i] - t[i - 1]
        total, miss = variance + ratio, x[i] - mean
        gain = variance / total
        mean += gain * miss
        variance -= gain * variance
        logs += np.log(total)
        squares += miss * miss / total
    n = t.size - 1
    rate = squares / n
    return logs + n * np.log(max(rate, 1e-300)), rate


@jit
def _pair_likelihoods(ta, xa, tb, xb, lags, par):  # type: ignore[no-untyped-def]
    """Run the Kalman filter over both series at each lag."""
    qa, qb, rho, ea, eb = par
    qab = rho * np.sqrt(qa * qb)
    span = max(ta[-1], tb[-1]) - min(ta[0], tb[0])
    out = np.empty(lags.size)
    for l in range(lags.size):
        lag = lags[l]
        va, vb = DIFFUSE * (qa * span + ea), DIFFUSE * (qb * span + eb)
        vab, ma, mb, i, j, cost = 0.0, xa[0], xb[0], 0, 0, 0.0
        now = min(ta[0], tb[0] - lag)
        while i < ta.size or j < tb.size:
            first = j >= tb.size or (i < ta.size and ta[i] <= tb[j] - lag)
            then = ta[i] if first else tb[j] - lag
            va += qa * (then - now)
            vab += qab * (then - now)
            vb += qb * (then - now)
            now = then
            total = va + ea if first else vb + eb
            miss = xa[i] - ma if first else xb[j] - mb
            ka, kb = (va / total, vab / total) if first else (vab / total, vb / total)
            ma += ka * miss
            mb += kb * miss
            if first:
                vb -= kb * vab
                vab -= ka * vab
                va -= ka * va
            else:
                va -= ka * vab
                vab -= kb * vab
                vb -= kb * vb
            if (first and i > 0) or (not first and j > 0):  # the first level of each is free
                cost += np.log(total) + miss * miss / total
            i += first
            j += not first
        out[l] = -0.5 * cost
    return out
