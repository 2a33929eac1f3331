# mypy: disable-error-code="untyped-decorator"
"""A sample given the samples near it in time: Gaussian conditioning in small neighbourhoods, for any number of samples.

With S the covariance of the neighbours, c theirs with the target, v its own variance (nuggets included), the target's
mean is w'x with S w = c, and its variance s^2 = v - w'c: simple kriging. The product of such conditional densities,
each given the nearest *earlier* samples, is Vecchia's likelihood, [1]_: exact for neighbourhoods of everything, and
nearly so for a few of each series, at a cost proportional to the number of samples.

Covariances come from a table over lags, linear between them. So the derivative of the likelihood with respect to
whatever made the table is that with respect to the table: with b = (-w, 1), e the target less its mean and
a = S^-1 x (0 for the target), of every target

    G = (a b' + b a') e/(2 s^2) + b b' (e^2/s^4 - 1/s^2)/2

is scattered to the lags of its pairs of samples.

References
----------
.. [1] A. V. Vecchia, "Estimation and model identification for continuous spatial processes", JRSS B 50(2), 1988.
"""

from typing import Any, Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.series.sums.compiled import jit
from learnsys.series.types import Floats, Samples

TINY: Final = 1e-9  # of the variance: added to it, so that samples at one time do not make S singular


@final
class CovarianceTable(msgspec.Struct, frozen=True, kw_only=True):
    """Covariances of D series at lags 0, step, 2 step ...; 0 beyond the last, linear between.

    Attributes
    ----------
    step_s : float
    values : ndarray, shape (L, D, D)
        C_ab(l step) = E x_a(t) x_b(t + l step).
    nugget : ndarray, shape (D,)
        Variances of the errors of measurement.
    """

    step_s: float
    values: Floats
    nugget: Floats


@final
class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """Where series are wanted, and the samples that tell of them.

    Attributes
    ----------
    t : ndarray, shape (n,)
    series : ndarray of int64, shape (n,)
    near : ndarray of int64, shape (n, m)
        Numbers of the neighbouring samples; -1 for none.
    """

    t: Floats
    series: NDArray[np.int64]
    near: NDArray[np.int64]

    def take(self, chosen: NDArray[Any]) -> Self:
        """Some of the targets, by number or by mask: in arrays without gaps, for which the kernel is compiled."""
        return msgspec.structs.replace(self, t=self.t[chosen], series=self.series[chosen], near=self.near[chosen])


def before(
    samples: Samples, t: Floats, series: NDArray[np.int64], *, most: int, reach: float = np.inf
) -> Targets:  # fmt: skip
    """Take of each series the last ``most`` samples before each target, no more than ``reach`` away.

    At equal stamps a series of lower number comes before one of higher number, so that the samples are in an order.
    """
    return Targets(t=t, series=series, near=_near(samples, t, series, (-most, 0), reach))


def around(
    samples: Samples, t: Floats, series: NDArray[np.int64], *, most: int, reach: float = np.inf
) -> Targets:  # fmt: skip
    """Take of each series the ``most`` samples before and the ``most`` at or after each target, within ``reach``."""
    return Targets(t=t, series=series, near=_near(samples, t, series, (-most, most), reach))


def _near(
    samples: Samples, t: Floats, series: NDArray[np.int64], span: tuple[int, int], reach: float
) -> NDArray[np.int64]:
    parts = []
    for d in range(len(samples)):
        first, last = samples.starts[d], samples.starts[d + 1]
        left = np.searchsorted(stamps := samples.t[first:last], t, side="left")
        place = np.where(d < series, np.searchsorted(stamps, t, side="right"), left) if span[1] == 0 else left
        number = first + place[:, None] + np.arange(*span)
        known = (number >= first) & (number < last)
        number = np.where(known, number, 0)
        if last > first:
            known &= np.abs(samples.t[number] - t[:, None]) <= reach
        parts.append(np.where(known, number, -1))
    return np.concatenate(parts, axis=1)


def predict(table: CovarianceTable, samples: Samples, targets: Targets) -> tuple[Floats, Floats]:
    """Find the means and variances of the targets, without errors of measurement, given their neighbours.

    Parameters
    ----------
    table : CovarianceTable
    samples : Samples
        Centred.
    targets : Targets

    Returns
    -------
    tuple of ndarray, shape (n,)
        Means and variances.
    """
    mean, variance, _, _ = _conditionals(table, samples, targets, np.zeros(targets.t.size), gradient=False)
    return mean, variance


def log_likelihood(
    table: CovarianceTable, samples: Samples, targets: Targets, x: Floats
) -> tuple[float, Floats, Floats]:
    """Evaluate the logarithm of Vecchia's likelihood, and its derivatives.

    Parameters
    ----------
    table : CovarianceTable
    samples : Samples
        Centred.
    targets : Targets
    x : ndarray, shape (n,)
        Values at the targets, with errors of measurement.

    Returns
    -------
    tuple of float, ndarray of the table's shape, ndarray of shape (D,)
        The logarithm, its derivatives with respect to the table and to the nuggets.
    """
    mean, variance, by_table, by_nugget = _conditionals(table, samples, targets, x, gradient=True)
    variance = variance + table.nugget[targets.series]
    return float(-0.5 * np.sum(np.log(2 * np.pi * variance) + (x - mean) ** 2 / variance)), by_table, by_nugget


def _conditionals(
    table: CovarianceTable, samples: Samples, targets: Targets, x: Floats, *, gradient: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    mean, variance = np.empty(targets.t.size), np.empty(targets.t.size)
    by_table, by_nugget = np.zeros_like(table.values), np.zeros_like(table.nugget)
    tiny = TINY * np.diagonal(table.values[0])
    _condition(
        (samples.t, samples.x, samples.series), (targets.t, targets.series, targets.near, x),
        (table.values, 1 / table.step_s, table.nugget + tiny), (mean, variance), (by_table, by_nugget, gradient),
    )  # fmt: skip
    return mean, variance, by_table, by_nugget


@jit
def _covariance(values, per_step, a, b, tau):  # type: ignore[no-untyped-def]
    """Look up C_ab(tau)."""
    if tau < 0:
        a, b, tau = b, a, -tau
    place = tau * per_step
    low = int(place)
    if low + 1 >= values.shape[0]:
        return 0.0
    part = place - low
    return (1 - part) * values[low, a, b] + part * values[low + 1, a, b]


@jit
def _scatter(values, per_step, a, b, tau, amount):  # type: ignore[no-untyped-def]
    """Add to the derivatives of C_ab(tau)."""
    if tau < 0:
        a, b, tau = b, a, -tau
    place = tau * per_step
    low = int(place)
    if low + 1 >= values.shape[0]:
        return
    part = place - low
    values[low, a, b] += (1 - part) * amount
    values[low + 1, a, b] += part * amount


@jit
def _solve(s, m, right):  # type: ignore[no-untyped-def]
    """Replace s by its Cholesky factor and the columns of ``right`` by solutions."""
    for i in range(m):
        for j in range(i + 1):
            v = s[i, j]
            for k in range(j):
                v -= s[i, k] * s[j, k]
            s[i, j] = np.sqrt(max(v, 1e-300)) if i == j else v / s[j, j]
    for c in range(right.shape[1]):
        for i in range(m):
            for k in range(i):
                right[i, c] -= s[i, k] * right[k, c]
            right[i, c] /= s[i, i]
        for i in range(m - 1, -1, -1):
            for k in range(i + 1, m):
                right[i, c] -= s[k, i] * right[k, c]
            right[i, c] /= s[i, i]


@jit
def _condition(samples, targets, table, out, gradients):  # type: ignore[no-untyped-def]
    """Condition every target on its neighbours; add the derivatives where they are wanted."""
    t, x, series = samples
    target_t, target_series, near, target_x = targets
    values, per_step, nugget = table
    mean, variance = out
    by_table, by_nugget, gradient = gradients
    most = near.shape[1]
    s, right = np.empty((most, most)), np.empty((most, 2))
    c, where = np.empty(most), np.empty(most + 1, np.int64)
    b, a = np.empty(most + 1), np.empty(most + 1)
    for n in range(target_t.size):
        own, now = target_series[n], target_t[n]
        m = 0
        for k in range(most):
            if near[n, k] >= 0:
                where[m] = near[n, k]
                m += 1
        for i in range(m):
            p = where[i]
            for j in range(i + 1):
                q = where[j]
                s[i, j] = _covariance(values, per_step, series[q], series[p], t[p] - t[q])
            s[i, i] += nugget[series[p]]
            c[i] = _covariance(values, per_step, series[p], own, now - t[p])
            right[i, 0], right[i, 1] = c[i], x[p]
        _solve(s, m, right)
        guess, left = 0.0, values[0, own, own]
        for i in range(m):
            guess += right[i, 0] * x[where[i]]
            left -= right[i, 0] * c[i]
        mean[n], variance[n] = guess, max(left, 0.0)
        if not gradient:
            continue
        spread = max(left, 0.0) + nugget[own]
        e = (target_x[n] - guess) / spread
        both = 0.5 * (e * e - 1 / spread)
        for i in range(m):
            b[i], a[i] = -right[i, 0], right[i, 1]
        b[m], a[m] = 1.0, 0.0
        for i in range(m + 1):
            d, at = (own, now) if i == m else (series[where[i]], t[where[i]])
            by_nugget[d] += a[i] * b[i] * e + both * b[i] * b[i]
            by_table[0, d, d] += a[i] * b[i] * e + both * b[i] * b[i]
            for j in range(i):
                amount = (a[i] * b[j] + b[i] * a[j]) * e + 2 * both * b[i] * b[j]
                _scatter(by_table, per_step, series[where[j]], d, at - t[where[j]], amount)
