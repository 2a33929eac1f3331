"""Make estimated covariances those of some process: positive semi-definite at all lags together.

A ratio of sums over pairs is not: its spectrum, a D x D Hermitian matrix at each frequency, has eigenvalues below 0.
First the covariances are tapered by Parzen's window, whose own transform is not negative, so that what was positive
stays so when it is cut off. Then the eigenvalues of all frequencies are projected together onto those that are not
negative and have the same sum: all become smaller by one amount, and 0 at least. (Setting only the negative ones to 0
would add power; the errors that made them made others as much too large.) At last each series is scaled so that its
variance is what it was, which keeps everything positive. Back at lags 0 ... L - 1 they make a block Toeplitz matrix
that is part of a positive semi-definite block circulant one.

References: [1]_ section 6.2.3 for the window, [2]_ for the projection, [3]_ for the block circulant.

.. [1] M. B. Priestley, "Spectral Analysis and Time Series", 1981.
.. [2] J. Duchi et al., "Efficient projections onto the l1-ball for learning in high dimensions", ICML 2008.
.. [3] G. Chan, A. T. A. Wood, "Simulation of stationary Gaussian vector fields", Statistics and Computing 9, 1999.
"""

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.series.types import Floats

Complexes = NDArray[np.complex128]


def project(values: Floats, *, taper: bool = True) -> Floats:
    """Make covariances positive semi-definite.

    Parameters
    ----------
    values : ndarray, shape (L, D, D)
        C_ab(l step), l = 0 ... L - 1, of which C(-l) is the transpose; L >= 2.
    taper : bool
        Whether they are tapered first, to 0 at the last lag.

    Returns
    -------
    ndarray, shape (L, D, D)
        With the variances of ``values``; a series of none has covariances 0.

    Raises
    ------
    InputError
        If a value is NaN (see ``filled``), or there are fewer than two lags.

    Examples
    --------
    >>> impossible = np.array([1.0, 0.9, -0.9, 0.0]).reshape(4, 1, 1)
    >>> mended = project(impossible, taper=False)
    >>> round(float(mended[0, 0, 0]), 6), bool(np.linalg.eigvalsh(toeplitz(mended)).min() > -1e-12)
    (1.0, True)
    """
    if not np.isfinite(values).all():
        raise InputError.not_finite("the covariances", int((~np.isfinite(values)).sum()), 0)
    if len(values) < 2:
        raise InputError(f"there are {len(values)} lags, but 2 are needed", value=len(values), next="ask for more lags")
    variance = np.diagonal(values[0])
    spread = np.sqrt(np.maximum(variance, 0.0))
    with np.errstate(divide="ignore"):
        inverse = np.where(spread > 0, 1 / spread, 0.0)
    tapered = values * (parzen(len(values)) if taper else np.ones(len(values)))[:, None, None]
    mended = covariances(clipped(spectra(tapered * np.outer(inverse, inverse))))
    now = np.sqrt(np.maximum(np.diagonal(mended[0]), 0.0))
    with np.errstate(divide="ignore"):
        scale = spread * np.where(now > 0, 1 / now, 0.0)
    return np.asarray(mended * np.outer(scale, scale), float)


def parzen(count: int) -> Floats:
    """Evaluate Parzen's window at lags 0 ... count - 1, shape (count,); 0 at the last."""
    u = np.arange(count) / max(count - 1, 1)
    return np.asarray(np.where(u < 0.5, 1 - 6 * u**2 * (1 - u), 2 * (1 - u) ** 3), float)


def spectra(values: Floats) -> Complexes:
    """Transform covariances to Hermitian matrices sum_l C(l) e^{-i w l} at w = pi k/(L - 1), shape (L, D, D)."""
    last = len(values) - 1
    around = np.concatenate([values, np.swapaxes(values[last - 1 : 0 : -1], 1, 2)])
    around[last] = (values[last] + values[last].T) / 2
    s = np.fft.fft(around, axis=0)[: last + 1]
    return np.asarray((s + np.swapaxes(s, 1, 2).conj()) / 2, complex)


def covariances(s: Complexes) -> Floats:
    """Transform back, shape (L, D, D)."""
    last = len(s) - 1
    return np.asarray(np.fft.ifft(np.concatenate([s, s[last - 1 : 0 : -1].conj()]), axis=0).real[: last + 1], float)


def clipped(s: Complexes) -> Complexes:
    """Project the eigenvalues of all frequencies onto those not negative with the same sum.

    The first and the last frequency count once, the others for themselves and their negatives.
    """
    values, vectors = np.linalg.eigh(s)
    times = np.full(len(s), 2.0)
    times[[0, -1]] = 1.0
    values = np.maximum(values - _level(values, times[:, None]), 0.0)
    return np.asarray((vectors * values[:, None, :]) @ np.swapaxes(vectors, 1, 2).conj(), complex)


def _level(values: Floats, times: Floats) -> float:
    """Find the level m >= 0 with sum max(values - m, 0) = sum values; 0 if none is below 0."""
    total = float(np.sum(values * times))
    if values.min() >= 0 or total <= 0:
        return 0.0 if values.min() >= 0 else float(values.max())
    weights = np.broadcast_to(times, values.shape).ravel()
    order = np.argsort(-values.ravel())
    v, n = values.ravel()[order], np.cumsum(weights[order])
    level = (np.cumsum(v * weights[order]) - total) / n
    return float(level[np.flatnonzero(v > level)[-1]])


def filled(values: Floats) -> Floats:
    """Put numbers where covariances are NaN: linear between lags, 0 beyond the last known one, shape (L, D, D)."""
    out = values.copy()
    place = np.arange(len(values))
    for a, b in np.ndindex(values.shape[1:]):
        known = np.isfinite(values[:, a, b])
        if known.any() and not known.all():
            out[:, a, b] = np.interp(place, place[known], values[known, a, b], right=0.0)
    return np.nan_to_num(out)


def toeplitz(values: Floats) -> Floats:
    """Make the covariance matrix of L successive values of all series, shape (L D, L D)."""
    count, d, _ = values.shape
    i, j = np.indices((count, count))
    blocks = np.where((j >= i)[..., None, None], values[np.abs(j - i)], np.swapaxes(values, 1, 2)[np.abs(j - i)])
    return np.asarray(np.swapaxes(blocks, 1, 2).reshape(count * d, count * d), float)
