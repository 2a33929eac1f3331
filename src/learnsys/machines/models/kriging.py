"""Kriging with a machine covariance learned from the offline benchmark, re-weighted to workloads like the new one.

X (W, V) holds log seconds of W known workloads on V machines, y_R those of a new one on references R. With weights w,

    w_i ~ exp(-d_i / 2h),  d_i = mean_R ((x_i - mean x_i[R]) - (y_R - mean y_R))^2 / scale
    b_i = x_i - mean x_i[R],  m = sum w_i b_i,  A = b - m,  K = A' diag(w) A
    mu  = m + K_.R (K_RR + s2 N)^-1 (y_R - mean y_R - m_R) + mean y_R
    var = diag K - K_.R (K_RR + s2 N)^-1 K_R. + s2

averaged over a few (h, s2); N is diagonal, 1 over the runs behind each y. It is kriging (Gaussian process regression,
Rasmussen & Williams 2006, eq. 2.25) with an empirical covariance. Only the V x R block of K is ever formed.
"""

from collections.abc import Sequence
from typing import final

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@final
class Kriging(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A benchmark centred on its references, ready to be conditioned on a new workload.

    Attributes
    ----------
    b : ndarray, shape (W, V)
        Log seconds less their mean on the references.
    references : ndarray of int, shape (R,)
    settings : tuple of (h, s2)
        Widths of the weights and variances of one run's noise, averaged over.
    """

    b: Floats
    references: Indices
    settings: tuple[tuple[float, float], ...]

    def predict(self, y: Floats, runs: Indices, usable: NDArray[np.bool_] | None = None) -> tuple[Floats, Floats]:
        """Predict the mean and variance of log seconds on all machines.

        Parameters
        ----------
        y : ndarray, shape (R,)
            Log seconds on the references.
        runs : ndarray of int, shape (R,)
            Runs behind each.
        usable : ndarray of bool, shape (W,), optional
            Workloads to learn from: all, unless a group is held out.

        Returns
        -------
        mu, var : ndarray, shape (V,)
        """
        R, shift = self.references, float(y.mean())
        z = y - shift
        distance = ((self.b[:, R] - z) ** 2).mean(axis=1)
        scale = max(float(distance.mean()), 1e-12)
        mu, var = np.zeros(self.b.shape[1]), np.zeros(self.b.shape[1])
        for h in sorted({h for h, _ in self.settings}):
            w = np.exp(-(distance - distance.min()) / (2 * h * scale)) * (1.0 if usable is None else usable)
            w /= w.sum()
            m = w @ self.b
            A = self.b - m
            K_R = A.T @ (w[:, None] * A[:, R])
            diag = w @ A**2
            for s2 in (s for g, s in self.settings if g == h):
                gain = np.linalg.solve(K_R[R] + np.diag(s2 / runs), K_R.T).T
                mu += m + gain @ (z - m[R])
                var += diag - (gain * K_R).sum(axis=1) + s2
        n = len(self.settings)
        return mu / n + shift, np.maximum(var / n, 1e-12)


def krige(x: Floats, references: Indices, settings: Sequence[tuple[float, float]]) -> Kriging:
    """Centre complete log seconds (W, V) on the references."""
    return Kriging(b=x - x[:, references].mean(axis=1, keepdims=True), references=references, settings=tuple(settings))
