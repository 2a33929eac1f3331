"""CoCoA+: every worker improves the dual of its own rows, and the improvements are added.

One round: worker k makes ``local_passes`` passes of coordinate ascent on

    max_d  -1/n sum_k phi*(-(b + d)_i) - 1/n w.X_k' d - (lam sigma'/2) |X_k' d / (lam n)|^2,    sigma' = p,

then b += d and w += sum_k dw_k (gamma = 1). With sigma' = p adding is safe for any split of the rows, and the dual
never decreases.

References
----------
Ma, Smith, Jaggi, Jordan, Richtarik, Takac: Adding vs. Averaging in Distributed Primal-Dual Optimization, ICML 2015,
algorithm 1 and lemma 4. Shalev-Shwartz, Zhang: Stochastic Dual Coordinate Ascent, JMLR 2013 (the local solver).
"""

from typing import ClassVar, final

import numpy as np

from learnsys.convex import kernels
from learnsys.convex.partition import Part
from learnsys.convex.problem import Settings
from learnsys.convex.rows import Matrix, Rows, Vector
from learnsys.convex.run import Clock, Message, Run
from learnsys.core.trace import Ended


@final
class CocoaWorker:
    """Holds rows and their dual variables b; for the logistic loss also their logits, from which each step starts."""

    stateless_methods: ClassVar[frozenset[str]] = frozenset({"certify", "warm"})

    def __init__(self, settings: Settings, part: Part, data: tuple[Matrix, Vector]) -> None:
        X, y = data
        which = part.rows(y.size)
        self._settings, self._part = settings, part
        self._rows, self._y = Rows(X[which], settings.bias), np.array(y[which])
        self._norms: Vector | None = None
        self._b = np.zeros(self._y.size)
        self._u = np.full(self._y.size if settings.loss.code == kernels.LOGISTIC else 0, kernels.FRESH)
        self._rounds = 0

    def round(self, w: Vector) -> Message:
        """Improve the dual from w and return dw."""
        clock = Clock()
        if self._norms is None:
            self._norms = self._rows.squared_norms()
        sigma, v = float(self._part.parts), np.array(w)
        scale = sigma / (self._settings.lam * self._settings.n)
        for k in range(self._settings.local_passes):
            order = self._part.generator(self._rounds, k).permutation(self._y.size)
            self._sweep(order, v, scale, self._b, self._u)
        self._rounds += 1
        return clock.message((v - w) / sigma)

    def certify(self, w: Vector) -> Message:
        """Sum the losses at w and the conjugates at b."""
        clock, code = Clock(), self._settings.loss.code
        losses = kernels.total_loss(code, self._rows.scores(np.array(w)), self._y)
        return clock.message(losses, kernels.total_conjugate(code, self._b, self._y))

    def warm(self) -> None:
        """Compile what a round needs, on no rows."""
        empty = self._rows.take(slice(0))
        none, w = np.empty(0), np.zeros(self._rows.d + 1)
        code = self._settings.loss.code
        empty.sweep(code, none, empty.squared_norms(), np.empty(0, np.int64), w, 1.0, none, none)
        kernels.total_loss(code, empty.scores(w), none)
        kernels.total_conjugate(code, none, none)

    def _sweep(self, order: np.ndarray, v: Vector, scale: float, b: Vector, u: Vector) -> None:
        assert self._norms is not None
        self._rows.sweep(self._settings.loss.code, self._y, self._norms, order, v, scale, b, u)

    def get_state(self) -> tuple[int, Vector, Vector]:
        """Return the rounds done and copies of the dual variables."""
        return self._rounds, self._b.copy(), self._u.copy()

    def set_state(self, state: tuple[int, Vector, Vector]) -> None:
        """Go back to ``state``."""
        self._rounds, self._b, self._u = state[0], state[1].copy(), state[2].copy()


def cocoa(run: Run) -> tuple[Vector, Ended]:
    """Minimise by CoCoA+ rounds, each certified by the duality gap P(w) - D(b) with w = w(b)."""
    w = np.zeros(run.problem.d + 1)
    ended = _note(run, w)
    while ended is None:
        w = w + run.ask("round", w)
        ended = _note(run, w)
    return w, ended


def _note(run: Run, w: Vector) -> Ended | None:
    n, penalty = run.problem.settings.n, run.problem.penalty(w)
    losses, conjugates = run.evaluate("certify", w)
    return run.note(losses / n + penalty, -conjugates / n - penalty)
