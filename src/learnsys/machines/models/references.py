"""Which machines to run a new workload on: greedy forward choice by the error that the model makes with them.

Each step adds the machine whose addition leaves the least error on workloads that were left out with their group, each
seen through one run a reference (`judge`); then each is exchanged once for a better one, if there is. Of many machines
the error is what they leave unknown (`design`) instead.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.design import Design
from learnsys.machines.models.judge import judge

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

MANY: Final = 200  # machines; of more, so many count in `design`, evenly spread
LEAST_MEASURED: Final = 0.75  # of the workloads must have run on a reference


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
        Machines to choose from; by default those on which most workloads ran.
    cost : ndarray, shape (V,), optional
        Relative cost of a run on each machine: the gain of each step is divided by it.

    Raises
    ------
    InputError
        If k is below 1 or above the number of allowed machines.
    """
    pool = _well_measured(benchmark) if allowed is None else [int(v) for v in allowed]
    if not 1 <= k <= len(pool):
        raise InputError(f"k must be between 1 and the {len(pool)} machines that may be chosen, not {k}")
    V = benchmark.shape[1]
    some = np.unique(np.linspace(0, V - 1, MANY).astype(np.intp))
    error_with = judge(benchmark).errors if V <= MANY else Design(benchmark, some).errors
    chosen: list[int] = []
    error = np.inf
    for _ in range(k):
        rest = [v for v in pool if v not in chosen]
        errors = error_with([frozenset((*chosen, v)) for v in rest])
        gains = -errors if cost is None or not np.isfinite(error) else (error - errors) / cost[rest]
        best = int(np.argmax(gains))
        error = errors[best]
        chosen.append(rest[best])
    if cost is not None:
        return np.array(chosen, np.intp)
    for at in range(k - 1):  # the last was chosen so
        others = chosen[:at] + chosen[at + 1 :]
        rest = [v for v in pool if v not in others]
        chosen[at] = rest[int(np.argmin(error_with([frozenset((*others, v)) for v in rest])))]
    return np.array(chosen, np.intp)


def _well_measured(benchmark: Benchmark) -> list[int]:
    share = (benchmark.runs > 0).mean(axis=0)
    return [int(v) for v in np.flatnonzero(share >= LEAST_MEASURED * share.max())]
