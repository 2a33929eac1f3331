"""How surprising a peak is: the largest of many correlated values, against surrogates without any relation.

Surrogates are made without a new pass over the samples. ``shift``: sums at lags far away, where one series meets a part
of the other that it has nothing to do with; both keep their own correlation in time. ``flip``: the sums of each block
of time get random signs, which leaves their sizes and their correlation from lag to lag.

They tell the size of the values, how quickly these change from lag to lag, and how large the largest in a window gets.
What n surrogates cannot tell, p-values far below 1/n, which many pairs need, follows from size and change by Rice's
formula (Bell System Technical Journal 1945): a Gaussian process crosses a level c upwards turns * exp(-c^2/2) times.
"""

from collections.abc import Sequence
from typing import Final, final

import msgspec
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.stats import norm

from learnsys.series.types import Floats

TURN: Final = 1 / (2 * np.pi)


@final
class Null(msgspec.Struct, frozen=True, kw_only=True):
    """What values at the lags of a window are without any relation, in standard deviations.

    Attributes
    ----------
    maxima : ndarray, shape (n,)
        The largest absolute value of each surrogate.
    turns : float
        How often the values cross 0 upwards within the window, on average.
    lags : int
        In the window.
    """

    maxima: Floats
    turns: float
    lags: int

    def p_value(self, observed: float) -> float:
        """Tell how often chance gives a largest absolute value of at least ``observed``; NaN for NaN.

        It is the larger of the share of surrogates and the probability of crossings.

        Examples
        --------
        >>> null = Null(maxima=np.linspace(2.0, 4.0, 100), turns=10.0, lags=100)
        >>> null.p_value(3.0), bool(0 < null.p_value(8.0) < 1e-12)
        (0.5, True)
        """
        if not np.isfinite(observed):
            return np.nan
        beyond = 2 * norm.sf(observed)
        crossings = min(2 * self.turns * np.exp(-0.5 * observed**2) + beyond, self.lags * beyond)
        return float(max(np.mean(self.maxima >= observed), -np.expm1(-crossings)))


def shifted(far: Sequence[Floats], width: int, n: int) -> tuple[float, Null]:
    """Learn from values at far lags.

    Parameters
    ----------
    far : sequence of ndarray
        Stretches of values at equally spaced lags, each of at least ``width``.
    width : int
        Lags in a window.
    n : int
        Windows to look at, at most; they may overlap.

    Returns
    -------
    tuple of float and Null
        The standard deviation of the values, and the rest in units of it.
    """
    size = float(np.sqrt(np.mean(np.concatenate(far) ** 2)))
    z = [part / (size or 1.0) for part in far]
    change = float(np.sqrt(np.mean(np.concatenate([np.diff(part) for part in z]) ** 2)))
    largest = [sliding_window_view(np.abs(part), width).max(axis=1) for part in z]
    every = np.concatenate(largest)
    chosen = every[np.linspace(0, every.size - 1, min(n, every.size)).astype(int)]
    return size, Null(maxima=chosen, turns=TURN * change * (width - 1), lags=width)


def flipped(blocks: Floats, n: int, rng: np.random.Generator) -> tuple[Floats, Null]:
    """Give the sums of blocks random signs.

    Parameters
    ----------
    blocks : ndarray, shape (B, L)
        Sums of each block at each lag.
    n : int
        How many surrogates.
    rng : numpy.random.Generator

    Returns
    -------
    tuple of ndarray, shape (L,), and Null
        The standard deviations of the sums over blocks, and the rest in units of them.
    """
    size = np.sqrt(np.sum(blocks**2, axis=0))
    z = blocks / np.where(size > 0, size, np.inf)
    signs = rng.choice([-1.0, 1.0], size=(n, len(blocks)))
    turns = TURN * float(np.sum(np.sqrt(np.sum(np.diff(z, axis=1) ** 2, axis=0))))
    return size, Null(maxima=np.abs(signs @ z).max(axis=1), turns=turns, lags=blocks.shape[1])


def benjamini_hochberg(p: Floats) -> Floats:
    """Adjust p-values: those adjusted to at most q have a false discovery rate of at most q. NaN stays NaN.

    References
    ----------
    Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995).

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.5, 0.02])).tolist()
    [0.03, 0.5, 0.03]
    """
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known])]
    rank = np.arange(1, order.size + 1)
    out = np.full(p.size, np.nan)
    out[order] = np.minimum.accumulate((p[order] * order.size / rank)[::-1])[::-1]
    return np.asarray(np.minimum(out, 1.0), float)
