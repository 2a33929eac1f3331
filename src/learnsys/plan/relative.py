"""Non-negative least squares on relative errors: the fit behind both halves of a plan.

Absolute errors let one slow small cluster outvote all the others; dividing each observation by its size makes an
error of 10 % cost the same everywhere. Coefficients that cannot be negative keep a sum of growing terms growing.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls


def fit_relative(
    features: NDArray[np.float64], y: ArrayLike, *, ridge: ArrayLike = 0.0, least: float = 0.0
) -> NDArray[np.float64]:
    """Minimise the mean of ((F c - y) / max(y, least))^2 plus a ridge, over c >= 0.

    Parameters
    ----------
    features : ndarray, shape (m, k)
        F; a column of zeros gets coefficient 0.
    y : array_like, shape (m,)
        Observations > 0.
    ridge : array_like, shape () or (k,)
        Price of a term that would explain every observation alone; it does not depend on the units of F and y.
    least : float
        Errors of observations below it count as if they were this large: what is below does not matter.

    Returns
    -------
    ndarray, shape (k,)
        c.

    Examples
    --------
    >>> fit_relative(np.array([[1.0, 1.0], [1.0, 0.5], [1.0, 0.25]]), [8.2, 4.2, 2.2]).round(3)
    array([0.2, 8. ])
    """
    y = np.asarray(y, float)
    size = np.maximum(y, least)
    A: NDArray[Any] = features / size[:, None]
    damping = np.sqrt(len(y) * np.broadcast_to(np.asarray(ridge, float), A.shape[1])) * np.abs(A).mean(axis=0)
    c, _ = nnls(np.vstack([A, np.diag(damping)]), np.r_[y / size, np.zeros(A.shape[1])], maxiter=100 * A.shape[1])
    return np.asarray(c, float)
