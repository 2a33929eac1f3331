"""Intervals that hold: how large errors were on workloads that a model had not seen, scaled by how hard each one is.

Split-conformal prediction (Papadopoulos et al., ECML 2002) on e / s: e is the error in log seconds of a known
workload whose group was left out, s the size that was to be expected. Errors of one workload go together, so

    log s = b0 + b1 log sd + b2 log rms_v + b' signals        (a gamma regression of |e|, log link, ridge)

lets a workload be hard as a whole; each workload weighs the same; and e / s of a group uses b fitted without it, or
the in-sample s would look too good. A new workload may be harder than all K known ones: coverage c of it is only
promised by the quantile at c (K + 1) / K (Lee, Barber & Willett, arXiv 2306.06342), with K the workloads that were
independent. At 95 % that is the largest error ever seen, so the promise is kept at 80 % and all quantiles are stretched
alike. They are kept with their signs at many levels: a predictive distribution (Vovk et al., COPA 2017), of which
intervals, one-sided bounds and P(time <= deadline) are readings.
"""

from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]

LEVELS: Final = np.concatenate([[0.005, 0.01], np.linspace(0.02, 0.98, 97), [0.99, 0.995]])
FOLDS: Final = 10
RIDGE: Final = 1.0  # in workloads: what so many of them say of a coefficient, its prior of zero says too
ROUNDS: Final = 25  # of Fisher scoring at most; it settles in about eight
SETTLED: Final = 1e-7  # in log s: a step as short as that is the last
STEP: Final = 1.0  # in log s: no step of a round is longer
LEAST: Final = 1e-3  # of log seconds: below the noise of any clock
PROMISE: Final = 0.8  # level at which the next group is promised its coverage
NEIGHBOURS: Final = 5
WIDTH: Final = 0.5  # of the neighbourhood, in distances between workloads


@final
class Ladder(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A distribution of standardised errors: quantiles at fixed levels, exponential tails beyond them.

    Attributes
    ----------
    levels : ndarray, shape (L,)
    values : ndarray, shape (L,)
        Strictly increasing.
    lower, upper : float
        Mean excess beyond the first and the last value, > 0.
    """

    levels: Floats
    values: Floats
    lower: float
    upper: float

    @classmethod
    def normal(cls) -> Self:
        """Make the ladder of the standard normal distribution."""
        values = ndtri(LEVELS)
        return cls(levels=LEVELS, values=values, lower=0.35, upper=0.35)

    @classmethod
    def of(cls, z: Floats, weights: Floats) -> Self:
        """Make the ladder of weighted errors, shape (n,), n >= 1."""
        order = np.argsort(z, kind="stable")
        z, w = z[order], weights[order] / weights.sum()
        middle = np.cumsum(w) - w / 2
        values = np.interp(LEVELS, middle, z)
        values = np.maximum.accumulate(values) + 1e-9 * (1 + np.ptp(values)) * np.arange(LEVELS.size)
        below, above = z < values[0], z > values[-1]
        tenth = float(0.1 * (values[-1] - values[0]) + 1e-9)
        return cls(
            levels=LEVELS,
            values=values,
            lower=float(max(np.average(values[0] - z[below], weights=w[below]), tenth)) if below.any() else tenth,
            upper=float(max(np.average(z[above] - values[-1], weights=w[above]), tenth)) if above.any() else tenth,
        )

    def stretched(self, groups: float) -> Self:
        """Widen for one more workload or group than ``groups`` independent known ones."""
        level = min(PROMISE * (groups + 1) / groups, self.levels[-1] - self.levels[0])
        known, wanted = (np.ptp(self.quantile([(1 - p) / 2, (1 + p) / 2])) for p in (PROMISE, level))
        k = float(wanted / known)
        return type(self)(levels=self.levels, values=k * self.values, lower=k * self.lower, upper=k * self.upper)

    def quantile(self, q: ArrayLike) -> Floats:
        """Give the value below which a share ``q`` (0 < q < 1) of errors lies."""
        p = np.asarray(q, float)
        first, last = self.levels[0], self.levels[-1]
        inside = np.interp(p, self.levels, self.values)
        low = self.values[0] + self.lower * np.log(np.minimum(p, first) / first)
        high = self.values[-1] - self.upper * np.log((1 - np.maximum(p, last)) / (1 - last))
        out: Floats = np.where(p < first, low, np.where(p > last, high, inside))
        return out

    def probability(self, z: ArrayLike) -> Floats:
        """Give the share of errors at or below ``z``: the inverse of ``quantile``."""
        x = np.asarray(z, float)
        first, last = self.values[0], self.values[-1]
        inside = np.interp(x, self.values, self.levels)
        low = self.levels[0] * np.exp(np.minimum(x - first, 0) / self.lower)
        high = 1 - (1 - self.levels[-1]) * np.exp(-np.maximum(x - last, 0) / self.upper)
        out: Floats = np.where(x < first, low, np.where(x > last, high, inside))
        return out


@final
class Calibration(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a model's past errors say of its next ones.

    Attributes
    ----------
    ladder : Ladder
        Distribution of error / scale.
    coefficients : ndarray, shape (2 + S,)
        Of log sd, log rms of the machine, then the signals, after the intercept.
    log_rms : ndarray, shape (V,)
        Log of each machine's root mean squared error.
    bounds : ndarray, shape (2, 2 + S)
        Smallest and largest value of each regressor that was seen: a new one is clipped to them.
    """

    ladder: Ladder
    coefficients: Floats
    log_rms: Floats
    bounds: Floats

    def scale(self, variance: Floats, signals: Floats | None = None) -> Floats:
        """Give the size of error to expect.

        Parameters
        ----------
        variance : ndarray, shape (..., V)
            What the model claims.
        signals : ndarray, shape (S, ..., V), optional
            Those of ``calibrate``, for the new workload.
        """
        q = np.clip(_regressors(variance, self.log_rms, signals), *self.bounds)
        scale: Floats = np.exp(self.coefficients[0] + q @ self.coefficients[1:])
        return scale


def calibrate(
    residuals: Floats, variance: Floats, groups: NDArray[np.str_], signals: Floats | None = None
) -> Calibration:
    """Learn scale and distribution of a model's errors from those on workloads that it had not seen.

    Parameters
    ----------
    residuals : ndarray, shape (W, V)
        True less predicted log seconds, each workload's group left out; NaN where there is none.
    variance : ndarray, shape (W, V)
        What the model claimed for each.
    groups : ndarray of str, shape (W,)
        Workloads that were held out together.
    signals : ndarray, shape (S, W, V), optional
        Whatever else may tell a hard workload from an easy one, each about as large as a logarithm.

    Returns
    -------
    Calibration
        With a single group, or no residual at all, that of a model whose variance is right and errors normal.
    """
    known = np.isfinite(residuals) & np.isfinite(variance)
    width = 2 + (0 if signals is None else len(signals))
    if np.unique(groups[known.any(axis=1)]).size < 2:
        identity = np.concatenate([[0.0, 1.0], np.zeros(width - 1)])
        return Calibration(
            ladder=Ladder.normal(), coefficients=identity, log_rms=np.zeros(residuals.shape[1]),
            bounds=np.array([[-np.inf], [np.inf]]) * np.ones(width),
        )  # fmt: skip
    log_rms = _log_rms(residuals, known)
    rows = np.nonzero(known)[0]
    q, size = _regressors(variance, log_rms, signals)[known], np.abs(residuals[known])
    weights = 1 / known.sum(axis=1)[rows]
    log_scale = np.empty(rows.size)
    fold = (np.unique(groups, return_inverse=True)[1] % FOLDS)[rows]
    for k in np.unique(fold):
        out = fold == k
        b = _gamma_regression(q[~out], size[~out], weights[~out])
        log_scale[out] = b[0] + q[out] @ b[1:]
    z = np.zeros(residuals.shape)
    z[known] = residuals[known] * np.exp(-log_scale)
    seen = known.any(axis=1)
    hard = np.log(np.abs(z).sum(axis=1)[seen] / known.sum(axis=1)[seen] + LEAST)
    return Calibration(
        ladder=Ladder.of(z[known], weights).stretched(independent(hard, groups[seen])),
        coefficients=_gamma_regression(q, size, weights),
        log_rms=log_rms,
        bounds=np.array([q.min(axis=0), q.max(axis=0)]),
    )


def independent(values: Floats, groups: NDArray[np.str_]) -> float:
    """Count how many independent workloads n grouped ones are worth: n / (1 + (n_g - 1) rho) (Kish 1965).

    rho is the correlation of ``values``, shape (n,), within groups, by one-way analysis of variance.
    """
    _, of, count = np.unique(groups, return_inverse=True, return_counts=True)
    n, K = values.size, count.size
    size = float((count**2).sum() / n)
    if n == K or K < 2:
        return float(n / size)
    means = np.bincount(of, values) / count
    within = ((values - means[of]) ** 2).sum() / (n - K)
    between = (count * (means - values.mean()) ** 2).sum() / (K - 1)
    each = (n - size) / (K - 1)
    rho = np.clip((between - within) / max(between + (each - 1) * within, 1e-300), 0.0, 1.0)
    return float(n / (1 + (size - 1) * rho))


def difficulty(level: Floats, distance: Floats, log_rms: Floats) -> Floats:
    """Tell hard workloads from easy ones, before anything is known of their errors.

    Parameters
    ----------
    level : ndarray, shape (n,)
        Mean log seconds on the references.
    distance : ndarray, shape (n, W)
        To each known workload; infinite for those that must not be looked at.
    log_rms : ndarray, shape (W,)
        Log of each known workload's own root mean squared error.

    Returns
    -------
    ndarray, shape (3, n, 1)
        Level, log of the mean distance to the nearest, how hard those were: signals for ``calibrate``.
    """
    nearest = np.sort(distance, axis=1)[:, :NEIGHBOURS]
    seen = np.isfinite(nearest)
    far = np.where(seen, nearest, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    first = np.where(seen[:, :1], nearest[:, :1], 0.0)
    w = np.exp(-(distance - first) / WIDTH)
    hard = (w @ log_rms) / np.maximum(w.sum(axis=1), 1e-300)
    return np.stack([level, np.log(far + 0.1 * WIDTH), hard])[:, :, None]


def workload_log_rms(residuals: Floats) -> Floats:
    """Log root mean square of each workload's errors, shape (W,); the mean of all where there is none."""
    known = np.isfinite(residuals)
    count = known.sum(axis=1)
    squares = np.where(known, residuals, 0.0) ** 2
    rms = np.sqrt(squares.sum(axis=1) / np.maximum(count, 1))
    logs = np.log(np.maximum(rms, LEAST))
    out: Floats = np.where(count > 0, logs, logs[count > 0].mean() if count.any() else 0.0)
    return out


def _regressors(variance: Floats, log_rms: Floats, signals: Floats | None) -> Floats:
    log_sd = 0.5 * np.log(np.maximum(variance, LEAST**2))
    rest = () if signals is None else tuple(np.broadcast_to(s, log_sd.shape) for s in signals)
    return np.stack([log_sd, np.broadcast_to(log_rms, log_sd.shape), *rest], axis=-1)


def _log_rms(residuals: Floats, known: NDArray[np.bool_]) -> Floats:
    """Log root mean square of each machine's errors, one workload's worth of the mean of all added."""
    squares = np.where(known, residuals, 0.0) ** 2
    overall = max(squares.sum() / known.sum(), LEAST**2)
    out: Floats = 0.5 * np.log((squares.sum(axis=0) + overall) / (known.sum(axis=0) + 1))
    return out


def _gamma_regression(q: Floats, size: Floats, weights: Floats) -> Floats:
    """Regress the size of errors, shape (n,), on q, shape (n, K): log E size = b0 + q b, by Fisher scoring.

    The ridge acts on standardised regressors; a regressor that never varies gets zero.
    """
    centre, spread = q.mean(axis=0), q.std(axis=0)
    spread = np.where(spread > 1e-9, spread, np.inf)
    Z = np.column_stack([np.ones(len(q)), (q - centre) / spread])
    ridge = np.concatenate([[0.0], np.full(q.shape[1], RIDGE)])
    hessian = Z.T @ (weights[:, None] * Z) + np.diag(ridge)
    b = np.concatenate([[np.log(max(np.average(size, weights=weights), LEAST))], np.zeros(q.shape[1])])
    for _ in range(ROUNDS):
        excess = np.minimum(size * np.exp(-Z @ b), np.e**3) - 1
        step = np.linalg.solve(hessian, Z.T @ (weights * excess) - ridge * b)
        longest = max(float(np.abs(step).max()), 1e-12)
        b = b + step * min(1.0, STEP / longest)
        if longest < SETTLED:
            break
    slope = b[1:] / spread
    return np.concatenate([[b[0] - centre @ slope], slope])
