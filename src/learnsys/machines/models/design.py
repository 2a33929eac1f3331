"""What references leave unknown of a workload unlike all known ones: their choice for a benchmark of many machines.

Errors on known workloads are too noisy to choose among a thousand machines: other workloads choose others, and one that
is odd in a new suite spoils everything predicted from it. So there the criterion is the standard deviation that a
Gaussian process over machines is left with (an A-optimal design by standard deviations; Krause, Singh & Guestrin, JMLR
2008), from the covariance K of known workloads, each group with one vote, and S of what none of them shows (`kinship`):

    mean_v sqrt(diag G - G_.R (G_RR + s2 I)^-1 G_R.),     G = K + NEW S + LEVEL
"""

from collections.abc import Sequence
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.cells import settled_cells
from learnsys.machines.models.kinship import kinship

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

NEW: Final = 4.0  # how strange a workload to prepare for: from 3 to 8 as good, below, choices follow what is known
LEVEL: Final = 100.0  # variance of a workload's level: nobody knows how long it runs
NOISE: Final = 0.01  # variance of a run's log seconds


@final
class Design:
    """Judges references by what they leave unknown on some machines.

    Parameters
    ----------
    benchmark : Benchmark
    judged : ndarray of int, shape (J,)
        Machines that count.
    """

    def __init__(self, benchmark: Benchmark, judged: Indices) -> None:
        x = settled_cells(benchmark)
        _, of, count = np.unique(benchmark.groups, return_inverse=True, return_counts=True)
        w = 1 / (count[of] * count.size)
        centred = x - x.mean(axis=1, keepdims=True)
        A = np.sqrt(w)[:, None] * (centred - w @ centred)
        self._A, self._kin, self._judged = A, kinship(benchmark), judged
        self._cross = self._between(np.arange(x.shape[1]), judged)
        self._variance = self._cross[judged, np.arange(judged.size)]

    def errors(self, sets: Sequence[frozenset[int]]) -> Floats:
        """Mean standard deviation of log seconds that each set leaves on the other machines that count, shape (n,)."""
        return np.array([self._error(np.array(sorted(s), np.intp)) for s in sets])

    def _error(self, R: Indices) -> float:
        G, cross = self._between(R, R) + NOISE * np.eye(R.size), self._cross[R]
        left = self._variance - (cross * np.linalg.solve(G, cross)).sum(axis=0)
        return float(np.sqrt(np.maximum(left, 0.0))[~np.isin(self._judged, R)].mean())

    def _between(self, a: Indices, b: Indices) -> Floats:
        G: Floats = self._A[:, a].T @ self._A[:, b] + NEW * self._kin.between(a, b) + LEVEL
        return G
