"""Cells of a benchmark as models read them: complete log seconds, the gaps filled by a low-rank guess.

With row and column effects r_w + c_v, a missing cell (w, v) is r_w + c_v + a_w' b_v, factors by alternating ridge
regressions on the known cells (Zhou, Wilkinson, Schreiber & Pan, AAIM 2008):

    a_w = (B' K_w B + lambda I)^-1 B' K_w (x_w - r_w - c),   K_w diagonal, 1 where known;   b_v likewise
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.machines.benchmark import Benchmark

Floats = NDArray[np.float64]

ROUNDS: Final = 8  # of effects, then of factors
RIDGE: Final = 0.5  # lambda
FILLING: Final = 24  # factors at most; a quarter of the workloads if they are fewer
RANK: Final = 10  # likewise, of what machines and workloads have in common
NOISE_RUNS: Final = 0.5  # a cell's own deviation is believed by n / (n + this) after n runs as noisy as usual
OUTLIER: Final = 5.0  # standard deviations, by the median, beyond which a deviation counts no more
MISFIT: Final = 0.05  # of log seconds: how far off models are even on a machine whose runs are all alike
BALANCE: Final = 0.5  # a group of n workloads weighs n^(1 - this): near-duplicates say little more than one


def log_cells(benchmark: Benchmark) -> Floats:
    """Give log mean seconds of every cell, shape (W, V), filled where nothing was measured.

    Raises
    ------
    InputError
        If no workload was measured at all.
    """
    return fill(np.log(benchmark.seconds))


@lru_cache(maxsize=4)
def settled_cells(benchmark: Benchmark) -> Floats:
    """Give log mean seconds of every cell drawn towards what a low rank explains, shape (W, V).

    Single runs are noisy, on some machines more than on others, and a model that learns from the cell believes them too
    much. Kept by benchmark: read only.
    """
    x, runs = log_cells(benchmark), benchmark.runs
    rank = min(RANK, len(x) // 4)
    if rank == 0:
        return x
    row, column = _effects(x, np.zeros(x.shape, bool))
    base = row[:, None] + column
    U, s, Vt = np.linalg.svd(x - base, full_matrices=False)
    low = base + (U[:, :rank] * s[:rank]) @ Vt[:rank]
    rest = x - low
    limit = OUTLIER * 1.4826 * np.median(np.abs(rest))
    doubt = NOISE_RUNS * (benchmark.machine_log_sd / benchmark.run_log_sd) ** 2
    settled: Floats = low + runs / (runs + doubt) * np.clip(rest, -limit, limit)
    return settled


def first_runs(benchmark: Benchmark) -> tuple[Floats, Floats]:
    """Give log seconds (W, V) and counters (W, V, C) of each cell's first good run: as noisy as a new workload's.

    NaN where there is none.
    """
    W, V = benchmark.shape
    good = np.flatnonzero(benchmark.outcome == 0)
    cells, first = np.unique(benchmark.workload[good] * V + benchmark.machine[good], return_index=True)
    log_s, counters = np.full(W * V, np.nan), np.full((W * V, benchmark.counters.shape[1]), np.nan)
    log_s[cells], counters[cells] = np.log(benchmark.elapsed_s[good[first]]), benchmark.counters[good[first]]
    return log_s.reshape(W, V), counters.reshape(W, V, -1)


def trust(benchmark: Benchmark) -> Floats:
    """How much a run on each machine says, shape (V,): less where runs are noisy.

    In a mean over references each counts by it.
    """
    out: Floats = 1 / (MISFIT**2 + benchmark.machine_log_sd**2)
    return out


def balance(groups: NDArray[np.str_]) -> Floats:
    """Prior weights of workloads, summing to one: the more of a group there are, the less each says."""
    _, of, count = np.unique(groups, return_inverse=True, return_counts=True)
    p = count[of].astype(float) ** -BALANCE
    out: Floats = p / p.sum()
    return out


def fill(x: Floats) -> Floats:
    """Fill the NaN of a table, shape (W, V), leaving everything else as it is."""
    gaps = np.isnan(x)
    if gaps.all():
        raise InputError("the offline benchmark has no good run: measure it again, or load another")
    if not gaps.any():
        return x
    row, column = _effects(x, gaps)
    base = row[:, None] + column
    known, rest = (~gaps).astype(float), np.where(gaps, 0.0, x - base)
    a = np.linalg.eigh(rest @ rest.T)[1][:, len(x) - min(FILLING, len(x) // 4) :]  # those of the largest values
    b = np.empty((x.shape[1], 0))
    for _ in range(ROUNDS):
        b = _ridge(known.T, rest.T, a)
        a = _ridge(known, rest, b)
    return np.where(gaps, base + a @ b.T, x)


def _ridge(known: Floats, y: Floats, factors: Floats) -> Floats:
    """Regress each row of y on factors where it is known, shape (rows, factors)."""
    k = factors.shape[1]
    squares = known @ (factors[:, :, None] * factors[:, None]).reshape(len(factors), -1)
    system = squares.reshape(-1, k, k) + RIDGE * np.eye(k)
    out: Floats = np.asarray(np.linalg.solve(system, (y @ factors)[:, :, None])[:, :, 0], np.float64)
    return out


def _effects(x: Floats, gaps: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Row and column effects by alternating means; a row or column without a run gets the mean of the others."""
    row, column = np.zeros(x.shape[0]), np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        row = _mean(x - column, gaps, 1)
        column = _mean(x - row[:, None], gaps, 0)
    return row, column


def _mean(x: Floats, gaps: NDArray[np.bool_], axis: int) -> Floats:
    total, count = np.where(gaps, 0.0, x).sum(axis=axis), (~gaps).sum(axis=axis)
    means = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    filled: Floats = np.where(count > 0, means, np.nanmean(means))
    return filled
