"""Rows for running sums, and what they must add up to."""

import numpy as np

from learnsys.series.sums.cell_sums import CellGrid
from learnsys.series.sums.running import Running
from learnsys.series.types import Kernel, Lags, SumsSpec


def spec_of(*names, h=0.8, cross=False):
    return SumsSpec(
        pairs="all", kernels=tuple(Kernel(name=name, h=h) for name in names), cross=cross,
        lags=Lags(first_s=-6.0, step_s=0.75, count=17),
    )  # fmt: skip


def grid_for(spec, tol):
    return CellGrid.of(spec.kernels, spec.lags, tol=tol)


def rows_of(samples):
    """Rows of all series in order of time."""
    order = np.argsort(samples.t, kind="stable")
    return samples.series[order].astype(np.int32), samples.t[order], samples.x[order]


def run(rows, grid, ids, *, chunks=5, **options):
    running = Running(grid, ids, **options)
    for part in zip(*(np.array_split(column, chunks) for column in rows), strict=True):
        running.add(ids, *part)
    return running.finish()
