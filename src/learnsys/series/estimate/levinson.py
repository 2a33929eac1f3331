"""Best linear prediction from covariances: the block recursion of Whittle, order by order.

With C(l) = E x_t x_{t+l}' and the predictor x_t ~ sum_j A_j x_{t-j}, the equations sum_j A_j C(l - j)' = C(l)' are
solved for orders 1, 2 ... at a cost of O(p^2 D^3), with the residuals' covariance at each. [1]_

.. [1] P. Whittle, "On the fitting of multivariate autoregressions, and the approximate canonical factorization of a
   spectral density matrix", Biometrika 50, 1963.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.series.types import Floats

SURE: Final = 1e-9  # of a series' variance: a residual below it is none


def levinson(covariances: NDArray[np.floating], order: int) -> tuple[Floats, Floats]:
    """Find the matrices of a VAR and the covariance of its residuals.

    Parameters
    ----------
    covariances : ndarray, shape (order + 1 or more, D, D)
        C(l), l = 0, 1 ...: positive semi-definite together.
    order : int
        >= 1.

    Returns
    -------
    tuple of ndarray
        A, shape (order, D, D), and the residuals' covariance, shape (D, D).

    Examples
    --------
    >>> a, left = levinson(np.array([1.0, 0.5, 0.25]).reshape(3, 1, 1), 2)
    >>> a.ravel().round(9).tolist(), left.tolist()
    ([0.5, 0.0], [[0.75]])
    """
    spread = np.sqrt(np.maximum(np.diagonal(covariances[0]), 0.0))
    unit = np.where(spread > 0, spread, 1.0)
    c = np.asarray(covariances, float) / np.outer(unit, unit)  # series of any units are alike
    d = c.shape[1]
    ahead, back = np.zeros((0, d, d)), np.zeros((0, d, d))
    error = other = (c[0] + c[0].T) / 2
    for p in range(order):
        miss = c[p + 1].T - sum((ahead[j] @ c[p - j].T for j in range(p)), np.zeros((d, d)))
        new = _divide(miss, other)
        old = _divide(miss.T, error)
        ahead, back = (
            np.concatenate([ahead - new @ back[::-1], new[None]]),
            np.concatenate([back - old @ ahead[::-1], old[None]]),
        )
        error, other = error - new @ miss.T, other - old @ miss
    return ahead * unit[:, None] / unit, (error + error.T) / 2 * np.outer(unit, unit)


def companion(matrices: Floats) -> Floats:
    """Write a VAR of order p as one of order 1, shape (p D, p D)."""
    p, d, _ = matrices.shape
    top = np.concatenate(list(matrices), axis=1)
    return np.concatenate([top, np.eye((p - 1) * d, p * d)])


def _divide(a: Floats, b: Floats) -> Floats:
    """A B^-1 on the directions in which B is above ``SURE``: what is predicted perfectly needs no more terms."""
    values, vectors = np.linalg.eigh((b + b.T) / 2)
    inverse = np.where(values > SURE, 1 / np.maximum(values, SURE), 0.0)
    return np.asarray((a @ vectors * inverse) @ vectors.T, float)
