"""Kriging with a machine covariance learned from the offline benchmark, re-weighted to workloads like the new one.

X (W, V) holds log seconds of W known workloads on V machines, y_R those of a new one on references R. With weights w,

    w_i ~ p_i exp(-d_i / h),  d_i a distance of workload i from the new one on R, p_i a prior weight
    b_i = x_i - mean x_i[R],  m = sum w_i b_i,  A = b - m,  K = A' diag(w) A
    mu  = m + K_.R (K_RR + s2 N)^-1 (y_R - mean y_R - m_R) + mean y_R
    var = diag K - K_.R (K_RR + s2 N)^-1 K_R. + s2

for a few (h, s2); N is diagonal, 1 over the runs behind each y. In means over R, one with noisy runs may count less. It
is Gaussian process regression (Rasmussen & Williams 2006, eq. 2.25) over machines, with an empirical covariance. To K
is added the covariance S of what no known workload shows (`kinship`), centred on R as b is. Since A is made of b,
mu - mean y_R is a weighting of the rows of b and of S_R.: w_i (1 + A_iR c) and c with c = (K_RR + s2 N)^-1 (...), so
the mean costs no more with many machines than one row.
"""

from collections.abc import Sequence
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.machines.models.kinship import Kinship

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

BLOCK: Final = 64  # rows of b that are squared at once: they stay in the cache of a core


@final
class Kriging(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A benchmark centred on its references, ready to be conditioned on a new workload.

    Attributes
    ----------
    b : ndarray, shape (W, V)
        Log seconds less their mean on the references, by ``share``.
    references : ndarray of int, shape (R,)
    settings : tuple of (h, s2)
        Widths of the weights and variances of one run's noise.
    prior : ndarray, shape (W,)
        Prior weights p.
    share : ndarray, shape (R,)
        Weight of each reference in means over them, summing to one.
    kin : ndarray, shape (R, V)
        S_R., centred on the references.
    kin_variance : ndarray, shape (V,)
        diag S, likewise.
    """

    b: Floats
    references: Indices
    settings: tuple[tuple[float, float], ...]
    prior: Floats
    share: Floats
    kin: Floats
    kin_variance: Floats

    def answer(self, rows: Floats) -> Floats:
        """Weigh the rows of b and, if they have weights, those of S_R.: (..., W) or (..., W + R) to (..., V)."""
        W = len(self.b)
        out: Floats = rows[..., :W] @ self.b
        if rows.shape[-1] > W:
            out += rows[..., W:] @ self.kin
        return out

    def rows(self, y: Floats, runs: Indices, distance: Floats, usable: NDArray[np.bool_] | None = None) -> Floats:
        """Give, for each setting, the weights of the rows that make mu - mean y_R, shape (settings, n, W + R).

        Parameters
        ----------
        y : ndarray, shape (n, R)
            Log seconds of n new workloads on the references.
        runs : ndarray of int, shape (R,)
            Runs behind each.
        distance : ndarray, shape (n, W)
        usable : ndarray of bool, shape (n, W), optional
            Workloads to learn from: all, unless a group is held out.
        """
        z, b = y - (y @ self.share)[:, None], self.b[:, self.references]
        (n, W), S = distance.shape, self.kin[:, self.references]
        out = np.empty((len(self.settings), n, W + len(S)))
        for rows, (h, s2) in zip(out, self.settings, strict=True):
            w = self._weights(distance, h, usable)
            rows[:, :W], rows[:, W:] = conditioned(z, b, w, S + np.diag(s2 / runs))
        return out

    def variance(self, runs: Indices, distance: Floats, usable: NDArray[np.bool_] | None = None) -> Floats:
        """Give the variance of log seconds on all machines at the first setting, (n, V); arguments as of ``rows``."""
        (h, s2), b, R = self.settings[0], self.b, self.references
        w = self._weights(distance, h, usable)
        A = b[:, R].T - (w @ b[:, R])[:, :, None]
        K = ((w[:, None] * A).reshape(-1, len(b)) @ b).reshape(*A.shape[:2], -1) + self.kin
        explained = (K * np.linalg.solve(K[:, :, R] + np.diag(s2 / runs), K)).sum(axis=1)
        squares = sum(w[:, i : i + BLOCK] @ b[i : i + BLOCK] ** 2 for i in range(0, len(b), BLOCK))
        var: Floats = np.maximum(squares - (w @ b) ** 2 + self.kin_variance - explained, 0) + s2
        return var

    def _weights(self, distance: Floats, h: float, usable: NDArray[np.bool_] | None) -> Floats:
        return weights(distance, h, self.prior if usable is None else self.prior * usable)


def weights(distance: Floats, h: float, prior: Floats) -> Floats:
    """Give w for distances (..., n, W) and prior weights that broadcast to them; nothing if all of those are zero."""
    p = np.broadcast_to(prior, distance.shape)
    nearest = np.where(p > 0, distance, np.inf).min(axis=-1, keepdims=True)
    w = p * np.exp((np.where(np.isfinite(nearest), nearest, 0.0) - distance) / h)
    w /= np.maximum(w.sum(axis=-1, keepdims=True), 1e-300)
    return w


def conditioned(z: Floats, b: Floats, w: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Give the weights of the rows of b, (..., n, W), and of S_R., (..., n, R), that make mu - mean y_R.

    Parameters
    ----------
    z : ndarray, shape (..., n, R)
        Log seconds of n new workloads on the references, less their mean.
    b : ndarray, shape (..., W, R)
        Those of the known ones.
    w : ndarray, shape (..., n, W)
    noise : ndarray, shape (R, R)
        Covariance of the y that b does not show: S_RR + s2 N.
    """
    R = b.shape[-1]
    m = w @ b
    squares = (b[..., :, None] * b[..., None, :]).reshape(*b.shape[:-1], R * R)
    K = (w @ squares).reshape(*m.shape, R) - m[..., :, None] * m[..., None, :]
    c: Floats = np.asarray(np.linalg.solve(K + noise, (z - m)[..., None])[..., 0], np.float64)
    rows: Floats = w * (c @ np.swapaxes(b, -1, -2) + (1 - (m * c).sum(axis=-1, keepdims=True)))
    return rows, c


def krige(
    x: Floats,
    references: Indices,
    settings: Sequence[tuple[float, float]],
    prior: Floats | None = None,
    share: Floats | None = None,
    kinship: Kinship | None = None,
) -> Kriging:
    """Centre complete log seconds (W, V), and S if there is any, on the references.

    By default, all workloads and references count the same.
    """
    share = np.full(len(references), 1 / len(references)) if share is None else share
    V = x.shape[1]
    kin, kin_variance = np.zeros((len(references), V)), np.zeros(V)
    if kinship is not None:
        S = kinship.between(references, np.arange(V))
        mean = share @ S
        kin_variance = kinship.diagonal() - 2 * mean + mean[references] @ share
        kin = S - mean
        kin -= (kin[:, references] @ share)[:, None]
    return Kriging(
        b=x - (x[:, references] @ share)[:, None],
        references=references,
        settings=tuple(settings),
        prior=np.full(len(x), 1 / len(x)) if prior is None else prior,
        share=share,
        kin=kin,
        kin_variance=kin_variance,
    )
