# mypy: disable-error-code="untyped-decorator"
"""Design calibration: what a sum over pairs of increments would be, at the same stamps, of one motion seen twice.

Raw correlations of asynchronous series are too small (Epps, JASA 1979), and for motion that is smoother than Brownian
those of Hayashi and Yoshida are too large. Both are a matter of the stamps alone: of a sum

    sum_ij a_i b_j o_ij(lag) dx_i dy_j,      o_ij: overlap of the intervals, a, b: any weights

the expectation for one fractional Brownian motion seen at both designs is a sum of known covariances, so nothing
needs to be simulated, and the ratio of the two is the correlation.
"""

import numpy as np

from learnsys.series.estimate.overlap import contrast
from learnsys.series.estimate.roughness import Roughness
from learnsys.series.sums.compiled import jit
from learnsys.series.types import Floats


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
