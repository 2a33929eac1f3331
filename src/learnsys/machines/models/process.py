"""A Gaussian process over workloads: those that look alike on the references behave alike elsewhere.

With distances d of `yardstick` between workloads i and j, in units of what is known,

    k_ij = 2 exp(-d_T / l_T - d_B / l_B - d_Z / l_Z) + c T_i T_j' / R rho^2
    mu   = m + k_* (K + s2 P)^-1 (b - m),      b_i = x_i - mean x_i[R],  m = sum p_i b_i

(Rasmussen & Williams 2006, eq. 2.25). All machines share the kernel, so an answer is a weighting of the known
workloads, whatever the number of machines: mu = sum_i a_i b_i. P is diagonal, 1 / (W p): workloads with a smaller prior
weight p count as noisier. The first term is for workloads with near relatives, the second lets a new one be a mixture.
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.machines.models.yardstick import Distances

Floats = NDArray[np.float64]

NEAR: Final = 2.0  # variance of the first term, in those of the outputs


@final
class Kernel(msgspec.Struct, frozen=True, kw_only=True):
    """Lengths and variances of the process; infinite lengths leave a distance out."""

    shape: float
    level: float
    counters: float
    mixture: float = 0.3
    noise: float = 0.15

    def __call__(self, d: Distances) -> Floats:
        """Evaluate k, the shape of the distances."""
        near = NEAR * np.exp(-d.shape / self.shape - d.level / self.level - d.counters / self.counters)
        k: Floats = near + self.mixture * d.product
        return k


@final
class Process(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A process conditioned on W workloads.

    Attributes
    ----------
    kernel : Kernel
    prior : ndarray, shape (W,)
        Weights p, summing to one.
    inverse : ndarray, shape (..., W, W)
        (K + s2 P)^-1; several, where the same workloads are seen on several sets of references.
    """

    kernel: Kernel
    prior: Floats
    inverse: Floats

    def rows(self, d: Distances) -> Floats:
        """Give the weights a of the known workloads for n new ones, shape (n, W)."""
        rows: Floats = self.kernel(d) @ self.inverse
        rows += (1 - rows.sum(axis=1, keepdims=True)) * self.prior
        return rows


def condition(kernel: Kernel, d: Distances, prior: Floats) -> Process:
    """Condition on known workloads: distances among them (..., W, W) and prior weights (W,)."""
    K = kernel(d) + kernel.noise * np.diag(1 / (len(prior) * prior))
    return Process(kernel=kernel, prior=prior, inverse=np.asarray(np.linalg.inv(K), np.float64))


def left_out(process: Process, new: Distances, groups: NDArray[np.str_]) -> Floats:
    """Weights for each known workload as if its group were not, by the inverse of a part of K.

    With Q = (K + s2 P)^-1 and a group g, that of the rest is Q - Q_.g Q_gg^-1 Q_g. (Rasmussen & Williams 2006, A.3).

    Parameters
    ----------
    process : Process
        Or several of one kernel: their inverses stacked, shape (..., W, W).
    new : Distances
        From each workload seen anew, by one run a reference, to all as known, (..., W, W).
    groups : ndarray of str, shape (W,)

    Returns
    -------
    ndarray, shape (..., W, W)
        Zero within a group.
    """
    Q, together = process.inverse, groups[:, None] == groups
    rows: Floats = np.where(together, 0.0, process.kernel(new)) @ Q
    for g in _of_one_size(groups):
        block = ..., g[:, :, None], g[:, None, :]
        gain = np.linalg.solve(Q[block], np.swapaxes(rows[block], -1, -2))  # Q_gg is symmetric
        rows[..., g, :] -= np.swapaxes(gain, -1, -2) @ Q[..., g, :]
    rows[..., together] = 0.0
    p = np.where(together, 0.0, process.prior)
    p /= np.maximum(p.sum(axis=1, keepdims=True), 1e-300)
    rows += (1 - rows.sum(axis=-1, keepdims=True)) * p
    return rows


def _of_one_size(groups: NDArray[np.str_]) -> list[NDArray[np.intp]]:
    """Members of the groups of each size, shape (groups, size): what is alike is solved at once."""
    _, of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(of, kind="stable")
    firsts = np.cumsum(sizes) - sizes
    return [order[firsts[sizes == n][:, None] + np.arange(n)] for n in np.unique(sizes)]
