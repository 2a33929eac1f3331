"""Empirical Bayes for covariances: shrink what the sums say towards covariance functions of simple processes.

Most of the error of a covariance is that of a finite time: neighbouring lags go up and down together, and large lags
have noise only. Covariances of real processes, in contrast, have few scales. With y the ratio of sums at L lags, v its
jackknife variance and n the number of independent lags, for each cell of the table ``waves``, with functions S:

    y = (S - lost) beta + noise,    noise ~ N(0, v L / n),    beta ~ N(0, C_a(0) C_b(0))

The evidence of each cell weighs its posterior mean (Bayesian model averaging: Hoeting et al., Statistical Science
1999). Removing the mean over a time T takes the integral of C over T from all lags (Bartlett 1946): ``lost``. The
averaged model says what y would be without that, and without the kernel. What it leaves over, r, is kept by the rule of
James and Stein: B r, B = max(0, 1 - 0.7 sum v / sum r^2). Where the table is wrong and data are many, B is near 1, and
the estimate is y, corrected. It does harm where the truth is off the table by about as much as noise is.
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate.waves import Waves, functions
from learnsys.series.types import Floats, Lags

STEIN: Final = 0.7  # of the noise is expected in what an averaged model leaves over
NEGLIGIBLE: Final = 1e-4  # of the most probable cell: cells below are left out of the average


@final
class Shrunk(msgspec.Struct, frozen=True, kw_only=True):
    """One pair's covariances after shrinkage, shape (L,), and what was found on the way.

    Attributes
    ----------
    values : ndarray, shape (L,)
    bias : ndarray, shape (L,)
        What the kernel adds to the covariances, by the averaged model.
    loss : float
        What the removed mean took from all of them.
    kept : float
        B, from 0 (the model) to 1 (the data).
    """

    values: Floats
    bias: Floats
    loss: float
    kept: float


def shrink(y: Floats, variance: Floats, table: Waves, lags: Lags, *, scale: float, free: float, rate: float) -> Shrunk:
    """Shrink the ratios of one pair.

    Parameters
    ----------
    y, variance : ndarray, shape (L,)
        Ratios of sums and their variances; NaN where nothing is known.
    table : Waves
        For the same lags, and the kernel of the sums.
    lags : Lags
    scale : float
        Prior variance of an amplitude: the product of both variances.
    free : float
        Independent lags.
    rate : float
        One over the time whose mean was removed, 1/s.
    """
    known = np.isfinite(y) & np.isfinite(variance)
    noise = float(np.mean(variance[known])) if known.any() else 0.0
    if not noise > 0 or not scale > 0:
        return Shrunk(values=y, bias=np.zeros_like(y), loss=0.0, kept=1.0)
    seen = np.add.reduceat(known.astype(float), table.bins)
    mean = np.add.reduceat(np.where(known, y, 0.0), table.bins) / np.maximum(seen, 1.0)
    weight = (seen > 0) * free / (noise * np.count_nonzero(seen))
    chance, beta = _posterior(mean, weight, table, scale=scale, rate=rate)
    likely = np.flatnonzero(chance > NEGLIGIBLE * chance.max())
    amplitudes = chance[likely, None] * beta[likely] / chance[likely].sum()
    cells = table.cells[likely]
    shapes = functions(cells, lags.values - cells[:, :1], even=beta.shape[1] == 3)
    model = np.asarray(np.einsum("km,klm->l", amplitudes, shapes), float)
    bias = _bias(model, np.einsum("km,lkm->l", amplitudes, table.smoothed[:, likely]), table, lags)
    loss = float(np.sum(amplitudes * lost(table.areas[likely], rate)))
    left = y - (model + bias - loss)
    kept = max(0.0, 1 - STEIN * noise * np.count_nonzero(known) / float(np.sum(left[known] ** 2)))
    return Shrunk(values=np.where(known, model + kept * left, np.nan), bias=bias, loss=loss, kept=kept)


def lost(areas: Floats, rate: float) -> Floats:
    """What removing the mean takes from each function: its area over the time, but never more than all of it."""
    return np.asarray(areas * rate / (1 + areas * rate), float)


def _posterior(y: Floats, weight: Floats, table: Waves, *, scale: float, rate: float) -> tuple[Floats, Floats]:
    """Probabilities of the cells, shape (K,), and their mean amplitudes, shape (K, m)."""
    gram, right = _normal_equations(y, weight, table, rate)
    gram += np.eye(gram.shape[1]) / scale
    beta = np.linalg.solve(gram, right[..., None])[..., 0]
    evidence = table.log_prior - 0.5 * np.linalg.slogdet(gram)[1] + 0.5 * np.sum(right * beta, axis=1)
    chance = np.exp(evidence - evidence.max())
    return np.asarray(chance / chance.sum(), float), np.asarray(beta, float)


def _normal_equations(y: Floats, weight: Floats, table: Waves, rate: float) -> tuple[Floats, Floats]:
    """Weighted products of the functions less what is lost, with each other, (K, m, m), and with y, (K, m)."""
    k, m = table.areas.shape
    flat, products = table.smoothed.reshape(len(y), -1), table.products.reshape(len(y), -1)
    narrow = weight.astype(np.float32)
    upper = (narrow @ products).reshape(k, -1).astype(float)
    total = (narrow @ flat).reshape(k, m).astype(float)
    right = ((weight * y).astype(np.float32) @ flat).reshape(k, m).astype(float)
    less = lost(table.areas, rate)
    i, j = np.triu_indices(m)
    upper += -less[:, i] * total[:, j] - less[:, j] * total[:, i] + less[:, i] * less[:, j] * weight.sum()
    gram: NDArray[np.float64] = np.empty((k, m, m))
    gram[:, i, j] = gram[:, j, i] = upper
    return gram, right - less * float(np.sum(weight * y))


def _bias(model: Floats, smoothed: Floats, table: Waves, lags: Lags) -> Floats:
    """What the kernel makes of the model less the model itself, looked up between the middles of bins."""
    size = np.diff(table.bins, append=lags.count)
    plain = np.add.reduceat(model, table.bins) / size
    return np.interp(np.arange(lags.count), table.bins + 0.5 * (size - 1), smoothed - plain)
