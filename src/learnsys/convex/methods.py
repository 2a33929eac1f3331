"""The methods, as data: what each needs of a problem, checked before the first iteration."""

from collections.abc import Callable, Mapping
from typing import Any, Final, final

import msgspec
import numpy as np

from learnsys.convex.cocoa import CocoaWorker, cocoa
from learnsys.convex.losses import Loss
from learnsys.convex.newton import newton
from learnsys.convex.newton_worker import NewtonWorker
from learnsys.convex.rows import Matrix, Vector
from learnsys.convex.run import Run
from learnsys.core.errors import Incompatible, UnknownName
from learnsys.core.trace import Ended

DENSE_COLUMNS: Final = 2000  # up to which Newton's method is chosen by default
SPARSE_COLUMNS: Final = 300
MOST_COLUMNS: Final = 5000  # of a method that factors a d x d matrix: 200 MB


@final
class Method(msgspec.Struct, frozen=True, kw_only=True):
    """A method: its worker, its loop, and whether it needs losses with a curvature and few columns."""

    name: str
    worker: Callable[..., Any]
    loop: Callable[[Run], tuple[Vector, Ended]]
    second_order: bool

    def misfit(self, loss: Loss, d: int) -> str:
        """Say why it cannot solve a problem with d columns, naming both sides; empty if it can."""
        if self.second_order and not loss.curved:
            return f"method {self.name} needs a second derivative, and the {loss.name} loss has none"
        if self.second_order and d > MOST_COLUMNS:
            return f"method {self.name} factors a d x d matrix, and these {d} columns are more than {MOST_COLUMNS}"
        return ""


METHODS: Final[Mapping[str, Method]] = {
    method.name: method
    for method in (
        Method(name="cocoa+", worker=CocoaWorker, loop=cocoa, second_order=False),
        Method(name="newton", worker=NewtonWorker, loop=newton, second_order=True),
    )
}


def find_method(name: str, loss: Loss, d: int) -> Method:
    """Look a method up and check that it can minimise ``loss`` over d columns.

    Raises
    ------
    UnknownName
        If there is no such method; the nearest name is suggested.
    Incompatible
        If it does not go with the loss or the size; both sides are named.

    Examples
    --------
    >>> from learnsys.convex.losses import LOSSES
    >>> find_method("newton", LOSSES["logistic"], 120).second_order
    True
    """
    if name not in METHODS:
        raise UnknownName.of("method", name, METHODS)
    if problem := METHODS[name].misfit(loss, d):
        able = fitting(loss, d)
        raise Incompatible(problem, value=name, next=f"use {' or '.join(able)}")
    return METHODS[name]


def fitting(loss: Loss, d: int) -> tuple[str, ...]:
    """List the methods that can minimise ``loss`` over d columns."""
    return tuple(name for name, method in METHODS.items() if not method.misfit(loss, d))


def best(loss: Loss, X: Matrix) -> str:
    """Choose the method that solves problems of this loss and shape without ever taking very long.

    Rounds of coordinate ascent are cheap, but with few columns and a weak penalty it can take a thousand of them;
    Newton's method takes a handful of steps whatever the penalty, at the price of a d x d factor. On random problems of
    20 shapes to a gap of 1e-4, where this rule takes Newton it lost at most a second (at 2000 columns), and coordinate
    ascent was up to ten seconds behind.
    """
    n, d = X.shape
    most = DENSE_COLUMNS if isinstance(X, np.ndarray) else SPARSE_COLUMNS
    return "newton" if loss.curved and n >= 4 * d and d <= most else "cocoa+"
