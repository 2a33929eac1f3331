"""How far off the model would be with some references: many sets of them on one benchmark, to choose among.

Each workload is left out with its group and seen through one run a reference. The error is that of the mean of a
Gaussian process (`process`) and kriging (`kriging`), after what `workspan` says: relative, the mean over machines that
are not references, then over workloads by their prior weights. Sets of one size are judged together, as stacks of
matrices, and each only once.
Of a large benchmark the largest groups are thinned first, as their workloads say little that is new.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.cells import balance, first_runs, settled_cells, trust
from learnsys.machines.models.kriging import conditioned, weights
from learnsys.machines.models.process import Kernel, condition, left_out
from learnsys.machines.models.workspan import WorkSpan
from learnsys.machines.models.yardstick import LEAST, Distances, yardstick

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

KERNEL: Final = Kernel(shape=4.0, level=12.0, counters=1.5)
SETTING: Final = (0.6, 0.01)  # (h, s2) of kriging
COUNTERS: Final = 0.5  # weight of their distance beside that of shapes, in kriging
LEARNED: Final = 160  # workloads at most that errors are learned from and counted on
TOGETHER: Final = 8  # sets judged at once: their matrices stay in the cache of a core


@final
class Judge:
    """Errors with sets of references on one benchmark, each computed once."""

    def __init__(self, benchmark: Benchmark) -> None:
        self._benchmark = benchmark
        first, counters = first_runs(benchmark)
        some = thinned(benchmark.groups, LEARNED)
        self._x, self._groups = settled_cells(benchmark)[some], benchmark.groups[some]
        self._truth, self._counters = np.log(benchmark.seconds[some]), benchmark.cell_counters[some]
        self._y, self._new_counters = np.where(np.isfinite(first[some]), first[some], self._x), counters[some]
        self._prior = balance(self._groups)
        self._usable = self._prior * (self._groups[:, None] != self._groups)
        self._trust = trust(benchmark)
        self._sums: dict[int, tuple[int, Floats, Floats]] = {}
        self._found: dict[frozenset[int], float] = {}

    def errors(self, sets: Sequence[frozenset[int]]) -> Floats:
        """Give the mean relative error with each of n sets of references, all of one size, shape (n,)."""
        new = [s for s in dict.fromkeys(sets) if s not in self._found]
        for at in range(0, len(new), TOGETHER):
            some = new[at : at + TOGETHER]
            found = self._errors(np.array([sorted(s) for s in some], np.intp))
            self._found.update(zip(some, found.tolist(), strict=True))
        return np.array([self._found[s] for s in sets])

    def _errors(self, R: Indices) -> Floats:
        """Errors with each of n sets, the rows of R, shape (n, k); below, matrices are stacks of n."""
        known, anew = self._distances(R)
        rows = left_out(condition(KERNEL, known, self._prior), anew, self._groups)
        share, (h, s2) = self._share(R), SETTING
        (x, x_R), (law, y_R) = self._beyond_laws(R)
        (b, level), (z, new_level) = _split(x_R, share), _split(y_R, share)
        w = weights(anew.shape + COUNTERS * anew.counters, h, self._usable)
        rows += conditioned(z, b, w, s2 * np.eye(R.shape[1]))[0]
        # of x less its mean on the references, plus that of y
        shift = new_level - (rows @ level[:, :, None])[:, :, 0] / 2
        e = rows @ x / 2 + shift[:, :, None] + law - self._truth
        relative = np.abs(np.expm1(e, out=e), out=e)
        ran = np.isfinite(self._truth[:, R].sum(axis=2)).T
        others = ~(np.arange(self._truth.shape[1]) == R[:, :, None]).any(axis=1)
        counts = np.isfinite(relative) & ran[:, :, None] & others[:, None]
        count = counts.sum(axis=2)
        fair = self._prior * (count > 0)
        mean = np.where(counts, relative, 0.0).sum(axis=2) / np.maximum(count, 1)
        error: Floats = (mean * fair).sum(axis=1) / np.maximum(fair.sum(axis=1), 1e-300)
        return error

    def _beyond_laws(self, R: Indices) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """What `workspan` leaves of x on all machines and on R; what it says of y, and leaves on R."""
        laws = [WorkSpan.of(self._benchmark, row) for row in R]
        of_x = np.array([o.log_s(self._x[:, o.references], self._counters[:, o.references]) for o in laws])
        of_y = np.array([o.log_s(self._y[:, o.references], self._new_counters[:, o.references]) for o in laws])
        on = R[:, None, :]
        x_R, y_R = _on(self._x, R) - np.take_along_axis(of_x, on, 2), _on(self._y, R) - np.take_along_axis(of_y, on, 2)
        return (self._x - of_x, x_R), (of_y, y_R)

    def _distances(self, R: Indices) -> tuple[Distances, Distances]:
        """Distances of `yardstick` on each set: among the workloads, and from each seen anew to all."""
        share, k = self._share(R), R.shape[1]
        scale = np.sqrt(k * share)[:, None]
        (b, level), (z, new_level) = _split(_on(self._x, R), share), _split(_on(self._y, R), share)
        b, z = b * scale, z * scale
        rho = np.maximum(np.sqrt((b**2).mean(axis=(1, 2), keepdims=True)), LEAST)
        sd = np.maximum(level.std(axis=1)[:, None, None], LEAST)
        of_machines = [[self._of_machine(int(v)) for v in row] for row in R]
        varying, *counters = (np.array([sum(of[i] for of in row) for row in of_machines]) for i in range(3))
        out = []
        for shape, mean, sums in zip((b, z), (level, new_level), counters, strict=True):
            product = shape @ np.swapaxes(b, 1, 2)
            square = (shape**2).sum(axis=2)[:, :, None] + (b**2).sum(axis=2)[:, None] - 2 * product
            out.append(
                Distances(
                    shape=np.sqrt(np.maximum(square, 0) / k) / rho,
                    level=np.abs(mean[:, :, None] - level[:, None]) / sd,
                    counters=sums / np.maximum(varying, 1)[:, None, None],
                    product=product / (k * rho**2),
                )
            )
        return out[0], out[1]

    def _share(self, R: Indices) -> Floats:
        """Weight of each reference in the mean of its set, shape (n, k)."""
        share: Floats = self._trust[R] / self._trust[R].sum(axis=1, keepdims=True)
        return share

    def _of_machine(self, v: int) -> tuple[int, Floats, Floats]:
        """Number of counters that vary on a machine, and sums of their differences: known to known, new to known."""
        if v not in self._sums:
            unit = yardstick(self._x[:, [v]], self._counters[:, [v]])
            known = unit.traits(self._x[:, [v]], self._counters[:, [v]])
            anew = unit.traits(self._y[:, [v]], self._new_counters[:, [v]])
            n = unit.varying
            self._sums[v] = (n, n * unit.between(known, known).counters, n * unit.between(anew, known).counters)
        return self._sums[v]


@lru_cache(maxsize=4)
def judge(benchmark: Benchmark) -> Judge:
    """Judge of a benchmark. Kept with what it has found, as a choice of eight begins with that of two."""
    return Judge(benchmark)


def thinned(groups: NDArray[np.str_], most: int) -> Indices:
    """Keep at most so many workloads, evenly spread over each group; no group loses one while a larger one has more."""
    _, of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    each = next(n for n in range(int(sizes.max()), 0, -1) if n == 1 or np.minimum(sizes, n).sum() <= most)
    members = (np.flatnonzero(of == g) for g in range(sizes.size))
    kept = [of_group[np.unique(np.linspace(0, of_group.size - 1, each).astype(np.intp))] for of_group in members]
    return np.sort(np.concatenate(kept))


def _on(x: Floats, R: Indices) -> Floats:
    """Take log seconds (W, V) on each row of R, shape (n, W, k)."""
    on: Floats = x[:, R].transpose(1, 0, 2)
    return on


def _split(on: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Log seconds on references, shape (n, W, k), less their mean there, and that mean, shape (n, W)."""
    level = (on @ share[:, :, None])[:, :, 0]
    return on - level[:, :, None], level
