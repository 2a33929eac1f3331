"""Fit the parameters of an autoregression, and see what they would be without each block of time.

The jackknife of a fit does not fit again: without block j the objective's gradient at the optimum is g_j, and one step
of Newton's, v_j = v - H^-1 g_j, is where the optimum would go.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.optimize import minimize

from learnsys.series.estimate.continuous import Forward, Shape
from learnsys.series.types import Floats

# Minus the logarithm of a likelihood and its derivatives, at parameters of a ``Shape``; infinite where not stable.
Objective = Callable[[Floats], tuple[float, Floats]]

NUGGETS: Final = (1e-6, 4.0)  # bounds, of a series' variance
MOST_STEPS: Final = 150
WORST: Final = 1e10  # what the search is told in place of infinity
FLAT: Final = 1e-6  # of the largest curvature: directions flatter than that are not followed


def minimise(objective: Objective, shape: Shape, start: Floats, *, size: float) -> tuple[Floats, float]:
    """Search from ``start``; ``size`` is about that of the objective.

    Returns
    -------
    tuple of ndarray and float
        The parameters and the objective there.
    """

    def scaled(v: Floats) -> tuple[float, Floats]:
        value, gradient = objective(v)
        bad = not np.isfinite(value) or abs(value) > WORST or not np.isfinite(gradient).all()
        return (WORST, np.zeros_like(v)) if bad else (100 * value / size, 100 * gradient / size)

    free: list[tuple[float | None, float | None]] = [(None, None)] * (shape.count - shape.size)
    low, high = np.log(NUGGETS)
    found = minimize(
        scaled, start, jac=True, method="L-BFGS-B", bounds=free + [(float(low), float(high))] * shape.size,
        options={"maxiter": MOST_STEPS, "maxcor": 30, "ftol": 1e-8},
    )  # fmt: skip
    return np.asarray(found.x, float), float(found.fun) * size / 100


def leave_out(objective: Objective, shape: Shape, v: Floats, gradients: Floats) -> Floats:
    """Find the parameters without each block.

    Parameters
    ----------
    objective : callable
    shape : Shape
    v : ndarray, shape (M,)
        Where the objective is least.
    gradients : ndarray, shape (J, M)
        Of the objective without each block, at ``v``.

    Returns
    -------
    ndarray, shape (J, M)
    """
    free = np.ones(v.size, bool)
    free[-shape.size :] = v[-shape.size :] > np.log(NUGGETS[0]) + 1e-6
    values, vectors = np.linalg.eigh(_hessian(objective, v, free))
    values = np.maximum(values, FLAT * values[-1])
    steps = np.zeros_like(gradients)
    steps[:, free] = (gradients[:, free] @ vectors / values) @ vectors.T
    return np.array([_stable(shape, v, step) for step in steps])


def _hessian(objective: Objective, v: Floats, free: Floats) -> Floats:
    """Differentiate the gradient by differences, for the free parameters."""
    rows = []
    for k in np.flatnonzero(free):
        nudge = np.zeros_like(v)
        nudge[k] = 1e-4 * max(1.0, abs(v[k]))
        rows.append((objective(v + nudge)[1] - objective(v - nudge)[1])[free] / (2 * nudge[k]))
    h = np.nan_to_num(np.array(rows))
    return np.asarray((h + h.T) / 2, float)


def _stable(shape: Shape, v: Floats, step: Floats) -> Floats:
    """Go the step, or so much of it that the process stays stable."""
    for _ in range(20):
        if Forward.of(shape, v - step) is not None:
            break
        step = step / 2
    return v - step
