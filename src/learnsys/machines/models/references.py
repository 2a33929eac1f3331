"""Which machines to run a new workload on: greedy forward choice by the error that the model makes with them.

Each step adds the machine whose addition leaves the least error on workloads that were left out with their group, each
seen through one run a reference; then each is exchanged once for a better one, if there is. The error is that of the
mean of a Gaussian process and kriging: relative, the mean over machines, then over workloads by their prior weights.
Of a large benchmark the largest groups are thinned first, as their workloads say little that is new.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.cells import balance, first_runs, settled_cells
from learnsys.machines.models.kriging import krige
from learnsys.machines.models.process import Kernel, condition, left_out
from learnsys.machines.models.yardstick import Distances, yardstick

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

KERNEL: Final = Kernel(shape=4.0, level=12.0, counters=1.5)
SETTING: Final = (0.6, 0.01)
JUDGED: Final = 200  # machines at most on which errors are counted, evenly spread
LEARNED: Final = 160  # workloads at most that errors are learned from and counted on
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
    judge = _Judge(benchmark)
    chosen: list[int] = []
    error = np.inf
    for _ in range(k):
        trials = {v: judge.error([*chosen, v]) for v in pool if v not in chosen}
        if cost is None or not np.isfinite(error):
            best = min(trials, key=trials.__getitem__)
        else:
            best = max(trials, key=lambda v: (error - trials[v]) / cost[v])
        error = trials[best]
        chosen.append(best)
    return np.array(chosen if cost is not None else _exchanged(judge, chosen, pool), np.intp)


def _exchanged(judge: "_Judge", chosen: list[int], pool: list[int]) -> list[int]:
    """Exchange each machine for the one that is best beside the others."""
    for at in range(len(chosen) - 1):  # the last was chosen so
        others = [v for i, v in enumerate(chosen) if i != at]
        trials = {v: judge.error([*others, v]) for v in pool if v not in others}
        chosen = [*chosen[:at], min(trials, key=trials.__getitem__), *chosen[at + 1 :]]
    return chosen


class _Judge:
    """Errors with one set of references after another on the same benchmark."""

    def __init__(self, benchmark: Benchmark) -> None:
        first, counters = first_runs(benchmark)
        some = _thinned(benchmark.groups, LEARNED)
        self.x, self.groups = settled_cells(benchmark)[some], benchmark.groups[some]
        self.truth, self.counters = np.log(benchmark.seconds[some]), benchmark.cell_counters[some]
        self.y, self.new_counters = np.where(np.isfinite(first[some]), first[some], self.x), counters[some]
        self.prior, self.rest = balance(self.groups), self.groups[:, None] != self.groups
        self.sums: dict[int, tuple[int, Floats, Floats]] = {}
        self.judged = np.unique(np.linspace(0, len(self.x[0]) - 1, JUDGED).astype(np.intp))

    def error(self, references: list[int]) -> float:
        """Mean relative error on the machines that are not references."""
        R = np.array(references, np.intp)
        known, anew = self._distances(R)
        process = condition(KERNEL, known, self.prior)
        kriging = krige(self.x, R, (SETTING,), self.prior)
        rows = left_out(process, anew, self.groups)
        rows += kriging.rows(self.y[:, R], np.ones(R.size, np.intp), anew.shape + 0.5 * anew.counters, self.rest)[0]
        others = np.setdiff1d(self.judged, R)
        mu = 0.5 * rows @ kriging.b[:, others] + self.y[:, R].mean(axis=1)[:, None]
        relative = np.abs(np.exp(mu - self.truth[:, others]) - 1)
        ran = np.isfinite(self.truth[:, R].sum(axis=1))
        counts = np.isfinite(relative) & ran[:, None]
        fair = self.prior * counts.any(axis=1)
        of_workload = np.where(counts, relative, 0.0).sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
        return float(of_workload @ fair / fair.sum()) if fair.any() else 0.0

    def _distances(self, R: Indices) -> tuple[Distances, Distances]:
        """Distances among the workloads, and from each seen anew to all, from those of each machine's counters."""
        none = np.zeros((len(self.x), R.size, 0))
        unit = yardstick(self.x[:, R], none)
        known, anew = unit.traits(self.x[:, R], none), unit.traits(self.y[:, R], none)
        sums = [self._of_machine(int(v)) for v in R]
        varying = max(sum(n for n, _, _ in sums), 1)
        return (
            msgspec.structs.replace(unit.between(known, known), counters=sum(s for _, s, _ in sums) / varying),
            msgspec.structs.replace(unit.between(anew, known), counters=sum(s for _, _, s in sums) / varying),
        )

    def _of_machine(self, v: int) -> tuple[int, Floats, Floats]:
        """Number of counters that vary on a machine, and sums of their differences: known to known, new to known."""
        if v not in self.sums:
            unit = yardstick(self.x[:, [v]], self.counters[:, [v]])
            known = unit.traits(self.x[:, [v]], self.counters[:, [v]])
            anew = unit.traits(self.y[:, [v]], self.new_counters[:, [v]])
            n = unit.varying
            self.sums[v] = (n, n * unit.between(known, known).counters, n * unit.between(anew, known).counters)
        return self.sums[v]


def _thinned(groups: NDArray[np.str_], most: int) -> Indices:
    """Keep at most so many workloads, evenly spread over each group; no group loses one while a larger one has more."""
    _, of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    each = next(n for n in range(int(sizes.max()), 0, -1) if n == 1 or np.minimum(sizes, n).sum() <= most)
    members = (np.flatnonzero(of == g) for g in range(sizes.size))
    kept = [of_group[np.unique(np.linspace(0, of_group.size - 1, each).astype(np.intp))] for of_group in members]
    return np.sort(np.concatenate(kept))


def _well_measured(benchmark: Benchmark) -> list[int]:
    share = (benchmark.runs > 0).mean(axis=0)
    return [int(v) for v in np.flatnonzero(share >= LEAST_MEASURED * share.max())]
