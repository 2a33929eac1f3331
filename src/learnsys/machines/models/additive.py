"""A Gaussian process for few points and several features: each feature alone, linear trends, and all together.

    k(x, x') = 1 + sum_j v_j e_j + sum_j u_j x_j x'_j + f prod_j e_j,    e_j = exp(-(x_j - x'_j)^2 / 2 l_j^2)

Additive terms are what lets thirty points speak about six features (Duvenaud, Nickisch & Rasmussen, NeurIPS 2011).
(l, v, u, f) and the noise s maximise the posterior (Rasmussen & Williams 2006, eq. 5.9, log-normal priors). Several
outputs share them. Outliers, a run twice as long as its repeats, count less: Student-t noise by reweighting.
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from learnsys.core.errors import InputError

Floats = NDArray[np.float64]

# Medians and standard deviations of the logarithms; features and outputs have unit variance.
LENGTH: Final = (np.log(2.0), 0.6)
ALONE: Final = (np.log(0.1), 1.2)
LINEAR: Final = (np.log(0.25), 1.2)
TOGETHER: Final = (np.log(0.1), 1.2)
NOISE: Final = (np.log(0.02), 1.3)
FREEDOM: Final = 1.0  # of the Student-t noise: some repeats take four times as long as the others
REWEIGHTINGS: Final = 3
STEPS: Final = 60
LEAST_SD: Final = 1e-9


@final
class AdditiveGP(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A fitted process of T outputs over N points.

    Attributes
    ----------
    z : ndarray, shape (N, D)
        Standardised features.
    y : ndarray, shape (T, N)
        Outputs, NaN where unknown.
    weights : ndarray, shape (N,)
        How much each point counts; 1 unless it is an outlier.
    theta : ndarray, shape (3 D + 2,)
        Logarithms of l, v, u, f and s.
    centre, spread : ndarray, shape (D,)
        What standardises features.
    scale : ndarray, shape (T,)
        Standard deviation of each output about its mean.
    """

    z: Floats
    y: Floats
    weights: Floats
    theta: Floats
    centre: Floats
    spread: Floats
    scale: Floats

    def predict(self, x: Floats) -> tuple[Floats, Floats]:
        """Predict the mean and standard deviation of one more noisy measurement at each point.

        Parameters
        ----------
        x : ndarray, shape (M, D)

        Returns
        -------
        mean, sd : ndarray, shape (T, M)
            NaN for an output without any known value.
        """
        new = (x - self.centre) / self.spread
        K, cross = covariance(self.theta, self.z, self.z), covariance(self.theta, new, self.z)
        own = _variance(self.theta, new)
        mean, var = np.full((len(self.y), len(new)), np.nan), np.full((len(self.y), len(new)), np.nan)
        for known, outputs in _patterns(self.y):
            if not known.any():
                continue
            noisy = K[np.ix_(known, known)] + np.diag(self._noise / self.weights[known])
            gain = np.linalg.solve(noisy, cross[:, known].T).T
            y = self.y[np.ix_(outputs, known)]
            shift = self._means(y, known)
            mean[outputs] = shift[:, None] + (y - shift[:, None]) @ gain.T
            var[outputs] = own - (gain * cross[:, known]).sum(axis=1) + self._noise
        return mean, self.scale[:, None] * np.sqrt(np.maximum(var, self._noise))

    def left_out(self) -> tuple[Floats, Floats]:
        """Residuals and standard deviations of each point, predicted from the others, shape (T, N).

        Rasmussen & Williams 2006, eq. 5.12; hyper-parameters are not fitted again.
        """
        K = covariance(self.theta, self.z, self.z)
        residual, sd = np.full(self.y.shape, np.nan), np.full(self.y.shape, np.nan)
        for known, outputs in _patterns(self.y):
            if not known.any():
                continue
            precision = np.linalg.inv(K[np.ix_(known, known)] + np.diag(self._noise / self.weights[known]))
            y = self.y[np.ix_(outputs, known)]
            diagonal = np.diag(precision)
            residual[np.ix_(outputs, known)] = (y - self._means(y, known)[:, None]) @ precision / diagonal
            # The variance of an ordinary measurement there: without the outlier's own extra noise.
            extra = self._noise * (1 / self.weights[known] - 1)
            sd[np.ix_(outputs, known)] = self.scale[outputs, None] * np.sqrt(
                np.maximum(1 / diagonal - extra, self._noise)
            )
        return residual, sd

    @property
    def _noise(self) -> float:
        return float(np.exp(self.theta[-1]))

    def _means(self, y: Floats, known: NDArray[np.bool_]) -> Floats:
        means: Floats = y @ self.weights[known] / self.weights[known].sum()
        return means


def fit_additive(x: Floats, y: Floats, *, robust: bool = False, evidence: float = 1.0) -> AdditiveGP:
    """Fit the process.

    Parameters
    ----------
    x : ndarray, shape (N, D)
        Features, all finite.
    y : ndarray, shape (N,) or (T, N)
        Outputs over the same points, NaN where unknown.
    robust : bool
        Let outliers count less; for one output.
    evidence : float
        Share of an independent output that each of the outputs is worth: they resemble each other.

    Raises
    ------
    InputError
        If there are fewer than three points, or a feature is not finite.
    """
    y = np.atleast_2d(np.asarray(y, float))
    if len(x) < 3:
        raise InputError(f"{len(x)} points are too few to fit a model", value=len(x), next="measure at least three")
    if not np.isfinite(x).all():
        raise InputError("a feature is not finite", next="leave the point out, or the feature")
    centre, spread = x.mean(axis=0), np.maximum(x.std(axis=0), LEAST_SD)
    z = (x - centre) / np.where(spread > LEAST_SD, spread, 1.0)
    known = np.isfinite(y)
    weights, theta = np.ones(len(x)), _start(x.shape[1])
    for _ in range(1 + REWEIGHTINGS * robust):
        unit, scale = _standardised(y, known, weights)
        theta = _maximise(theta, z, unit[known.all(axis=1)] if known.all(axis=1).any() else unit, weights, evidence)
        model = AdditiveGP(
            z=z, y=y, weights=weights, theta=theta, centre=centre, spread=np.where(spread > LEAST_SD, spread, 1.0),
            scale=scale,
        )  # fmt: skip
        weights = _weights(model) if robust else weights
    return msgspec.structs.replace(model, weights=weights)


def _standardised(y: Floats, known: NDArray[np.bool_], weights: Floats) -> tuple[Floats, Floats]:
    """Outputs with mean 0 and variance 1, 0 where unknown, and the standard deviation of each."""
    share = known * weights
    share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
    filled = np.where(known, y, 0.0)
    centred = np.where(known, filled - (filled * share).sum(axis=1, keepdims=True), 0.0)
    sd = np.maximum(np.sqrt((centred**2 * share).sum(axis=1)), LEAST_SD)
    return centred / sd[:, None], sd


def covariance(theta: Floats, a: Floats, b: Floats) -> Floats:
    """Evaluate k between points, shape (len(a), len(b))."""
    lengths, alone, linear, together = _split(theta)
    d2 = ((a[:, None] - b[None]) / lengths) ** 2
    K: Floats = 1 + np.exp(-d2 / 2) @ alone + (a * linear) @ b.T + together * np.exp(-d2.sum(axis=2) / 2)
    return K


def objective(theta: Floats, z: Floats, y: Floats, weights: Floats, evidence: float) -> tuple[float, Floats]:
    """Negative log posterior of the hyper-parameters and its gradient."""
    lengths, alone, linear, together = _split(theta)
    d2 = np.moveaxis((z[:, None] - z[None]) / lengths, 2, 0) ** 2
    each = alone[:, None, None] * np.exp(-d2 / 2)
    trend = linear[:, None, None] * np.einsum("ij,kj->jik", z, z)
    joint = together * np.exp(-d2.sum(axis=0) / 2)
    noise = np.diag(np.exp(theta[-1]) / weights)
    K = 1 + each.sum(axis=0) + trend.sum(axis=0) + joint + noise
    L = np.linalg.cholesky(K)
    inverse = np.linalg.inv(K)
    alpha = inverse @ y.T
    prior = (theta - _start(z.shape[1])) / _spreads(z.shape[1])
    value = evidence * (0.5 * (y.T * alpha).sum() + len(y) * np.log(np.diag(L)).sum()) + 0.5 * (prior**2).sum()
    G = 0.5 * evidence * (len(y) * inverse - alpha @ alpha.T)
    parts = [((each + joint) * d2 * G), each * G, trend * G]
    slopes = np.concatenate([p.sum(axis=(1, 2)) for p in parts] + [[(joint * G).sum(), (noise * G).sum()]])
    return float(value), slopes + prior / _spreads(z.shape[1])


def _maximise(theta: Floats, z: Floats, y: Floats, weights: Floats, evidence: float) -> Floats:
    bounds = [(m - 4 * s, m + 4 * s) for m, s in zip(_start(z.shape[1]), _spreads(z.shape[1]), strict=True)]
    found = minimize(
        objective, theta, args=(z, y, weights, evidence), jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": STEPS},
    )  # fmt: skip
    return np.asarray(found.x, float)


def _weights(model: AdditiveGP) -> Floats:
    """Weights of Student-t noise at the residuals of leaving each point out."""
    K = covariance(model.theta, model.z, model.z)
    precision = np.linalg.inv(K + np.diag(np.exp(model.theta[-1]) / model.weights))
    y = model.y[0] - model.y[0] @ model.weights / model.weights.sum()
    score = precision @ (y / model.scale[0]) / np.sqrt(np.diag(precision))
    weights: Floats = np.minimum(1.0, (FREEDOM + 1) / (FREEDOM + score**2))
    return weights


def _patterns(y: Floats) -> list[tuple[NDArray[np.bool_], NDArray[np.intp]]]:
    """Outputs by which of their values are known."""
    known, of = np.unique(np.isfinite(y), axis=0, return_inverse=True)
    return [(row, np.flatnonzero(of.ravel() == i)) for i, row in enumerate(known)]


def _variance(theta: Floats, z: Floats) -> Floats:
    _, alone, linear, together = _split(theta)
    own: Floats = 1 + alone.sum() + z**2 @ linear + together
    return own


def _split(theta: Floats) -> tuple[Floats, Floats, Floats, float]:
    D = (len(theta) - 2) // 3
    e = np.exp(theta)
    return e[:D], e[D : 2 * D], e[2 * D : 3 * D], float(e[3 * D])


def _start(D: int) -> Floats:
    return np.repeat([LENGTH[0], ALONE[0], LINEAR[0], TOGETHER[0], NOISE[0]], [D, D, D, 1, 1])


def _spreads(D: int) -> Floats:
    return np.repeat([LENGTH[1], ALONE[1], LINEAR[1], TOGETHER[1], NOISE[1]], [D, D, D, 1, 1])
