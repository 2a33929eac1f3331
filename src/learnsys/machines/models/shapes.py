"""Divisible resources: seconds in any shape of CPUs and memory, from some that were measured, and what one more buys.

A job with work w that uses at most p cores at once takes, with c cores,

    t(c) = f + w / min(c, p)

f for what waits, w and f >= 0 (Amdahl 1967, with a knee where cores begin to idle). What the knee misses, caches that
more memory makes larger and quotas that end a period early, is a smooth residual over (log c, log m), interpolated by
kriging; far from every measured shape it vanishes.
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve
from scipy.optimize import nnls

from learnsys.core.errors import InputError, TooFewPoints

Floats = NDArray[np.float64]

GIB: Final = float(1 << 30)
HOUR_S: Final = 3600.0
KNEES: Final = 24  # candidates for p between one core and the most that were measured
REACH: Final = (2.0, 4.0)  # distances in log2 c and log2 m over which residuals resemble each other
RESIDUAL_SD: Final = 0.15  # of the knee's error
NOISE_SD: Final = 0.05  # of a run, as those of the lab differ


@final
class Marginal(msgspec.Struct, frozen=True, kw_only=True):
    """What one more core and one more GiB buy: seconds saved and dollars spent more a run (negative: cheaper too)."""

    cpu: float
    memory_bytes: float
    seconds: float
    usd: float
    core_saves_s: float
    core_costs_usd: float
    gib_saves_s: float
    gib_costs_usd: float


@final
class Surface(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Seconds of one job over shapes.

    Attributes
    ----------
    fixed_s, work_s, cores : float
        f, w and p.
    places : ndarray, shape (n, 2)
        log2 of CPUs and bytes of the measured shapes.
    weights : ndarray, shape (n,)
        Of each measured shape's residual.
    """

    fixed_s: float
    work_s: float
    cores: float
    places: Floats
    weights: Floats

    def seconds(self, cpu: ArrayLike, memory_bytes: ArrayLike) -> Floats:
        """Predict seconds; the arguments broadcast."""
        c, m = np.broadcast_arrays(np.asarray(cpu, float), np.asarray(memory_bytes, float))
        at = np.column_stack([np.log2(c).ravel(), np.log2(m).ravel()])
        residual = (_likeness(at, self.places) @ self.weights).reshape(c.shape)
        t: Floats = _knee(self.fixed_s, self.work_s, self.cores, c) * np.exp(residual)
        return t

    def extrapolates(self, cpu: float, memory_bytes: float) -> bool:
        """Tell whether a shape lies beyond all that were measured."""
        at = np.log2([cpu, memory_bytes])
        return bool(np.any(at < self.places.min(axis=0) - 1e-9) or np.any(at > self.places.max(axis=0) + 1e-9))

    def marginal(self, cpu: float, memory_bytes: float, *, usd_core_hour: float, usd_gib_hour: float) -> Marginal:
        """Tell what one more core or GiB buys where they are priced apart.

        Parameters
        ----------
        cpu, memory_bytes : float
            The shape to start from.
        usd_core_hour, usd_gib_hour : float
            Dollars an hour of a core and of a GiB.
        """
        now, core, gib = (
            float(self.seconds(c, m))
            for c, m in ((cpu, memory_bytes), (cpu + 1, memory_bytes), (cpu, memory_bytes + GIB))
        )
        hour = usd_core_hour * cpu + usd_gib_hour * memory_bytes / GIB
        return Marginal(
            cpu=cpu, memory_bytes=memory_bytes, seconds=now, usd=now * hour / HOUR_S,
            core_saves_s=now - core, core_costs_usd=(core * (hour + usd_core_hour) - now * hour) / HOUR_S,
            gib_saves_s=now - gib, gib_costs_usd=(gib * (hour + usd_gib_hour) - now * hour) / HOUR_S,
        )  # fmt: skip


def fit_surface(cpu: ArrayLike, memory_bytes: ArrayLike, seconds: ArrayLike) -> Surface:
    """Fit seconds over shapes to those of one job in some shapes.

    Parameters
    ----------
    cpu, memory_bytes, seconds : array_like, shape (n,)
        Shapes in which it was measured, or its time was predicted. NaN seconds are left out.

    Raises
    ------
    TooFewPoints
        If all shapes have the same number of CPUs.
    InputError
        If a time is not above zero.
    """
    c, m, t = (np.asarray(x, float).ravel() for x in (cpu, memory_bytes, seconds))
    known = ~np.isnan(t)
    c, m, t = c[known], m[known], t[known]
    if np.unique(c).size < 2:
        raise TooFewPoints(
            f"{t.size} shapes, all with the same CPUs, say nothing of others",
            value=t.size, next="measure one more: learnsys machines fingerprint --shape cpu=2,mem=2g ...",
        )  # fmt: skip
    if not np.all(t > 0):
        raise InputError("seconds in a shape must be above zero", value=float(t.min()))
    fixed, work, cores = _fit_knee(c, t)
    places = np.column_stack([np.log2(c), np.log2(m)])
    residual = np.log(t / _knee(fixed, work, cores, c))
    K = _likeness(places, places) + (NOISE_SD / RESIDUAL_SD) ** 2 * np.eye(t.size)
    weights = solve(K, residual, assume_a="pos")
    return Surface(fixed_s=fixed, work_s=work, cores=cores, places=places, weights=weights)


def _fit_knee(c: Floats, t: Floats) -> tuple[float, float, float]:
    """Least squares of relative errors for each candidate p; the best of them."""
    most = float(c.max())
    best: tuple[float, float, float, float] = (np.inf, 0.0, 0.0, 1.0)
    for p in np.unique(np.geomspace(min(1.0, most), max(1.0, most), KNEES)):
        (fixed, work), error = nnls(
            np.column_stack([np.ones_like(c), 1 / np.minimum(c, p)]) / t[:, None], np.ones_like(t)
        )
        if error < best[0] - 1e-9:
            best = (float(error), float(fixed), float(work), float(p))
    return best[1:]


def _knee(fixed: float, work: float, cores: float, c: Floats) -> Floats:
    t: Floats = fixed + work / np.minimum(c, cores)
    return t


def _likeness(a: Floats, b: Floats) -> Floats:
    """Correlation of residuals: exponential in the distance, which lets the cliff be steep."""
    d = np.abs(a[:, None, :] - b[None, :, :]) / np.array(REACH)
    like: Floats = np.exp(-d.sum(axis=2))
    return like
