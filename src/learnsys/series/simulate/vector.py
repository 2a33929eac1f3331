"""Vector processes in continuous time whose covariances, spectra and VAR matrices are known, sampled at any stamps.

A linear stochastic differential equation dz = F z dt + G dB, of which x = H z is observed. It is sampled exactly:

    z(t + s) = e^{F s} z(t) + e,    Cov(e) = P - e^{F s} P e^{F s}',    F P + P F' + G G' = 0,

at the stamps of all series in turn, so each series has stamps of its own. With m = D it is the Ornstein-Uhlenbeck
process, at each distance dt a VAR(1) with matrix e^{F dt}; with m = 2 D, states and their slopes, an oscillator.
References: [1]_ for the exact step, [2]_ for the covariances.

.. [1] C. Van Loan, "Computing integrals involving the matrix exponential", IEEE TAC 23(3), 1978.
.. [2] C. W. Gardiner, "Handbook of Stochastic Methods", 3rd ed., section 4.4.6.
"""

from collections.abc import Sequence
from typing import Self, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm, solve_continuous_lyapunov

from learnsys.core.errors import InputError
from learnsys.series.types import Floats, Samples


@final
class VectorProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A stationary process of D series, driven by white noise.

    Attributes
    ----------
    drift : ndarray, shape (m, m)
        F; its eigenvalues have negative real parts. Per second.
    diffusion : ndarray, shape (m, m)
        G G', positive semi-definite. Per second.
    seen : ndarray, shape (D, m)
        H: how the D series are made of the m states.
    """

    drift: Floats
    diffusion: Floats
    seen: Floats

    @classmethod
    def ornstein_uhlenbeck(cls, decay: ArrayLike, diffusion: ArrayLike) -> Self:
        """dx = -decay x dt + noise of covariance ``diffusion`` per second, both of shape (D, D).

        Raises
        ------
        InputError
            If an eigenvalue of ``decay`` has no positive real part: there is no stationary process.

        Examples
        --------
        >>> slow = VectorProcess.ornstein_uhlenbeck([[0.5]], [[1.0]])
        >>> slow.covariance([0.0, 2.0])[:, 0, 0].round(3).tolist()
        [1.0, 0.368]
        """
        decay = np.asarray(decay, float)
        return cls._stable(-decay, np.asarray(diffusion, float), np.eye(len(decay)))

    @classmethod
    def oscillator(cls, stiffness: ArrayLike, damping: ArrayLike, diffusion: ArrayLike) -> Self:
        """x'' = -stiffness x - damping x' + noise: a continuous-time VAR(2); all of shape (D, D).

        Raises
        ------
        InputError
            If it is not stable.
        """
        k, c, q = (np.asarray(v, float) for v in (stiffness, damping, diffusion))
        zero, one = np.zeros_like(k), np.eye(len(k))
        return cls._stable(
            np.block([[zero, one], [-k, -c]]), np.block([[zero, zero], [zero, q]]), np.eye(len(k), 2 * len(k))
        )

    @classmethod
    def _stable(cls, drift: Floats, diffusion: Floats, seen: Floats) -> Self:
        if (worst := np.linalg.eigvals(drift).real.max()) >= 0:
            raise InputError(
                f"the process has a mode that grows at {worst:g} per second", value=worst, next="damp it more"
            )
        return cls(drift=drift, diffusion=diffusion, seen=seen)

    @property
    def stationary(self) -> Floats:
        """Covariance of the states, P, shape (m, m)."""
        p = solve_continuous_lyapunov(self.drift, -self.diffusion)
        return np.asarray((p + p.T) / 2, float)

    def covariance(self, lags_s: ArrayLike) -> Floats:
        """Covariances C_ab(tau) = E x_a(t) x_b(t + tau), shape (L, D, D)."""
        tau = np.asarray(lags_s, float)
        ahead = self.stationary @ np.swapaxes(self.transition(np.abs(tau)), 1, 2)
        later = self.seen @ ahead @ self.seen.T
        return np.where(tau[:, None, None] >= 0, later, np.swapaxes(later, 1, 2))

    def transition(self, dt_s: Floats) -> Floats:
        """Matrices e^{F dt}, shape (..., m, m)."""
        return np.asarray(expm(self.drift * np.asarray(dt_s, float)[..., None, None]), float)

    def spectrum(self, omega: ArrayLike) -> NDArray[np.complex128]:
        """Integrals of C(tau) e^{-i w tau} over tau, shape (K, D, D); radians a second."""
        w = np.asarray(omega, float)
        h = self.seen @ np.linalg.inv(1j * w[:, None, None] * np.eye(len(self.drift)) - self.drift)
        return np.asarray(h.conj() @ self.diffusion @ np.swapaxes(h, 1, 2), complex)

    def sample(self, stamps: Sequence[ArrayLike], *, noise: float = 0.0, seed: int = 0) -> Samples:
        """Draw samples of each series at stamps of its own.

        Parameters
        ----------
        stamps : sequence of D array_like
            Seconds, in any order.
        noise : float
            Standard deviation of the errors of measurement.
        seed : int

        Returns
        -------
        Samples
            With ids s0, s1 ...
        """
        rng = np.random.default_rng(seed)
        parts = [np.sort(np.asarray(t, float)) for t in stamps]
        t = np.concatenate([*parts, np.empty(0)])
        number = np.repeat(np.arange(len(parts)), [p.size for p in parts])
        order = np.argsort(t, kind="stable")
        states = np.empty((t.size, len(self.drift)))
        states[order] = self._path(t[order], rng)
        x = np.einsum("nm,nm->n", self.seen[number], states) + noise * rng.normal(size=t.size)
        return Samples.of({f"s{d}": (part, x[number == d]) for d, part in enumerate(parts)})

    def _path(self, t: Floats, rng: np.random.Generator) -> Floats:
        """Draw the states at stamps in order, shape (n, m)."""
        p = self.stationary
        gap, where = np.unique(np.diff(t), return_inverse=True)
        step = self.transition(gap)
        shock = np.einsum(
            "nij,nj->ni", _roots(p - step @ p @ np.swapaxes(step, 1, 2))[where], rng.normal(size=(len(where), len(p)))
        )
        path = np.empty((t.size, len(p)))
        z = _roots(p[None])[0] @ rng.normal(size=len(p))
        for i in range(t.size):
            z = z if i == 0 else step[where[i - 1]] @ z + shock[i - 1]
            path[i] = z
        return path


def _roots(covariance: Floats) -> Floats:
    """Find R with R R' = each covariance, which may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :], float)
