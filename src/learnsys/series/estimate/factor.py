"""Causes in the sense of Granger, by frequency, from a spectral matrix: Wilson's factorisation and Geweke's measures.

A spectral matrix S(w) > 0 is H(w) V H(w)*, with H causal, invertible and the identity at lag 0: the moving average of
the process and the covariance of what nobody could predict. [1]_ finds it by Newton's method, with projections on what
is causal by the fast Fourier transform. How much of the power of a at a frequency comes from b is what remains when
the part that a itself made is taken out, given the other series or not [2]_.

.. [1] G. T. Wilson, "The factorization of matricial spectral densities", SIAM J. Appl. Math. 23(4), 1972.
.. [2] Y. Chen, S. L. Bressler, M. Ding, "Frequency decomposition of conditional Granger causality and application to
   multivariate neural field potential data", J. Neurosci. Methods 150, 2006.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import WorkFailed
from learnsys.series.types import Floats

Complexes = NDArray[np.complex128]

MOST_STEPS: Final = 200
ENOUGH: Final = 1e-9  # relative change of the factor at which the iteration ends


def factorised(s: Complexes) -> tuple[Complexes, Floats]:
    """Factor S(w) = H(w) V H(w)*.

    Parameters
    ----------
    s : ndarray, shape (K, D, D)
        E X X* at w = pi k/(K - 1), k = 0 ... K - 1, positive definite; at -w it is the conjugate.

    Returns
    -------
    tuple of ndarray
        H, shape (K, D, D), and V, shape (D, D).

    Raises
    ------
    WorkFailed
        If the spectrum is not positive, or the iteration does not converge.

    Examples
    --------
    >>> w = np.pi * np.arange(65) / 64
    >>> h, v = factorised((1 / abs(1 - 0.5 * np.exp(-1j * w)) ** 2).reshape(-1, 1, 1).astype(complex))
    >>> v.round(6).tolist(), np.allclose(h[:, 0, 0], 1 / (1 - 0.5 * np.exp(-1j * w)))
    ([[1.0]], True)
    """
    count, d = len(s), s.shape[1]
    if (least := float(np.linalg.eigvalsh(s).min())) <= 0:
        raise WorkFailed(
            f"the spectrum is not positive: its least eigenvalue is {least:.2g}", value=least,
            next="make the covariances positive first: estimate.positive.project",
        )  # fmt: skip
    around = np.concatenate([s, s[-2:0:-1].conj()])
    start = np.fft.ifft(around, axis=0)[0].real
    psi = np.tile(np.linalg.cholesky((start + start.T) / 2).astype(complex), (len(around), 1, 1))
    for _ in range(MOST_STEPS):
        inverse = np.linalg.inv(psi)
        new = psi @ _causal(inverse @ around @ np.swapaxes(inverse, 1, 2).conj() + np.eye(d))
        change = np.abs(new - psi).max() / np.abs(new).max()
        psi = new
        if change < ENOUGH:
            first = np.fft.ifft(psi, axis=0)[0].real
            return np.asarray(psi[:count] @ np.linalg.inv(first), complex), np.asarray(first @ first.T, float)
    raise WorkFailed(
        f"the spectral factorisation did not converge: its last step changed it by {change:.2g}", value=change,
        next="shorten the largest lag, or take fewer series",
    )  # fmt: skip


def granger(s: Complexes, a: int, b: int) -> Floats:
    """Measure by frequency how much b causes a, given the past of all other series of ``s``, shape (K,).

    Parameters
    ----------
    s : ndarray, shape (K, D, D)
        As of ``factorised``; of two series, the measure is Geweke's.
    a, b : int
    """
    others = [d for d in range(s.shape[1]) if d not in (a, b)]
    h, v = _orthogonal(*factorised(s[:, [[i] for i in [a, b, *others]], [a, b, *others]]))
    g, u = _orthogonal(*factorised(s[:, [[i] for i in [a, *others]], [a, *others]]))
    own = np.linalg.inv(g)[:, 0]  # the row of a: what without b was new in a ...
    from_a = own[:, 0] * h[:, 0, 0] + np.einsum("ki,ki->k", own[:, 1:], h[:, 2:, 0])  # ... as made of what is new in it
    return np.asarray(np.log(u[0] / (np.abs(from_a) ** 2 * v[0])), float)


def _orthogonal(h: Complexes, v: Floats) -> tuple[Complexes, Floats]:
    """Make the innovations uncorrelated, each less what those before it tell; their variances, shape (D,)."""
    root = np.linalg.cholesky(v)
    size = np.diagonal(root)
    return np.asarray(h @ (root / size), complex), np.asarray(size**2, float)


def _causal(values: Complexes) -> Complexes:
    """Keep half of lag 0, above and on the diagonal, and all of lags above it."""
    lags = np.fft.ifft(values, axis=0)
    half = len(lags) // 2
    lags[0] = np.triu(lags[0]) - np.diag(np.diagonal(lags[0])) / 2
    lags[half] /= 2
    lags[half + 1 :] = 0
    return np.asarray(np.fft.fft(lags, axis=0), complex)
