"""Fit the parameters of an autoregression, and see what they would be without each block of time.

A weak prior holds the series apart: entries of B_j off the diagonal are normal, of standard deviation ``COUPLING``
times the root mean square of the two entries on it. It matters where samples are few.

The jackknife of a fit does not fit again: without block j the objective's gradient at the optimum is g_j, and one step
of Newton's, v_j = v - H^-1 g_j, is where the optimum would go. H is found by differences at an optimum that is not
quite one, so that directions of which the samples tell little may come out flat or even hollow, and steps along them
without bound. Where the model is right the squares of the gradients add up to the same curvature (Fisher's
information), so no direction is taken to be flatter than ``LEAST`` of that.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.optimize import minimize

from learnsys.core.engine.one_thread import one_thread
from learnsys.series.estimate.continuous import Forward, Shape
from learnsys.series.types import Floats

# Minus the logarithm of a likelihood and its derivatives, at parameters of a ``Shape``; infinite where not stable.
Objective = Callable[[Floats], tuple[float, Floats]]

NUGGETS: Final = (1e-6, 4.0)  # bounds, of a series' variance
MOST_STEPS: Final = 150
STEP: Final = 0.3
WORST: Final = 1e10  # what the search is told in place of infinity
COUPLING: Final = 0.5
LEAST: Final = 0.5  # of the squares of gradients, which a dozen blocks tell to about that
FLAT: Final = 1e-6  # of the largest curvature: directions flatter than that are not followed


@one_thread()  # matrices of a few series: threads of BLAS would wait for each other far longer than they work
def minimise(objective: Objective, shape: Shape, start: Floats, *, size: float) -> tuple[Floats, float]:
    """Search from ``start`` for the least objective and prior; ``size`` is about that of the objective.

    Returns
    -------
    tuple of ndarray and float
        The parameters, and objective and prior there.
    """
    penalised, step = with_prior(objective, shape), _steps(shape, start)

    def scaled(u: Floats) -> tuple[float, Floats]:
        value, gradient = penalised(start + step * u)
        bad = not np.isfinite(value) or abs(value) > WORST or not np.isfinite(gradient).all()
        return (WORST, np.zeros_like(u)) if bad else (100 * value / size, 100 * step * gradient / size)

    free: list[tuple[float | None, float | None]] = [(None, None)] * (shape.count - shape.size)
    low, high = np.log(NUGGETS)
    free += [(float(low - v), float(high - v)) for v in start[-shape.size :]]
    found = minimize(
        scaled, np.zeros_like(start), jac=True, method="L-BFGS-B", bounds=free,
        options={"maxiter": MOST_STEPS, "maxcor": 30, "ftol": 1e-8},
    )  # fmt: skip
    return np.asarray(start + step * found.x, float), float(found.fun) * size / 100


def _steps(shape: Shape, v: Floats) -> Floats:
    """Choose how far to go first in each parameter: a share of those that tell the scales of its two series.

    Rates of slow series are small: steps of the size of 1 would leave what is stable and end there.
    """
    b, root, _ = shape.split(v)
    own = np.abs(np.concatenate([b, root[None]])).diagonal(axis1=1, axis2=2)
    both = STEP * np.sqrt(own[:, :, None] * own[:, None, :]) + 1e-12
    return shape.join(both[:-1], both[-1], np.ones(shape.size))


def with_prior(objective: Objective, shape: Shape) -> Objective:
    """Add the prior to an objective."""

    def both(v: Floats) -> tuple[float, Floats]:
        (a, by_a), (b, by_b) = objective(v), prior(shape, v)
        return a + b, by_a + by_b

    return both


def prior(shape: Shape, v: Floats) -> tuple[float, Floats]:
    """Evaluate minus the logarithm of the prior, and its derivatives."""
    b = shape.split(v)[0]
    square = np.diagonal(b, axis1=1, axis2=2) ** 2
    scale = COUPLING**2 * (square[:, :, None] + square[:, None, :]) / 2 + 1e-12
    off = np.where(np.eye(shape.size, dtype=bool), 0.0, b)
    cost = off**2 / (2 * scale)
    by_b = off / scale
    by_square = -np.sum((cost + np.swapaxes(cost, 1, 2)) / scale, axis=2) * COUPLING**2 / 2
    on = np.arange(shape.size)
    by_b[:, on, on] += by_square * 2 * b[:, on, on]
    nothing = np.zeros((shape.size, shape.size))
    return float(cost.sum()), shape.join(by_b, nothing, np.zeros(shape.size))


def leave_out(objective: Objective, shape: Shape, v: Floats, gradients: Floats) -> Floats:
    """Find the parameters without each block.

    Parameters
    ----------
    objective : callable
    shape : Shape
    v : ndarray, shape (M,)
        Where ``minimise`` ended.
    gradients : ndarray, shape (J, M)
        Of the objective without each block, without the prior, at ``v``.

    Returns
    -------
    ndarray, shape (J, M)
    """
    free = np.ones(v.size, bool)
    free[-shape.size :] = v[-shape.size :] > np.log(NUGGETS[0]) + 1e-6
    values, vectors = np.linalg.eigh(_hessian(with_prior(objective, shape), v, free))
    along = (gradients + prior(shape, v)[1])[:, free] @ vectors
    told = LEAST * np.sum((along - along.mean(axis=0)) ** 2, axis=0)
    values = np.maximum(values, np.maximum(told, FLAT * values[-1]))
    steps = np.zeros_like(gradients)
    steps[:, free] = (along / values) @ vectors.T
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
