# mypy: disable-error-code="untyped-decorator"
"""How rough a wandering series is: its Hurst exponent, its scale and its noise, from the samples at any stamps.

    E (x(t + u) - x(t))^2 = scale^2 u^2H + 2 noise        (fractional Brownian motion with noise; u > 0)

by maximum likelihood, where each value is predicted from a few values before it (Vecchia, JRSS B 1988), some near and
some further away, instead of all: the cost is that of n small systems of equations. H = 1/2 is Brownian motion.
"""

from typing import Any, Final, final

import msgspec
import numpy as np

from learnsys.series.sums.compiled import jit
from learnsys.series.types import Floats

BEFORE: Final = np.array([1, 2, 3, 5, 8, 13, 21])  # which values before the last one predict the next
MOST: Final = 1500  # values that are predicted: enough for H to within 0.02
NOTICE: Final = 1.92  # by how much noise must raise the log likelihood to be believed (5 % by chance)


@final
class Roughness(msgspec.Struct, frozen=True, kw_only=True):
    """Hurst exponent, variance of an increment over one second without noise, and variance of the noise."""

    hurst: float
    scale2: float
    noise: float


def fit_roughness(t: Floats, x: Floats) -> Roughness:
    """Fit fractional Brownian motion with noise.

    Parameters
    ----------
    t, x : ndarray, shape (n,)
        Stamps in increasing order and values. With fewer than 16 values H is taken to be 1/2.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> made = fit_roughness(np.arange(1000.0), np.cumsum(rng.normal(size=1000)))
    >>> bool(abs(made.hurst - 0.5) < 0.06), made.noise
    (True, 0.0)
    """
    from scipy.optimize import minimize, minimize_scalar

    gap = float(np.mean(np.diff(t)))
    u, chosen = t / gap, _chosen(t.size)
    miss = np.empty(chosen.size)

    def cost(hurst: float, noise: float) -> tuple[float, float]:
        return _vecchia(miss, u, x, chosen, BEFORE, float(hurst), float(noise))  # type: ignore[no-any-return]

    def noisy_cost(p: Floats) -> float:
        return cost(0.5 + 0.48 * np.tanh(p[0]), np.exp(p[1]))[0]

    if t.size < 16 or not np.any(np.diff(x)):
        return _in_seconds(0.5, cost(0.5, 0.0)[1], 0.0, gap)
    plain = minimize_scalar(lambda h: cost(h, 0.0)[0], bounds=(0.02, 0.98), method="bounded", options={"xatol": 1e-3})
    options: Any = {"xatol": 5e-3, "fatol": 0.02, "maxiter": 80}
    noisy = minimize(noisy_cost, np.array([0.0, -1.0]), method="Nelder-Mead", options=options)
    if 0.5 * (plain.fun - noisy.fun) < NOTICE:
        return _in_seconds(float(plain.x), cost(plain.x, 0.0)[1], 0.0, gap)
    hurst, noise = float(0.5 + 0.48 * np.tanh(noisy.x[0])), float(np.exp(noisy.x[1]))
    return _in_seconds(hurst, cost(hurst, noise)[1], noise, gap)


def unforeseen(t: Floats, x: Floats, rough: Roughness) -> Floats:
    """What each value adds to what those before it foretell, in standard deviations, shape (n - 1,): white noise."""
    out, ratio = np.empty(t.size - 1), rough.noise / rough.scale2
    _vecchia(out, t, x, np.arange(1, t.size), BEFORE, rough.hurst, ratio)
    return np.asarray(out / np.sqrt(rough.scale2), float)


def _in_seconds(hurst: float, scale2: float, ratio: float, gap: float) -> Roughness:
    """Turn a scale in mean gaps, and noise relative to it, into seconds."""
    return Roughness(hurst=hurst, scale2=scale2 / gap ** (2 * hurst), noise=scale2 * ratio)


def _chosen(n: int) -> Floats:
    """Number the values that are predicted: all of few, and of many some that are spread."""
    return np.unique(np.linspace(1, n - 1, min(n - 1, MOST)).astype(np.int64))


@jit
def _vecchia(out, t, x, chosen, before, hurst, noise):  # type: ignore[no-untyped-def]
    """-2 log likelihood with the best scale, and the square of that scale, which is the unit of the noise."""
    power, squares, logs = 2 * hurst, 0.0, 0.0
    cov, right, seen = np.empty((before.size, before.size)), np.empty(before.size), np.empty(before.size)
    back = np.empty(before.size)
    for c in range(chosen.size):
        i, m = chosen[c], 0
        while m < before.size and i - 1 - before[m] >= 0:
            m += 1
        last = abs(t[i] - t[i - 1]) ** power + 2 * noise
        for k in range(m):  # differences from the value before: covariances from the variogram
            tk = t[i - 1 - before[k]]
            back[k] = abs(tk - t[i - 1]) ** power + 2 * noise
            right[k] = 0.5 * (last + back[k] - abs(t[i] - tk) ** power - 2 * noise)
            for l in range(k + 1):
                apart = abs(tk - t[i - 1 - before[l]]) ** power + 2 * noise if l != k else 0.0
                cov[k, l] = 0.5 * (back[k] + back[l] - apart)
        miss, variance = x[i] - x[i - 1], last
        for k in range(m):  # Cholesky row by row, and with it the regression on what came before
            for l in range(k + 1):
                total = cov[k, l]
                for p in range(l):
                    total -= cov[k, p] * cov[l, p]
                cov[k, l] = np.sqrt(max(total, 1e-12)) if l == k else total / cov[l, l]
            seen[k] = x[i - 1 - before[k]] - x[i - 1]
            for p in range(k):
                right[k] -= cov[k, p] * right[p]
                seen[k] -= cov[k, p] * seen[p]
            right[k] /= cov[k, k]
            seen[k] /= cov[k, k]
            miss -= right[k] * seen[k]
            variance -= right[k] ** 2
        variance = max(variance, 1e-12)
        logs += np.log(variance)
        out[c] = miss / np.sqrt(variance)
        squares += out[c] ** 2
    n = chosen.size
    return logs + n * np.log(max(squares / n, 1e-300)), squares / n
