"""Non-negative least squares on relative errors: the fit behind both halves of a plan.

Absolute errors let one slow small cluster outvote all the others; dividing each observation by its size makes an
error of 10 % cost the same everywhere. Coefficients that cannot be negative keep a sum of growing terms growing.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls


def fit_relative(
    features: NDArray[np.float64], y: ArrayLike, *, price: ArrayLike = 0.0, least: float = 0.0
) -> NDArray[np.float64]:
    """Minimise the mean of ((F c - y) / max(y, least))^2 plus (price . shares)^2, over c >= 0.

    The share of a term is the mean part of an observation that it explains. Squaring the sum of what is paid, and not
    summing squares as a ridge does, keeps few terms: a ridge would rather explain one thing by a little of each.

    Parameters
    ----------
    features : ndarray, shape (m, k)
        F; a column of zeros gets coefficient 0.
    y : array_like, shape (m,)
        Observations > 0.
    price : array_like, shape () or (k,)
        Relative error that is rather accepted than a term that explains everything.
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
    A: NDArray[np.float64] = features / size[:, None]
    paid = np.sqrt(len(y)) * np.asarray(price, float) * np.abs(A).mean(axis=0)
    c, _ = nnls(np.vstack([A, paid]), np.append(y / size, 0.0), maxiter=100 * A.shape[1])
    return np.asarray(c, float)
