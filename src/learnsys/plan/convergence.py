"""Depth reached after i rounds on p workers, by Lasso on features that theory suggests: Hemingway's own model.

A bound of the form gap(i, p) <= c (1 - c0/p)^i makes the logarithm of the gap linear in i, i/p, i/p^2 ...; sublinear
methods add sqrt(i) and log i. Depth s = -log gap then is

    s(i, p) = b + sum_jk c_jk f_j(i) / p^k + d log p + e / p,    c >= 0

with f = log(1 + i), sqrt(i), i and k = 0, 1/2, 1, 2. The Lasso keeps few of the terms; c >= 0 says that more rounds are
never worse.
"""

from typing import Any, Final, final
from warnings import catch_warnings, simplefilter

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

MOST_ROUNDS: Final = 1e6
_GRID: Final = np.concatenate([[0.0], np.geomspace(0.1, MOST_ROUNDS, 500)])


def features(rounds: ArrayLike, workers: ArrayLike) -> NDArray[np.float64]:
    """Stack the terms, one row per observation, shape (m, 16); the last four depend on workers alone.

    They come with both signs, because the Lasso is told that coefficients are not negative.
    """
    i, p = np.broadcast_arrays(np.atleast_1d(np.asarray(rounds, float)), np.asarray(workers, float))
    f = np.column_stack([np.log1p(i), np.sqrt(i), i])
    g = np.column_stack([p**0.0, p**-0.5, p**-1.0, p**-2.0])
    products = np.reshape(f[:, :, None] * g[:, None, :], (len(i), -1))
    return np.column_stack([products, np.log(p), -np.log(p), 1 / p, -1 / p])


@final
class Convergence(Struct, frozen=True, kw_only=True):
    """A fitted model of depth by rounds and workers."""

    coefficients: tuple[float, ...]
    intercept: float

    def depth(self, rounds: ArrayLike, workers: int) -> NDArray[np.float64]:
        """Predict the depth after ``rounds``; it never falls with them."""
        depth: NDArray[np.float64] = self.intercept + features(rounds, workers) @ np.array(self.coefficients)
        return depth

    def rounds(self, depth: ArrayLike, workers: int) -> NDArray[np.float64]:
        """Predict rounds to each ``depth``, infinite where a million do not reach it."""
        s = np.atleast_1d(np.asarray(depth, float))
        return np.asarray(np.interp(s, self.depth(_GRID, workers), _GRID, right=np.inf), float)


def fit_convergence(workers: ArrayLike, rounds: ArrayLike, depth: ArrayLike) -> Convergence:
    """Fit by Lasso; its penalty is the one that best predicts each worker count from the others.

    Parameters
    ----------
    workers, rounds : array_like, shape (m,)
        Worker counts p >= 1 and rounds i >= 1.
    depth : array_like, shape (m,)
        Depth s = log(start / gap) after those rounds.

    References
    ----------
    Pan, Venkataraman, Tai and Gonzalez, "Hemingway: Modeling Distributed Optimization Algorithms", 2017, sec. 3.2.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LassoCV

    p, s = np.asarray(workers), np.asarray(depth, float)
    F = features(rounds, p)
    scale = F.std(axis=0)
    scale[scale < 1e-12] = np.inf  # a term that is the same in every observation says nothing
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)  # the least penalties of the path need not be exact
        lasso = LassoCV(positive=True, cv=_folds(p), alphas=50, eps=1e-4, max_iter=5000).fit(F / scale, s)
    return Convergence(coefficients=tuple((lasso.coef_ / scale).tolist()), intercept=float(lasso.intercept_))


def _folds(p: NDArray[Any]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Leave out one worker count at a time; the later third of the rounds if there is only one count."""
    if np.unique(p).size == 1:
        cut = max(1, len(p) * 2 // 3)
        return [(np.arange(cut), np.arange(cut, len(p)))]
    return [(np.flatnonzero(p != left), np.flatnonzero(p == left)) for left in np.unique(p)]
