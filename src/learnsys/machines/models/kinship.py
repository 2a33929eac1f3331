"""How alike machines are in what no known workload shows: the covariance of what is new about a strange workload.

A covariance of machines that was learned from known workloads (`kriging`) says nothing of an instruction that only the
new one uses. What is new still goes together on machines that are of one kind. With r_i what the leading components of
all other groups leave of workload i, projected by P, and C_j kinds of likeness,

    min_t  sum_groups |mean_i r_i r_i' - sum_j t_j P C_j P|^2 / (mean r^2)^2,   t >= 0

a variance-component model by moments (Searle, Casella & McCulloch, "Variance Components", 1992, ch. 5). Each group has
one vote. Kinds of likeness: the same architecture, the same processor, as many cores, the same profile on the known
workloads once what cores explain is taken away, and the machine itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from learnsys.core.machine import Machine
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.cells import balance, settled_cells

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

COMPONENTS: Final = 8  # at most, of the other groups
SAMPLE: Final = 300  # machines at most that moments are taken on, evenly spread
MEASURED: Final = 0.8  # of a group's workloads must have run on a machine that counts
OCTAVES: Final = 1.5  # of cores, over which speed-up is alike
LENGTH: Final = 0.5  # of the distance between profiles, in log seconds
CLIP: Final = 1.5  # log seconds: a profile's outlier counts no more
KNEES: Final = (2.0, 5.0)  # log2 of the cores at which a speed-up may bend
LOUD: Final = 2.0  # mean squares of a residual, in their median over the group, beyond which it is scaled down
LEAST: Final = 1e-9


@final
class Kinship(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Variances t of each kind of likeness of V machines.

    Attributes
    ----------
    arch, cpu : ndarray of int, shape (V,)
        Labels; a machine whose processor is not known has that of its family.
    octaves : ndarray, shape (V,)
        log2 of the cores.
    profile : ndarray, shape (D, V)
        Log seconds on known workloads beyond what cores explain, each times the root of its prior weight.
    variances : ndarray, shape (5,)
        Of arch, cpu, cores, profile, own.
    """

    arch: Indices
    cpu: Indices
    octaves: Floats
    profile: Floats
    variances: Floats

    def between(self, a: Indices, b: Indices) -> Floats:
        """Covariance of what is new on machines ``a`` and on machines ``b``, shape (len(a), len(b))."""
        out: Floats = np.tensordot(self.variances, self.parts(a, b), 1)
        return out

    def diagonal(self) -> float:
        """Variance on any machine."""
        return float(self.variances.sum())

    def parts(self, a: Indices, b: Indices) -> Floats:
        """Likeness of each kind, 1 for a machine and itself, shape (5, len(a), len(b))."""
        p, q = self.profile[:, a], self.profile[:, b]
        square = (p**2).sum(axis=0)[:, None] + (q**2).sum(axis=0) - 2 * p.T @ q
        own = a[:, None] == b
        return np.stack([
            self.arch[a][:, None] == self.arch[b],
            self.cpu[a][:, None] == self.cpu[b],
            np.exp(-0.5 * ((self.octaves[a][:, None] - self.octaves[b]) / OCTAVES) ** 2),
            np.exp(-np.sqrt(np.where(own, 0.0, np.maximum(square, 0.0))) / LENGTH),
            own,
        ])  # fmt: skip


@lru_cache(maxsize=4)
def kinship(benchmark: Benchmark) -> Kinship:
    """Learn the variances from a benchmark by leaving out each group of workloads. Kept by benchmark."""
    x, prior, machines = settled_cells(benchmark), balance(benchmark.groups), benchmark.catalog.machines
    octaves = _octaves(machines)
    basis = np.column_stack([np.ones_like(octaves), octaves, *(np.maximum(octaves - knee, 0) for knee in KNEES)])
    beyond = np.clip(x - x @ np.linalg.pinv(basis).T @ basis.T, -CLIP, CLIP)
    alike = Kinship(
        arch=_labels([m.arch or m.key for m in machines]),
        cpu=_labels([m.cpu or m.family or m.key for m in machines]),
        octaves=octaves,
        profile=np.sqrt(prior)[:, None] * beyond,
        variances=np.zeros(5),
    )
    return msgspec.structs.replace(alike, variances=_variances(alike, x, benchmark.runs > 0, benchmark.groups, prior))


def _variances(
    alike: Kinship, x: Floats, measured: NDArray[np.bool_], groups: NDArray[np.str_], prior: Floats
) -> Floats:
    gram, moments = np.zeros((5, 5)), np.zeros(5)
    for group in np.unique(groups):
        i, rest = np.flatnonzero(groups == group), np.flatnonzero(groups != group)
        v = np.flatnonzero(measured[i].mean(axis=0) >= MEASURED)
        rank = min(COMPONENTS, rest.size // 4, v.size // 4)
        if rank == 0:
            continue
        v = v[np.unique(np.linspace(0, v.size - 1, SAMPLE).astype(np.intp))]
        P = _unexplained(x[np.ix_(rest, v)], prior[rest], alike.octaves[v], rank)
        r = x[np.ix_(i, v)] @ P
        square = np.maximum((r**2).mean(axis=1), LEAST)
        r *= np.minimum(1, np.sqrt(LOUD * np.median(square) / square))[:, None]
        size = max(float((r**2).mean()), LEAST) * v.size
        C = (P @ alike.parts(v, v) @ P).reshape(5, -1)
        gram += C @ C.T / size**2
        moments += C @ (r.T @ r / i.size).ravel() / size**2
    return _non_negative(gram, moments)


def _unexplained(x: Floats, prior: Floats, octaves: Floats, rank: int) -> Floats:
    """Projection that takes away a level, a trend over cores and the leading components of known workloads, (V, V)."""
    centred = np.sqrt(prior)[:, None] * (x - x.mean(axis=1, keepdims=True))
    leading = np.linalg.svd(centred, full_matrices=False)[2][:rank]
    E = np.vstack([np.ones_like(octaves), octaves, leading])
    out: Floats = np.eye(len(octaves)) - np.linalg.pinv(E) @ E
    return out


def _non_negative(gram: Floats, moments: Floats) -> Floats:
    """Solve min t' gram t - 2 t' moments, t >= 0."""
    L = np.linalg.cholesky(gram + (LEAST * np.trace(gram) + 1e-300) * np.eye(len(gram)))
    found: Floats = nnls(L.T, np.linalg.solve(L, moments))[0]
    return found


def _octaves(machines: Sequence[Machine]) -> Floats:
    cores = np.array([m.vcpus for m in machines], float)
    known = cores > 0
    logs = np.log2(np.where(known, cores, 1.0))
    out: Floats = np.where(known, logs, logs[known].mean() if known.any() else 0.0)
    return out


def _labels(names: Sequence[str]) -> Indices:
    return np.asarray(np.unique(np.array(names), return_inverse=True)[1], np.intp)
