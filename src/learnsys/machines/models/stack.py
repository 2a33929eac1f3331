"""Which model to trust how much: convex weights that leave the least error on workloads that were left out.

With e_k the errors of model k on workload i (Breiman, "Stacked regressions", 1996, with weights that sum to one),

    min_w  mean_i |sum_k w_k e_k,i|^2 / r_i + ridge |w - 1/K|^2,   w >= 0, sum w = 1,   r_i = mean_k |e_k,i|^2

Each workload counts the same, hard or easy.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]

RIDGE: Final = 0.1  # in units of the mean error: equal weights unless the data speak clearly
FIRM: Final = 1e3  # how firmly the weights sum to one


def stack(errors: Floats, weights: Floats) -> Floats:
    """Find the weights.

    Parameters
    ----------
    errors : ndarray, shape (K, W, V)
        NaN where there is none.
    weights : ndarray, shape (W,)
        How much each workload counts.

    Returns
    -------
    ndarray, shape (K,)
    """
    K = len(errors)
    known = np.isfinite(errors.sum(axis=0))
    e = np.where(known, errors, 0.0)
    count = np.maximum(known.sum(axis=1), 1)
    gram = np.einsum("kwv,lwv->wkl", e, e) / count[:, None, None]
    size = np.trace(gram, axis1=1, axis2=2) / K
    fair = known.any(axis=1) & (size > 0)
    if not fair.any():
        return np.full(K, 1 / K)
    G = np.average(gram[fair] / size[fair, None, None], axis=0, weights=weights[fair]) + RIDGE * np.eye(K)
    # |L'(w - u)|^2 with G = L L' and u = G^-1 (ridge / K) has the same minimum
    L = np.linalg.cholesky(G)
    target = np.linalg.solve(L, np.full(K, RIDGE / K))
    w, _ = nnls(np.vstack([L.T, np.full(K, FIRM)]), np.append(target, FIRM))
    out: Floats = w / w.sum()
    return out
