"""Empirical Bayes for covariances: shrink what the sums say towards covariance functions of simple processes.

Most of the error of a covariance is that of a finite time: neighbouring lags go up and down together, and large lags
have noise only. Covariances of real processes, in contrast, have few scales. Let y be the cosine transform along the
lags of the ratio of sums, and v its jackknife variance, averaged over bands: noise is smooth along the lags, so v is
large for long half-waves only. Then, for each cell of the table ``waves``, with functions S,

    y = (S - lost) beta + noise,    noise ~ N(0, v + 0.1 tr V / n),    beta ~ N(0, C_a(0) C_b(0))

The second part of the variance, with V that of all lags and n the number of independent ones, is there because no
cell is exactly right. The evidence of each cell weighs its posterior mean (Bayesian model averaging: Hoeting et al.,
Statistical Science 1999). Removing the mean over a time T takes the integral of C over T from all lags (Bartlett 1946):
``lost``. The averaged model says what the ratio would be without that, and without the kernel.

What it leaves over is kept band by band by the rule of James and Stein: with q the squares in a band and e its noise,
B = max(0, 1 - e / q), so that a narrow peak is told from noise. Where the table is wrong and data are many, B is near
1, and the estimate is the ratio, corrected. It does harm where the truth is off the table by about as much as noise is.
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, idct

from learnsys.series.estimate.intervals import independent_lags, variance
from learnsys.series.estimate.waves import Waves, functions
from learnsys.series.types import Floats, Lags

BANDS: Final = (0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)  # edges, in half-waves over all lags
SLACK: Final = 0.1  # of the noise of an independent lag: what cells are expected to miss
FILLINGS: Final = 3  # times that lags of which nothing is known are filled with what the model says of them
NEGLIGIBLE: Final = 1e-4  # of the most probable cell: cells below are left out of the average


@final
class Shrunk(msgspec.Struct, frozen=True, kw_only=True):
    """One pair's covariances after shrinkage, shape (L,), and what was found on the way.

    Attributes
    ----------
    values : ndarray, shape (L,)
        At lags that are unknown too, where they are what the model makes of the others.
    bias : ndarray, shape (L,)
        What the kernel adds to the covariances, by the averaged model.
    loss : float
        What the removed mean took from all of them.
    kept : ndarray
        B of each band, from 0 (the model) to 1 (the data).
    """

    values: Floats
    bias: Floats
    loss: float
    kept: Floats


def shrink(y: Floats, moved: Floats, table: Waves, lags: Lags, *, scale: float, rate: float) -> Shrunk:
    """Shrink the ratios of one pair.

    Parameters
    ----------
    y : ndarray, shape (L,)
        Ratios of sums; NaN where nothing is known.
    moved : ndarray, shape (B, L)
        Influence of the blocks of time on them.
    table : Waves
        For the same lags, and the kernel of the sums.
    lags : Lags
    scale : float
        Prior variance of an amplitude: the product of both variances.
    rate : float
        One over the time whose mean was removed, 1/s.
    """
    known = np.isfinite(y)
    if not scale > 0 or not np.any(moved[:, known]):
        return Shrunk(values=y, bias=np.zeros_like(y), loss=0.0, kept=np.ones(1))
    places = np.arange(lags.count)
    whole = np.interp(places, places[known], y[known])
    moved = np.stack([np.interp(places, places[known], block[known]) for block in moved])
    if table.even and abs(lags.first_s + lags.values[-1]) < 1e-6 * lags.step_s:
        moved = 0.5 * (moved + moved[:, ::-1])  # both sides are one estimate, but for the edges of blocks
    for _ in range(1 if known.all() else FILLINGS):
        model, bias, loss = _averaged(whole, moved, table, lags, scale=scale, rate=rate)
        whole = np.where(known, y, model + bias - loss)
    left, kept = _kept(whole - (model + bias - loss), moved)
    return Shrunk(values=model + left, bias=bias, loss=loss, kept=kept)


def _averaged(
    whole: Floats, moved: Floats, table: Waves, lags: Lags, *, scale: float, rate: float
) -> tuple[Floats, Floats, float]:
    """Covariances by the averaged model, shape (L,), what the kernel adds to them, and what the removed mean takes."""
    chance, beta = _posterior(whole, moved, table, scale=scale, rate=rate)
    likely = np.flatnonzero(chance > NEGLIGIBLE * chance.max())
    amplitudes = chance[likely, None] * beta[likely] / chance[likely].sum()
    cells = table.cells[likely]
    shapes = functions(cells, lags.values - cells[:, :1], even=table.even)
    model = np.asarray(np.einsum("km,klm->l", amplitudes, shapes), float)
    smoothed = idct(np.einsum("km,lkm->l", amplitudes, table.transformed[:, likely]), norm="ortho")
    loss = float(np.sum(amplitudes * lost(table.areas[likely], rate)))
    return model, _bias(model, smoothed, table, lags), loss


def _kept(left: Floats, moved: Floats) -> tuple[Floats, Floats]:
    """Keep of what is left over what is more than noise, band by band; and the share of each band, shape (bands,)."""
    wave, edges = dct(left, norm="ortho"), _edges(left.size)
    noise = variance(dct(moved, norm="ortho", axis=1))
    size, expected = (np.add.reduceat(v, edges) for v in (wave**2, noise))
    share = np.maximum(0.0, 1 - expected / np.maximum(size, 1e-300))
    each = np.repeat(share, np.diff(edges, append=left.size))
    return np.asarray(idct(each * wave, norm="ortho"), float), np.asarray(share, float)


def _edges(size: int) -> NDArray[np.int64]:
    return np.array([e for e in BANDS if e < size], np.int64)


def lost(areas: Floats, rate: float) -> Floats:
    """What removing the mean takes from each function: its area over the time, but never more than all of it."""
    return np.asarray(areas * rate / (1 + areas * rate), float)


def _posterior(y: Floats, moved: Floats, table: Waves, *, scale: float, rate: float) -> tuple[Floats, Floats]:
    """Probabilities of the cells, shape (K,), and their mean amplitudes, shape (K, m)."""
    size = np.diff(table.bins, append=y.size)
    moved = np.add.reduceat(moved, table.bins, axis=1) / size
    wave = dct(np.add.reduceat(y, table.bins) / size, norm="ortho")
    gram, right = _normal_equations(wave, 1 / _noise(moved), table, rate)
    gram += np.eye(gram.shape[1]) / scale
    beta = np.linalg.solve(gram, right[..., None])[..., 0]
    evidence = table.log_prior - 0.5 * np.linalg.slogdet(gram)[1] + 0.5 * np.sum(right * beta, axis=1)
    chance = np.exp(evidence - evidence.max())
    return np.asarray(chance / chance.sum(), float), np.asarray(beta, float)


def _noise(moved: Floats) -> Floats:
    """Variance of each half-wave, from the influence (B, L) of the blocks.

    Where lags and covariances are symmetric, as of a series with itself, every other half-wave is 0 and does not count
    in the average over its band.
    """
    count, edges = moved.shape[1], _edges(moved.shape[1])
    each = variance(dct(moved, norm="ortho", axis=1))
    moving = np.add.reduceat((each > 1e-12 * each.max()).astype(float), edges)
    bands = np.add.reduceat(each, edges) / np.maximum(moving, 1.0)
    return np.asarray(
        np.repeat(bands, np.diff(edges, append=count)) + SLACK * each.sum() / independent_lags(moved), float
    )


def _normal_equations(y: Floats, weight: Floats, table: Waves, rate: float) -> tuple[Floats, Floats]:
    """Weighted products of the functions, less what is lost, with each other, (K, m, m), and with y, (K, m).

    A constant over all lags is in the first half-wave only.
    """
    k, m = table.areas.shape
    i, j = np.triu_indices(m)
    first = table.transformed[0].astype(float)
    less = first - np.sqrt(y.size) * lost(table.areas, rate)
    upper = (weight.astype(np.float32) @ table.products.reshape(y.size, -1)).reshape(k, -1).astype(float)
    upper += weight[0] * (less[:, i] * less[:, j] - first[:, i] * first[:, j])
    right = ((weight * y).astype(np.float32) @ table.transformed.reshape(y.size, -1)).reshape(k, m).astype(float)
    right += weight[0] * y[0] * (less - first)
    gram: NDArray[np.float64] = np.empty((k, m, m))
    gram[:, i, j] = gram[:, j, i] = upper
    return gram, right


def _bias(model: Floats, smoothed: Floats, table: Waves, lags: Lags) -> Floats:
    """What the kernel makes of the model less the model itself, looked up between the middles of bins."""
    size = np.diff(table.bins, append=lags.count)
    plain = np.add.reduceat(model, table.bins) / size
    return np.interp(np.arange(lags.count), table.bins + 0.5 * (size - 1), smoothed - plain)
