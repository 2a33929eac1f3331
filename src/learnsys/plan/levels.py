"""Rounds to reach a level as a sum of ways in which rounds grow: Ernest's idea, turned on the algorithm.

    N(s, p) = sum_jk c_jk f_j(s) g_k(p),    c >= 0,    s = log(start / level)

f = 1, log(1 + s), s, s^2, s^3: a superlinear method needs log s rounds, a linear one s, a sublinear one more and
more. g = 1, 1/p, p - 1, [p > 1]: some methods do not care how many workers there are, some gain, most pay for each
further one; and the first split costs by itself, since one worker has nobody to disagree with.

Fewer rounds for a deeper level cannot be predicted, whatever the coefficients.
"""

from typing import Final, final

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from learnsys.plan.relative import fit_relative

# Small, to choose among terms that the points cannot tell apart: no dependence on workers before any, and growth
# with each worker before the others.
PRICE: Final = 0.03 * np.tile([0.0, 1.0, 0.3, 1.0], 5)
_G: Final = 4  # terms in workers, the constant first


def features(depth: ArrayLike, workers: ArrayLike) -> NDArray[np.float64]:
    """Stack the products of terms, one row per observation, shape (m, 20)."""
    s, p = np.broadcast_arrays(np.atleast_1d(np.asarray(depth, float)), np.asarray(workers, float))
    one = np.ones_like(s)
    f = np.column_stack([one, np.log1p(s), s, s**2, s**3])
    g = np.column_stack([one, 1 / p, p - 1, p > 1])
    return np.reshape(f[:, :, None] * g[:, None, :], (len(s), -1))


@final
class Levels(Struct, frozen=True, kw_only=True):
    """A fitted model of rounds to a level."""

    coefficients: tuple[float, ...]

    def rounds(self, depth: ArrayLike, workers: int) -> NDArray[np.float64]:
        """Predict rounds to each ``depth``; they never fall with it."""
        rounds: NDArray[np.float64] = features(depth, workers) @ np.array(self.coefficients)
        return rounds


def fit_levels(workers: ArrayLike, depth: ArrayLike, rounds: ArrayLike, *, alike: bool = False) -> Levels:
    """Fit by non-negative least squares on relative errors; below one round errors count as if of one round.

    Parameters
    ----------
    workers : array_like, shape (m,)
        Worker counts p >= 1.
    depth : array_like, shape (m,)
        Levels as s = log(start / level) >= 0.
    rounds : array_like, shape (m,)
        Rounds, > 0, in which each level was reached (fractions between rounds).
    alike : bool
        Take all worker counts for alike: no term in workers is used.

    Examples
    --------
    >>> p, s = np.repeat([1, 2, 4, 8], 5), np.tile(np.arange(1.0, 6.0), 4)
    >>> model = fit_levels(p, s, s * (1 + p))
    >>> model.rounds([1.0, 5.0], 32).round()  # four times the workers away
    array([ 33., 165.])
    """
    F = features(depth, np.asarray(workers, float))
    if alike:
        F = F * (np.arange(F.shape[1]) % _G == 0)
    return Levels(coefficients=tuple(fit_relative(F, rounds, price=PRICE, least=1.0).tolist()))
