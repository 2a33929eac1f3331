"""Choose the order of an autoregression in continuous time, and start its search well.

Each series is fitted alone first, which is quick, from several beginnings: slow and fast ones, and oscillators. Joined,
these fits are where the search for a model of all begins; without them a smooth series may be taken for a noisy one for
good. A higher order is tried where the series alone ask for it by Akaike's criterion, and kept if all together do.
"""

from collections.abc import Callable, Sequence
from typing import Final, final

import msgspec
import numpy as np

from learnsys.series.estimate.continuous import Forward, Shape, raised
from learnsys.series.estimate.fit import Objective, minimise
from learnsys.series.types import Floats

# Makes the objective of models of a shape.
Objectives = Callable[[Shape], Objective]

HIGHEST: Final = 3
DECAYS: Final = (0.05, 0.2, 0.8, 3.0)  # per unit of time
WAVES: Final = (0.15, 0.5, 1.5)  # radians per unit of time
DAMPING: Final = 0.3  # of critical
NUGGET: Final = 0.05


@final
class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """A model in continuous time, of series of variance 1.

    Attributes
    ----------
    shape : Shape
    v : ndarray, shape (M,)
    log_likelihood : float
        Less the prior's.
    aic : tuple of float
        Akaike's criterion of the orders 1, 2 ... that were tried.
    without : ndarray, shape (J, M)
        The parameters without each block of time; J = 0 where no intervals are wanted.
    unit_s : float
        The model's unit of time.
    """

    shape: Shape
    v: Floats
    log_likelihood: float
    aic: tuple[float, ...]
    without: Floats
    unit_s: float


def choose(
    objectives: Objectives, one_by_one: Sequence[Objectives], *, size: float
) -> tuple[Shape, Floats, float, tuple[float, ...]]:
    """Fit models of rising order while they get better.

    Parameters
    ----------
    objectives : callable
        Of all series.
    one_by_one : sequence of callable
        Of each series alone.
    size : float
        Of the objective, about.

    Returns
    -------
    tuple of Shape, ndarray, float and tuple of float
        The best model, its parameters and objective, and the criteria of all that were fitted.
    """
    alone = [_alone(single, size / len(one_by_one)) for single in one_by_one]
    best: tuple[Shape, Floats, float] | None = None
    aic: list[float] = []
    for order in range(1, HIGHEST + 1):
        if best is not None and _criterion(alone, order) >= _criterion(alone, order - 1):
            break
        shape = Shape(order=order, size=len(alone))
        starts = [_joined(shape, [fits[order - 1][0] for fits in alone])]
        if best is not None:
            starts.append(raised(*best[:2])[1])
        v, least = minimise(objectives(shape), shape, _first(objectives(shape), starts), size=size)
        aic.append(2 * least + 2 * shape.count)
        if best is not None and aic[-1] >= aic[-2]:
            break
        best = shape, v, least
    assert best is not None
    return (*best, tuple(aic))


def _alone(objectives: Objectives, size: float) -> list[tuple[Floats, float]]:
    """Fit one series by all orders: parameters and objectives."""
    fits: list[tuple[Floats, float]] = []
    starts = [_start([b]) for b in DECAYS]
    for order in range(1, HIGHEST + 1):
        shape = Shape(order=order, size=1)
        fits.append(minimise(objectives(shape), shape, _first(objectives(shape), starts), size=size))
        starts = [raised(shape, fits[-1][0])[1]]
        if order == 1:
            starts += [_start([b * b, 2 * b]) for b in DECAYS]
            starts += [_start([w * w, 2 * DAMPING * w]) for w in WAVES]
    return fits


def _start(b: list[float]) -> Floats:
    """Parameters of one series of variance 1, with its coefficients."""
    shape = Shape(order=len(b), size=1)
    v = shape.join(np.array(b), np.ones((1, 1)), np.log([NUGGET]))
    model = Forward.of(shape, v)
    assert model is not None
    return shape.join(model.b, model.root / np.sqrt(model.stationary[0, 0]), np.log([NUGGET]))


def _joined(shape: Shape, alone: list[Floats]) -> Floats:
    """Put series side by side, unrelated."""
    b, root = np.zeros((shape.order, shape.size, shape.size)), np.zeros((shape.size, shape.size))
    nuggets = np.empty(shape.size)
    for d, v in enumerate(alone):
        own, size, nugget = Shape(order=shape.order, size=1).split(v)
        b[:, d, d], root[d, d], nuggets[d] = own[:, 0, 0], size[0, 0], nugget[0]
    return shape.join(b, root, np.log(nuggets))


def _first(objective: Objective, starts: list[Floats]) -> Floats:
    return min(starts, key=lambda v: objective(v)[0])


def _criterion(alone: list[list[tuple[Floats, float]]], order: int) -> float:
    """Akaike's criterion of all series, each alone."""
    return sum(2 * fits[order - 1][1] + 2 * Shape(order=order, size=1).count for fits in alone)
