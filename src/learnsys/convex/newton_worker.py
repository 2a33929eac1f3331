"""What a worker of Newton's method computes from its rows, or from a sample of them (``level`` 0 is the coarsest)."""

from typing import ClassVar, final

import numpy as np

from learnsys.convex import kernels
from learnsys.convex.partition import Part
from learnsys.convex.problem import Settings
from learnsys.convex.rows import Matrix, Rows, Vector
from learnsys.convex.run import Clock, Message
from learnsys.convex.samples import one_in

State = tuple[tuple[int, ...], int, Vector | None, Vector | None]


def unpack(sums: Vector) -> tuple[float, float, Vector]:
    """Take the answer of ``measure`` apart: losses, conjugates, and X' b."""
    return float(sums[0]), float(sums[1]), sums[2:]


@final
class NewtonWorker:
    """Holds rows, their scores at the current weights (``here``) and at the ones measured last (``there``).

    Everything follows from the rows and those two weight vectors, which are its whole state. Vectors that arrive are
    copied: those that come from Ray are read-only, which would be another type to the compiler.
    """

    stateless_methods: ClassVar[frozenset[str]] = frozenset({"bend", "gram", "warm"})

    def __init__(self, settings: Settings, part: Part, data: tuple[Matrix, Vector]) -> None:
        X, y = data
        which = part.rows(y.size)
        self._loss, self._part = settings.loss.code, part
        self._all = Rows(X[which], settings.bias), np.array(y[which])
        self._strides: tuple[int, ...] = ()
        self._samples: list[tuple[Rows, Vector]] = []
        self._level = 0
        self._here: Vector | None = None
        self._there: Vector | None = None
        self._t = self._t_new = self._r = self._h = np.empty(0)

    def sizes(self, strides: tuple[int, ...]) -> Message:
        """Draw a sample for each stride and count its rows."""
        clock = Clock()
        self._draw(strides)
        return clock.message(*(float(y.size) for _, y in self._samples))

    def measure(self, level: int, w: Vector) -> Message:
        """Sum the losses at w and, on all rows, the conjugates at the dual point b linearised here, and X' b."""
        clock = Clock()
        if level != self._level:
            self._level, self._here = level, None
        rows, y = self._samples[level]
        self._there = np.array(w)
        self._t_new = rows.scores(self._there)
        losses = kernels.total_loss(self._loss, self._t_new, y)
        if self._here is None or level < len(self._samples) - 1:
            return clock.message(losses, np.inf, np.zeros(w.size))
        b = np.empty(y.size)
        conjugates = kernels.linear_dual(self._loss, self._t, self._r, self._h, self._t_new, y, b)
        return clock.message(losses, conjugates, rows.pull(b))

    def slope(self, level: int) -> Message:
        """Come here from there, and sum the gradients of the losses."""
        clock = Clock()
        self._here, self._t = self._there, self._t_new
        self._differentiate()
        return clock.message(self._samples[level][0].pull(self._r))

    def bend(self, level: int, v: Vector) -> Message:
        """Multiply the sum of the losses' Hessians here by v."""
        clock = Clock()
        return clock.message(self._samples[level][0].bend(self._h, np.array(v)))

    def gram(self, level: int, w: Vector, exact: bool) -> Message:
        """Sum the Hessians of the losses at w, flattened."""
        clock = Clock()
        rows, y = self._samples[level]
        r, h = np.empty(y.size), np.empty(y.size)
        kernels.slopes(self._loss, rows.scores(np.array(w)), y, r, h)
        return clock.message(rows.gram(h, exact=exact).ravel())

    def warm(self) -> None:
        """Compile what the methods need, on no rows."""
        rows, none, w = self._all[0].take(slice(0)), np.empty(0), np.zeros(self._all[0].d + 1)
        rows.scores(w), rows.pull(none), rows.bend(none, w)
        kernels.total_loss(self._loss, none, none)
        kernels.slopes(self._loss, none, none, none, none)
        kernels.linear_dual(self._loss, none, none, none, none, none, none)

    def get_state(self) -> State:
        """Return the samples' strides, the level, and the weights here and there."""
        return self._strides, self._level, self._here, self._there

    def set_state(self, state: State) -> None:
        """Go back to ``state``: compute again what followed from it."""
        strides, self._level, self._here, self._there = state
        self._draw(strides)
        if self._here is not None:
            self._t = self._samples[self._level][0].scores(self._here)
            self._differentiate()
        if self._there is not None:
            self._t_new = self._samples[self._level][0].scores(self._there)

    def _draw(self, strides: tuple[int, ...]) -> None:
        if strides == self._strides:
            return
        self._strides = strides
        rows, y = self._all
        chosen = [one_in(stride, y.size, self._part.generator(stride)) for stride in strides]
        self._samples = [(rows, y) if isinstance(s, slice) else (rows.take(s), y[s]) for s in chosen]

    def _differentiate(self) -> None:
        y = self._samples[self._level][1]
        self._r, self._h = np.empty(y.size), np.empty(y.size)
        kernels.slopes(self._loss, self._t, y, self._r, self._h)
