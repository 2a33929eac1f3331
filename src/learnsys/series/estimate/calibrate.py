# mypy: disable-error-code="untyped-decorator"
"""Design calibration: what a sum over pairs of increments would be, at the same stamps, of one motion seen twice.

Raw correlations of asynchronous series are too small (Epps, JASA 1979), and for motion that is smoother than Brownian
those of Hayashi and Yoshida are too large. Both are a matter of the stamps alone: of a sum

    sum_ij a_i b_j o_ij(lag) dx_i dy_j,      o_ij: overlap of the intervals, a, b: any weights

the expectation for one fractional Brownian motion seen at both designs is a sum of known covariances, so nothing
needs to be simulated, and the ratio of the two is the correlation.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy.linalg import solve_triangular

from learnsys.series.estimate.overlap import contrast
from learnsys.series.estimate.roughness import Roughness
from learnsys.series.sums.compiled import jit
from learnsys.series.types import Floats

MOST: Final = 256  # increments of a series whose covariances are inverted at once


def weights(t: Floats, rough: Roughness) -> Floats:
    """Weigh increments by the inverse of their variance, shape (n - 1,)."""
    return np.asarray(1 / (rough.scale2 * np.diff(t) ** (2 * rough.hurst) + 2 * rough.noise), float)


def expected(a: tuple[Floats, Floats], b: tuple[Floats, Floats], lags: Floats, *, hurst: tuple[float, float]) -> Floats:
    """Expect the sum of weighted products of increments of one motion with unit scale, shape (L,).

    Parameters
    ----------
    a, b : tuple of ndarray
        Stamps of the levels, shape (n + 1,), and weights of the increments, shape (n,).
    lags : ndarray, shape (L,)
        By how many seconds b follows.
    hurst : tuple of float
        Of both; their mean is taken.

    Examples
    --------
    >>> one = np.array([0.0, 2.0]), np.array([1.0])
    >>> expected(one, one, np.array([0.0, 1.0]), hurst=(0.5, 0.5)).tolist()  # overlap times overlap
    [4.0, 1.0]
    """
    return np.asarray(_expected(*a, *b, np.asarray(lags, float), hurst[0] + hurst[1]), float)


def calibrated_correlation(
    a: tuple[Floats, Floats], b: tuple[Floats, Floats], lags: Floats, roughness: tuple[Roughness, Roughness]
) -> Floats:
    """Estimate the correlation of two wandering series at lags, free of the effects of their stamps, shape (L,).

    Parameters
    ----------
    a, b : tuple of ndarray
        Stamps in increasing order and levels.
    lags : ndarray, shape (L,)
        By how many seconds a leads b.
    roughness : tuple of Roughness
        Of a and of b.
    """
    wa, wb = weights(a[0], roughness[0]), weights(b[0], roughness[1])
    got = contrast((a[0], wa * np.diff(a[1])), (b[0], wb * np.diff(b[1])), lags)[0]
    full = expected((a[0], wa), (b[0], wb), lags, hurst=(roughness[0].hurst, roughness[1].hurst))
    scale = np.sqrt(roughness[0].scale2 * roughness[1].scale2)
    return np.asarray(np.divide(got, scale * full, out=np.full(got.size, np.nan), where=full * scale > 0), float)


def efficient_correlation(
    a: tuple[Floats, Floats], b: tuple[Floats, Floats], lag: float, roughness: tuple[Roughness, Roughness]
) -> float:
    """Estimate the correlation at one lag from increments divided by their covariances: slower, with a smaller error.

    Where increments remember each other (H > 1/2), few of them are news, and sums of plain products count the others
    again and again. Over parts of time with up to ``MOST`` increments, with G the covariances between both series for
    a correlation of 1 and A, B those within each,

        rho = sum dx' A^-1 G B^-1 dy / sum trace(A^-1 G B^-1 G'),

    the score of the likelihood at 0 over its information. Its expectation is rho whatever the stamps.
    """
    shifted = (b[0] - lag, b[1])
    top = bottom = 0.0
    for first, last in _parts(a[0], shifted[0]):
        one, other = (_white(_between(side, first, last), r) for side, r in zip((a, shifted), roughness, strict=True))
        if one[1].size and other[1].size:
            power = roughness[0].hurst + roughness[1].hurst
            cross = np.sqrt(roughness[0].scale2 * roughness[1].scale2) * _covariances(one[0], other[0], power)
            news = solve_triangular(one[2], solve_triangular(other[2], cross.T, lower=True).T, lower=True)
            top += float(one[1] @ news @ other[1])
            bottom += float(np.sum(news**2))
    return top / bottom if bottom > 0 else np.nan


def _parts(t: Floats, s: Floats) -> Iterator[tuple[float, float]]:
    """Cut the time that both series share where either has ``MOST`` stamps."""
    first, last = max(t[0], s[0]), min(t[-1], s[-1])
    while first < last:
        ends = [stamps[np.searchsorted(stamps, first) :][:MOST] for stamps in (t, s)]
        end = min([last, *(float(e[-1]) for e in ends if e.size == MOST)])
        yield first, end
        first = end if end > first else last


def _between(side: tuple[Floats, Floats], first: float, last: float) -> tuple[Floats, Floats]:
    part = slice(*np.searchsorted(side[0], [first, np.nextafter(last, np.inf)]))
    return side[0][part], side[1][part]


def _white(side: tuple[Floats, Floats], rough: Roughness) -> tuple[Floats, Floats, Floats]:
    """Stamps, increments that are made independent with unit variance, and the root of their covariances."""
    t, x = side
    if t.size < 2:
        return t, np.empty(0), np.empty((0, 0))
    n = t.size - 1
    within = rough.scale2 * _covariances(t, t, 2 * rough.hurst)
    within += rough.noise * (2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1))
    root = np.linalg.cholesky(within + 1e-9 * np.diag(np.diag(within)))
    return t, np.asarray(solve_triangular(root, np.diff(x), lower=True), float), np.asarray(root, float)


def _covariances(t: Floats, s: Floats, power: float) -> Floats:
    """Covariances of increments of one motion of unit scale over two designs, shape (n - 1, m - 1)."""
    levels = -0.5 * np.abs(t[:, None] - s[None, :]) ** power
    return np.asarray(np.diff(np.diff(levels, axis=0), axis=1), float)


@jit
def _expected(ta, wa, tb, wb, lags, power):  # type: ignore[no-untyped-def]
    out = np.zeros(lags.size)
    for l in range(lags.size):
        first = 0
        for i in range(wa.size):
            start, end = ta[i] + lags[l], ta[i + 1] + lags[l]
            while first < wb.size and tb[first + 1] <= start:
                first += 1
            j = first
            while j < wb.size and tb[j] < end:
                overlap = min(end, tb[j + 1]) - max(start, tb[j])
                if power == 1.0:
                    both = overlap
                else:
                    apart = abs(tb[j] - end) ** power + abs(tb[j + 1] - start) ** power
                    both = 0.5 * (apart - abs(tb[j] - start) ** power - abs(tb[j + 1] - end) ** power)
                out[l] += wa[i] * wb[j] * overlap * both
                j += 1
    return out
