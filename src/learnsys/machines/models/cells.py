"""Cells of a benchmark as models read them: complete log seconds, the gaps filled by a low-rank guess.

A missing cell (w, v) is filled by iterating x <- L, where L is the soft-thresholded singular value decomposition of the
table less its row and column means (Mazumder, Hastie & Tibshirani, JMLR 2010, algorithm 1).
"""

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.machines.benchmark import Benchmark

Floats = NDArray[np.float64]

ROUNDS = 30  # of filling; a table that is half empty settles in about twenty
SHRINKAGE = 0.1  # of the largest singular value
RANK = 10  # at most, of what machines and workloads have in common; a quarter of the workloads if they are fewer
NOISE_RUNS = 1.5  # a cell's own deviation is believed by n / (n + this) after n runs
OUTLIER = 5.0  # standard deviations, by the median, beyond which a deviation counts no more
BALANCE = 0.5  # a group of n workloads weighs n^(1 - this): near-duplicates say little more than one


def log_cells(benchmark: Benchmark) -> Floats:
    """Give log mean seconds of every cell, shape (W, V), filled where nothing was measured.

    Raises
    ------
    InputError
        If no workload was measured at all.
    """
    return fill(np.log(benchmark.seconds))


def settled_cells(benchmark: Benchmark) -> Floats:
    """Give log mean seconds of every cell drawn towards what a low rank explains, shape (W, V).

    Single runs are noisy, and a model that learns from the cell believes them too much.
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
    settled: Floats = low + runs / (runs + NOISE_RUNS) * np.clip(rest, -limit, limit)
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


def balance(groups: NDArray[np.str_]) -> Floats:
    """Prior weights of workloads, summing to one: the more of a group there are, the less each says."""
    _, of, count = np.unique(groups, return_inverse=True, return_counts=True)
    p = count[of] ** -BALANCE
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
    rest = np.where(gaps, 0.0, x - base)
    for _ in range(ROUNDS):
        U, s, Vt = np.linalg.svd(rest, full_matrices=False)
        low = (U * np.maximum(s - SHRINKAGE * s[0], 0)) @ Vt
        rest = np.where(gaps, low, x - base)
    return np.where(gaps, base + rest, x)


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
