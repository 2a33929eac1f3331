"""Newton's method for many rows and few columns, preconditioned by the curvature of a sample.

The true Newton equation H delta = -g is solved by conjugate gradients; each product with H is one pass over the rows
and one message of d numbers. The factor of a Hessian from a sample of m rows makes that a matter of a few passes: its
error is about sqrt(d/m), it costs m/n of a full one and may be computed in float32, since a preconditioner never limits
the answer. If it turns out poor (rare columns, bad conditioning), it is made anew from all rows, then exactly.

The start is the solution of the same problem on nested samples, each solved to its own statistical accuracy with the
weight lam n / m on the penalty.

The certificate is the dual point that linearises the loss at the old scores: b = -(phi'(t) + phi''(t) (t_new - t)),
clipped to its domain. Then w(b) = X' b / (lam n) is w_new + (residual of the Newton equation) / lam, and the gap is of
second order in the step, where the usual b = -phi'(t_new) leaves the first-order |grad P|^2 / (2 lam). X' b is summed
over the rows and not inferred from that equation: the drift of the residual of the conjugate gradients, divided by a
small lam, would lift the bound above the minimum.

References
----------
Dembo, Eisenstat, Steihaug: Inexact Newton Methods, SIAM J. Numer. Anal. 1982. Roosta-Khorasani, Mahoney: Sub-sampled
Newton Methods, Math. Program. 2019. Mokhtari, Daneshmand, Lucchi, Hofmann, Ribeiro: Adaptive Newton Method for
Empirical Risk Minimization to Statistical Accuracy, NIPS 2016 (growing samples).
"""

from typing import Final, NamedTuple, final

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from learnsys.convex.newton_worker import unpack
from learnsys.convex.rows import Vector
from learnsys.convex.run import Run
from learnsys.convex.samples import strides
from learnsys.core.trace import Ended

ARMIJO: Final = 0.25  # half of what a quadratic gives: a full step that barely descends has overshot
SHORTEST: Final = 2.0**-30
TINY: Final = 1e-300  # so that a shift grows even from nothing
COARSE_STEPS: Final = 8  # Newton steps on one sample: it only has to give a start


class Point(NamedTuple):
    """Weights, the objective there, and the best lower bound that the way there gave."""

    w: Vector
    loss: float
    lower: float


class Direction(NamedTuple):
    """A Newton step, and the products with H that it took."""

    delta: Vector
    products: int


@final
class Level:
    """The objective over one sample of the rows: 1/m sum phi + lam_m/2 |w|^2 with lam_m m = lam n."""

    def __init__(self, run: Run, index: int, m: float) -> None:
        settings = run.problem.settings
        self.run, self.index, self.m = run, index, m
        self.lam = settings.lam * settings.n / m

    def measure(self, w: Vector) -> tuple[float, float]:
        """Evaluate P at w, and the dual objective at the linearised dual point b (-inf where there is none)."""
        losses, conjugates, Xb = unpack(self.run.ask("measure", self.index, w))
        dual_w = Xb / (self.lam * self.m)
        lower = -conjugates / self.m - 0.5 * self.lam * float(dual_w @ dual_w)
        return losses / self.m + 0.5 * self.lam * float(w @ w), lower

    def gradient(self, w: Vector) -> Vector:
        """Compute the gradient at the point measured last, and make it the point of ``product``."""
        return self.run.ask("slope", self.index) / self.m + self.lam * w

    def product(self, v: Vector) -> Vector:
        """Multiply the Hessian by v."""
        return self.run.ask("bend", self.index, v) / self.m + self.lam * v

    def curvature(self, w: Vector, *, exact: bool) -> Vector:
        """Compute the Hessian of the mean loss at w, without the penalty."""
        return (self.run.ask("gram", self.index, w, exact) / self.m).reshape(w.size, w.size)


@final
class Preconditioner:
    """Factor of a Hessian that came from this level's rows or from a coarser level's.

    Each time it proves poor it is made anew from a better source: the coarser sample, all rows of the level, all rows
    in float64.
    """

    def __init__(self, source: Level, level: Level) -> None:
        self._sources = [(source, False), (level, False), (level, True)][source is level :]
        self._level = level
        self._poor_after = 4 + level.run.problem.d // 16  # products that cost as much as a better Hessian
        self._factor: tuple[Vector, bool] | None = None

    def solve(self, v: Vector) -> Vector:
        """Divide v by the approximate Hessian."""
        assert self._factor is not None
        result: Vector = cho_solve(self._factor, v, check_finite=False)
        return result

    def prepare(self, w: Vector, products: int) -> None:
        """Make the factor at w if there is none, or if the last direction took too many products.

        A Hessian that overflowed has none: the identity stands in, and the next evaluation tells whether
        the run diverged.
        """
        if self._factor is not None:
            if products <= self._poor_after:
                return
            self._sources = self._sources[1:] or self._sources
        source, exact = self._sources[0]
        H = source.curvature(w, exact=exact)
        shift = float(np.sqrt(source.lam) * np.sqrt(self._level.lam)) if np.isfinite(H).all() else np.inf
        while np.isfinite(shift):
            try:
                self._factor = cho_factor(H + shift * np.eye(w.size), check_finite=False)
                return
            except LinAlgError:  # rounding made it indefinite
                shift = max(10.0 * shift, 1e-12 * float(np.trace(H)), TINY)
        self._factor = np.eye(w.size), False


def newton(run: Run) -> tuple[Vector, Ended]:
    """Minimise by Newton steps; step 1 of the trace is the solution on the samples."""
    settings = run.problem.settings
    sizes = run.ask("sizes", strides(settings.n, run.problem.d))
    levels = [Level(run, index, m) for index, m in enumerate(sizes)]
    w = np.zeros(run.problem.d + 1)
    zero = levels[-1].measure(w)[0]
    if (ended := run.note(zero, 0.0)) is not None:
        return w, ended
    source = levels[0]
    for level in levels[:-1]:
        w, source = _coarse(level, source, w), level
    return _fine(run, levels[-1], source, w, zero)


def _coarse(level: Level, source: Level, w: Vector) -> Vector:
    """Minimise over a sample to its statistical accuracy, about P d/m."""
    preconditioner, products = Preconditioner(source, level), 0
    loss = level.measure(w)[0]
    for _ in range(COARSE_STEPS):
        aim = 0.1 * loss * w.size / level.m
        g = level.gradient(w)
        preconditioner.prepare(w, products)
        direction = _direction(level, preconditioner, g, loss, certify=0.0, enough=aim)
        products = direction.products
        decrease = -0.5 * float(g @ direction.delta)
        w, loss, _ = _advance(level, Point(w, loss, -np.inf), g, direction)
        if decrease**2 <= aim * loss:  # what a Newton step leaves is about this square
            break
    return w


def _fine(run: Run, level: Level, source: Level, w: Vector, zero: float) -> tuple[Vector, Ended]:
    """Minimise over all rows until the run ends."""
    preconditioner, products = Preconditioner(source, level), 0
    loss = level.measure(w)[0]
    if not loss <= zero:  # the samples misled
        w = np.zeros_like(w)
        loss = level.measure(w)[0]
    g = level.gradient(w)
    point = Point(w, loss, loss - float(g @ g) / (2.0 * level.lam))
    ended = run.note(point.loss, point.lower) if source is not level else None
    while ended is None:
        preconditioner.prepare(point.w, products)
        direction = _direction(level, preconditioner, g, point.loss, certify=run.aim(point.loss), enough=0.0)
        products = direction.products
        point = _advance(level, point, g, direction)
        ended = run.note(point.loss, point.lower, patience=2)
        if ended is None:
            g = level.gradient(point.w)
    return point.w, ended


def _direction(
    level: Level, preconditioner: Preconditioner, g: Vector, loss: float, *, certify: float, enough: float
) -> Direction:
    """Solve H delta = -g by preconditioned conjugate gradients, as well as this step deserves.

    The residual r costs |r|^2 / (2 lam) of the certificate and about r' H^-1 r / 2 of the objective. It is worth
    reducing the first to a part of the gap ``certify`` that is aimed at, and the second to a part of what the
    curvature's change over the step will leave: about the square of the expected decrease, relative to the loss.
    """
    delta, r = np.zeros_like(g), -g
    s = preconditioner.solve(r)
    rs = float(r @ s)
    decrease = 0.5 * rs
    left = min(decrease**2 / max(loss, 1e-300), 0.01 * decrease)
    last = left <= certify
    p, products = s, 0
    while rs > 0.0 and products < max(20, g.size // 4):
        Hp, products = level.product(p), products + 1
        if not (bent := float(p @ Hp)) > 0.0:  # it underflowed: nothing to divide by, and delta is good as far as it is
            break
        step = rs / bent
        delta, r = delta + step * p, r - step * Hp
        s = preconditioner.solve(r)
        rs, before = float(r @ s), rs
        if float(r @ r) <= 0.5 * level.lam * certify or rs <= 1e-30 * decrease:
            break
        if not last and 0.5 * rs <= max(0.1 * left, 0.1 * enough):
            break
        p = s + (rs / before) * p
    return Direction(delta, products)


def _advance(level: Level, point: Point, g: Vector, direction: Direction) -> Point:
    """Go along ``direction`` as far as the objective decreases enough, and bound the minimum from where it came."""
    slope, tau = float(g @ direction.delta), 1.0
    while True:
        w = point.w + tau * direction.delta
        loss, lower = level.measure(w)
        if loss <= point.loss + ARMIJO * tau * slope or tau < SHORTEST:
            break
        tau *= 0.5
    if not loss < point.loss:
        level.measure(point.w)  # the workers stand there again
        return Point(point.w, point.loss, lower)
    return Point(w, loss, lower)
