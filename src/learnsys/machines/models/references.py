"""Which machines to run a new workload on: greedy forward choice by the error that models make with them.

Each step adds the machine whose addition leaves the least leave-group-out error on the offline benchmark.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.cells import log_cells
from learnsys.machines.models.kriging import krige

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def choose_references(
    benchmark: Benchmark, k: int, *, allowed: Sequence[int] | Indices | None = None, cost: Floats | None = None
) -> Indices:
    """Choose k machines that predict the others best.

    Parameters
    ----------
    benchmark : Benchmark
    k : int
        How many, >= 1.
    allowed : sequence of int, optional
        Machines to choose from; all by default.
    cost : ndarray, shape (V,), optional
        Relative cost of a run on each machine: the gain of each step is divided by it.

    Raises
    ------
    InputError
        If k is below 1 or above the number of allowed machines.
    """
    pool = list(range(benchmark.shape[1])) if allowed is None else [int(v) for v in allowed]
    if not 1 <= k <= len(pool):
        raise InputError(f"k must be between 1 and the {len(pool)} machines that may be chosen, not {k}")
    x, groups = log_cells(benchmark), benchmark.groups
    chosen: list[int] = []
    error = np.inf
    for _ in range(k):
        trials = {v: _error(x, groups, np.array([*chosen, v], np.intp)) for v in pool if v not in chosen}
        if cost is None or not np.isfinite(error):
            best = min(trials, key=trials.__getitem__)
        else:
            best = max(trials, key=lambda v: (error - trials[v]) / cost[v])
        error = trials[best]
        chosen.append(best)
    return np.array(chosen, np.intp)


def _error(x: Floats, groups: NDArray[np.str_], references: Indices) -> float:
    model, errors = krige(x, references, ((0.3, 0.003),)), []
    for i in range(len(x)):
        usable = groups != groups[i]
        if usable.any():
            mu, _ = model.predict(x[i, references], np.ones(references.size, np.intp), usable)
            errors.append(np.abs(np.delete(mu - x[i], references)).mean())
    return float(np.mean(errors)) if errors else 0.0
