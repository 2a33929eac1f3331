"""How sums over pairs are computed on a grid: cells, window, precision, and the segments that are transformed."""

from typing import Any, Final, final

import msgspec
import numpy as np

from learnsys.core.errors import InputError
from learnsys.series.sums import segments, spread
from learnsys.series.sums.kernels import bandlimit, moments
from learnsys.series.sums.segments import Layout
from learnsys.series.sums.spread import Spreading
from learnsys.series.types import Floats, Kernel, Samples, SumsSpec

SINGLE: Final = 2e-6  # from this tolerance on single precision is enough
RANGE: Final = 1e15  # values that single precision can multiply
BOX_REACH: Final = 8.0  # half-widths of a box after which its ripples are cut
DENSE: Final = 20  # samples a row: above, no row is likely to be empty


@final
class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How some samples' sums are computed on a grid: the spreading, the layout of the cells, and what samples need."""

    spec: SumsSpec
    tol: float
    spreading: Spreading
    layout: Layout
    origin_s: float
    span_s: float
    single: bool

    @property
    def cells(self) -> tuple[Any, ...]:
        """What the kernels of ``spread`` and ``segments`` need of it."""
        half = 0.5 * self.spreading.width
        layout = self.layout
        return (self.origin_s, 1 / self.spreading.cell_s, half, self.spec.blocks, self.origin_s, self.span_s,
                layout.low, layout.base, layout.place, layout.length)  # fmt: skip


def make_plan(samples: Samples, spec: SumsSpec, tol: float) -> Plan:
    """Choose cells, window, precision and segments."""
    if not 0 < tol < 1:
        raise InputError(f"the tolerance is {tol}, but must be between 0 and 1", value=tol, next="try 1e-6")
    first, last = float(samples.t.min()), float(samples.t.max())
    span = max(last - first, 1e-300)
    spreading = spread.design(spec.kernels, tol)
    if (measure := quantum(samples, spreading, tol)) is not None:
        spreading = Spreading(cell_s=measure, width=1, sharpness=1.0, band=np.pi / measure)
    reach = spec.lags.reach_s + max(extent_s(kernel, tol, spreading) for kernel in spec.kernels)
    halo = int(np.ceil(reach / spreading.cell_s)) + 2 * spreading.width + 1
    edges = np.arange(spec.blocks + 1) * (last - first) / spec.blocks / spreading.cell_s - 0.5 * spreading.width
    low, high = np.floor(edges[:-1]).astype(np.int64) - 1, np.ceil(edges[1:]).astype(np.int64) + spreading.width + 2
    band = spreading.band * spreading.cell_s / np.pi
    several = sum(sum(moments(kernel)) for kernel in spec.kernels) * spec.lags.count
    size = segments.segment_size(
        halo, int((high - low).sum()), band=band, series=len(samples), pairs=len(spec.numbered(len(samples))),
        lags=several // 2,
    )  # fmt: skip
    frequencies = min(int(np.ceil(band * size / 2)) + 1, size // 2 + 1)
    large = np.maximum.reduceat(np.abs(samples.x), samples.starts[:-1][np.diff(samples.starts) > 0])
    single = tol >= SINGLE and bool(np.all((large == 0) | ((large > 1 / RANGE) & (large < RANGE))))
    plan = Plan(
        spec=spec, tol=tol, spreading=spreading, layout=Layout.of(low, high, (halo, size, frequencies)),
        origin_s=first, span_s=span, single=single,
    )  # fmt: skip
    return _without_empty_rows(samples, plan)


def extent_s(kernel: Kernel, tol: float, spreading: Spreading) -> float:
    """How far from a lag the kernel counts; a Gaussian is like its transform."""
    if kernel.name == "box":
        return kernel.h if spreading.width == 1 else BOX_REACH * kernel.h
    return kernel.h**2 * bandlimit(kernel, tol)


def quantum(samples: Samples, spreading: Spreading, tol: float) -> float | None:
    """The quantum of which all stamps are whole numbers, if there is one not much finer than the cells."""
    first = samples.t.min()
    least = spreading.cell_s / 2
    for some in (samples.t[:: max(samples.t.size // 500, 1)], samples.t):
        away = some - first
        if (measure := _common(away, least, slack := 1e-6 * min(1.0, 1e6 * tol) * least)) is None:
            return None
    return measure if np.abs(away - measure * np.round(away / measure)).max() < slack else None


def _common(away: Floats, least: float, slack: float) -> float | None:
    """Euclid's algorithm on distances: their largest common measure, if it is at least ``least``."""
    quantum = away.max()
    while quantum >= least:
        rest = np.abs(away - quantum * np.round(away / quantum))
        if not (over := rest[rest > slack]).size:
            return float(quantum)
        quantum = over.min()
    return None


def _without_empty_rows(samples: Samples, plan: Plan) -> Plan:
    rows = plan.layout.starts.size
    if samples.t.size > DENSE * rows:
        return plan
    empty = np.ones(rows, bool)
    segments.occupied(empty, (samples.t,), plan.cells, plan.spreading.width)
    return msgspec.structs.replace(plan, layout=plan.layout.without(empty))
