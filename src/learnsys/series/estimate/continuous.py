"""Vector autoregressions in continuous time as functions of free parameters, with derivatives by hand.

    x^(p) + B_(p-1) x^(p-1) + ... + B_0 x = L dB/dt,    time in units of the VAR's step,

a VectorProcess whose states are x and its slopes. The parameters are one vector: B_j, the lower triangle of L, and the
logarithms of the nuggets (variances of errors of measurement). Whatever is fitted gives derivatives with respect to the
spectrum or to a table of covariances; here they go on to the parameters: through S = conj(A) Q A' with
A(w) = (sum_j B_j (i w)^j)^-1, through Lyapunov's equation, and through the matrix exponential's Frechet derivative.
"""

from typing import Any, Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm, expm_frechet, solve_continuous_lyapunov

from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.types import Floats

FAST: Final = 4.0  # rate, in units of 1/dt, of what is added to a model when its order is raised


@final
class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How parameters lie in a vector, for ``order`` p and ``size`` D."""

    order: int
    size: int

    @property
    def count(self) -> int:
        """Length of the vector."""
        return self.order * self.size**2 + self.size * (self.size + 1) // 2 + self.size

    def split(self, v: Floats) -> tuple[Floats, Floats, Floats]:
        """Take B, shape (p, D, D), L, shape (D, D), and the nuggets, shape (D,), from a vector."""
        p, d = self.order, self.size
        root = np.zeros((d, d))
        root[np.tril_indices(d)] = v[p * d * d : -d]
        return v[: p * d * d].reshape(p, d, d), root, np.exp(v[-d:])

    def join(self, b: Floats, root: Floats, log_nugget: Floats) -> Floats:
        """Put B, L and the logarithms of the nuggets, or their derivatives, into a vector."""
        return np.concatenate([b.ravel(), root[np.tril_indices(self.size)], log_nugget])


@final
class Forward(msgspec.Struct, frozen=True, kw_only=True):
    """What one vector of parameters means, kept for the derivatives. Time in units of the step.

    Attributes
    ----------
    shape : Shape
    b : ndarray, shape (p, D, D)
    root : ndarray, shape (D, D)
    nugget : ndarray, shape (D,)
    process : VectorProcess
    stationary : ndarray, shape (p D, p D)
        Covariance of the states.
    """

    shape: Shape
    b: Floats
    root: Floats
    nugget: Floats
    process: VectorProcess
    stationary: Floats

    @classmethod
    def of(cls, shape: Shape, v: Floats) -> Self | None:
        """Build the process; None if it is not stable."""
        b, root, nugget = shape.split(v)
        p, d = shape.order, shape.size
        drift, diffusion = np.eye(p * d, k=d), np.zeros((p * d, p * d))
        drift[-d:] = -np.concatenate(list(b), axis=1)
        diffusion[-d:, -d:] = root @ root.T
        if not np.isfinite(drift).all() or np.linalg.eigvals(drift).real.max() > -1e-4:
            return None
        process = VectorProcess(drift=drift, diffusion=diffusion, seen=np.eye(d, p * d))
        return cls(
            shape=shape, b=b, root=root, nugget=nugget, process=process, stationary=process.stationary
        )  # fmt: skip

    def response(self, omega: Floats) -> NDArray[np.complex128]:
        """A(w), shape (K, D, D)."""
        z = 1j * omega
        powers = z[:, None] ** np.arange(self.shape.order)
        total = np.einsum("kj,jab->kab", powers, self.b) + z[:, None, None] ** self.shape.order * np.eye(
            self.shape.size
        )
        return np.asarray(np.linalg.inv(total), complex)

    def from_spectrum(self, omega: Floats, by_spectrum: NDArray[Any]) -> tuple[Floats, Floats]:
        """Carry derivatives with respect to S(w), Hermitian, shape (K, D, D), on to B and to Q = L L'."""
        a = self.response(omega)
        q = self.root @ self.root.T
        inner = (a.conj() @ q @ np.swapaxes(a, 1, 2)) @ by_spectrum @ a.conj()
        powers = (-1j * omega[:, None]) ** np.arange(self.shape.order)
        by_b = -2 * np.einsum("kj,kab->jba", powers, inner).real
        return by_b, np.sum(np.swapaxes(a, 1, 2) @ by_spectrum @ a.conj(), 0).real.T

    def table(self, step: float, count: int) -> tuple[Floats, Floats]:
        """Tabulate covariances of x with all states, shape (count, D, p D), and the transition over a step."""
        d, e = self.shape.size, np.asarray(expm(self.process.drift * step), float)
        rows = np.empty((count, d, len(e)))
        rows[0] = self.stationary[:d]
        done = 1
        while done < count:  # by doubling
            more = min(done, count - done)
            rows[done : done + more] = rows[:more] @ np.linalg.matrix_power(e, done).T
            done += more
        return rows, e

    def from_table(self, rows: Floats, e: Floats, step: float, by_table: Floats) -> tuple[Floats, Floats]:
        """Carry derivatives with respect to the tabulated C, shape (count, D, D), on to B and Q."""
        d, by_rows = self.shape.size, np.zeros(rows.shape)
        by_rows[:, :, :d] = by_table
        flat, power, ahead = by_rows.reshape(-1, len(e)), e, d
        while ahead < len(flat):  # a row is what made those after it: sums of so many, by doubling
            flat[:-ahead] += flat[ahead:] @ power
            power, ahead = power @ power, 2 * ahead
        by_e = flat[d:].T @ rows.reshape(flat.shape)[:-d]
        by_drift = step * np.asarray(expm_frechet(self.process.drift.T * step, by_e, compute_expm=False), float)
        by_stationary = np.zeros_like(e)
        by_stationary[:d] = by_rows[0]
        return self.from_stationary(by_stationary, by_drift)

    def from_stationary(self, by_stationary: Floats, by_drift: Floats | float = 0.0) -> tuple[Floats, Floats]:
        """Carry derivatives with respect to the states' covariance, and to the drift, on to B and Q."""
        p, d = self.shape.order, self.shape.size
        z = solve_continuous_lyapunov(self.process.drift.T, -(by_stationary + by_stationary.T) / 2)
        by_b = -(by_drift + 2 * z @ self.stationary)[-d:].reshape(d, p, d).swapaxes(0, 1)
        return np.ascontiguousarray(by_b), np.asarray(z[-d:, -d:], float)


def raised(shape: Shape, v: Floats) -> tuple[Shape, Floats]:
    """Raise the order by one without much change: what was driven by white noise is driven by fast noise."""
    b, root, nugget = shape.split(v)
    one = np.eye(shape.size)[None]
    higher = FAST * np.concatenate([b, one]) + np.concatenate([np.zeros_like(one), b])
    grown = Shape(order=shape.order + 1, size=shape.size)
    return grown, grown.join(higher[: grown.order], FAST * root, np.log(nugget))
