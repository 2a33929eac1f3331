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


def log_cells(benchmark: Benchmark) -> Floats:
    """Give log mean seconds of every cell, shape (W, V), filled where nothing was measured.

    Raises
    ------
    InputError
        If no workload was measured at all.
    """
    return fill(np.log(benchmark.seconds))


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
