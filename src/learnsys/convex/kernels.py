# mypy: disable-error-code="no-any-return, untyped-decorator"
"""All compiled code of this room: the losses one number at a time, and passes over dense or sparse rows.

Symbols: t = x.w is the score of a row, y its target (-1 or +1, or a number), phi(t) its loss. The dual variable of a
row is b = -phi'(t) at the optimum, and w(b) = 1/(lam n) sum b_i x_i. For two classes b = a y with a as in the papers.

Rows are either a matrix (n, d), C-ordered, or the triple (data, indices, indptr) of compressed rows. Weights have
d + 1 entries: the last one belongs to a constant column of value ``bias``, which is never stored (0: there is none).

Numba caches a kernel by the time stamp of its own file only, so a function called from another file could be stale:
that is why everything compiled is in this one. Where no folder can be written for that cache (a read-only installation
without a home), every process compiles anew.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numba import njit, types
from numba.extending import overload
from numpy.typing import NDArray

from learnsys.core.compiled import can_cache

LOGISTIC: Final = 0
HINGE: Final = 1
SQUARED_HINGE: Final = 2
SQUARED: Final = 3

# Sums may be reordered into vector lanes, but NaN and infinity keep their meaning.
FAST: Final = {"reassoc", "contract", "arcp", "nsz"}
FRESH: Final = -40.0  # logit of a dual variable that is still zero

Vector = NDArray[np.float64]

jit: Callable[..., Any] = njit(nogil=True, cache=can_cache(lambda: None), fastmath=FAST)


# ------------------------------------------------------------------------------------------------- one row of features
def row_dot(rows: Any, i: int, w: Vector, bias: float) -> float:
    """Compute x_i.w (a stand-in: numba puts one of the two bodies below in its place)."""
    raise NotImplementedError


def row_add(rows: Any, i: int, c: float, g: Vector, bias: float) -> None:
    """Add c x_i to g (a stand-in, as above)."""
    raise NotImplementedError


@overload(row_dot, jit_options={"fastmath": FAST})
def _row_dot(rows: Any, i: int, w: Vector, bias: float) -> Any:
    def dense(rows: Any, i: int, w: Vector, bias: float) -> float:
        d = rows.shape[1]
        t = bias * w[d]
        for j in range(d):
            t += rows[i, j] * w[j]
        return t

    def sparse(rows: Any, i: int, w: Vector, bias: float) -> float:
        data, indices, indptr = rows
        t = bias * w[w.size - 1]
        for k in range(indptr[i], indptr[i + 1]):
            t += data[k] * w[indices[k]]
        return t

    return dense if isinstance(rows, types.Array) else sparse


@overload(row_add, jit_options={"fastmath": FAST})
def _row_add(rows: Any, i: int, c: float, g: Vector, bias: float) -> Any:
    def dense(rows: Any, i: int, c: float, g: Vector, bias: float) -> None:
        d = rows.shape[1]
        g[d] += c * bias
        for j in range(d):
            g[j] += c * rows[i, j]

    def sparse(rows: Any, i: int, c: float, g: Vector, bias: float) -> None:
        data, indices, indptr = rows
        g[g.size - 1] += c * bias
        for k in range(indptr[i], indptr[i + 1]):
            g[indices[k]] += c * data[k]

    return dense if isinstance(rows, types.Array) else sparse


# ------------------------------------------------------------------------------------------------------- passes over X
@jit
def scores(rows: Any, bias: float, w: Vector, t: Vector) -> None:
    """Fill t with x_i.w."""
    for i in range(t.size):
        t[i] = row_dot(rows, i, w, bias)


@jit
def pull(rows: Any, bias: float, r: Vector, g: Vector) -> None:
    """Add sum r_i x_i to g."""
    for i in range(r.size):
        if r[i] != 0.0:
            row_add(rows, i, r[i], g, bias)


@jit
def bend(rows: Any, bias: float, h: Vector, v: Vector, g: Vector) -> None:
    """Add sum h_i (x_i.v) x_i to g: the product of a Hessian and v in one pass."""
    for i in range(h.size):
        if h[i] != 0.0:
            row_add(rows, i, h[i] * row_dot(rows, i, v, bias), g, bias)


@jit
def squared_norms(rows: Any, bias: float, d: int, out: Vector) -> None:
    """Fill out with |x_i|^2."""
    x = np.zeros(d + 1)
    for i in range(out.size):
        row_add(rows, i, 1.0, x, bias)
        out[i] = row_dot(rows, i, x, bias)
        row_add(rows, i, -1.0, x, bias)


# ---------------------------------------------------------------------------------------------------------- the losses
@jit
def sigmoid(u: float) -> float:
    """Compute 1 / (1 + exp(-u)) without overflow."""
    e = np.exp(-abs(u))
    return (1.0 if u >= 0.0 else e) / (1.0 + e)


@jit
def loss_value(loss: int, t: float, y: float) -> float:
    """Compute phi(t)."""
    if loss == SQUARED:
        return 0.5 * (t - y) ** 2
    z = y * t
    if loss == LOGISTIC:
        return np.log1p(np.exp(-abs(z))) + max(-z, 0.0)
    m = max(1.0 - z, 0.0)
    return m if loss == HINGE else m * m


@jit
def loss_slope(loss: int, t: float, y: float) -> float:
    """Compute phi'(t)."""
    if loss == SQUARED:
        return t - y
    z = y * t
    if loss == LOGISTIC:
        return -y * sigmoid(-z)
    if z >= 1.0:
        return 0.0
    return -y if loss == HINGE else -2.0 * y * (1.0 - z)


@jit
def loss_curvature(loss: int, t: float, y: float) -> float:
    """Compute phi''(t); for the squared hinge the generalised one."""
    if loss == LOGISTIC:
        e = np.exp(-abs(t))
        return e / (1.0 + e) ** 2
    if loss == SQUARED:
        return 1.0
    return 2.0 if loss == SQUARED_HINGE and y * t < 1.0 else 0.0


@jit
def conjugate(loss: int, b: float, y: float) -> float:
    """Compute phi*(-b); infinite outside the domain."""
    if loss == SQUARED:
        return 0.5 * b * b - b * y
    a = b * y
    if a < 0.0 or (a > 1.0 and loss != SQUARED_HINGE):
        return np.inf
    if loss == HINGE:
        return -a
    if loss == SQUARED_HINGE:
        return 0.25 * a * a - a
    entropy = 0.0
    if a > 0.0:
        entropy += a * np.log(a)
    if a < 1.0:
        entropy += (1.0 - a) * np.log1p(-a)
    return entropy


@jit
def feasible(loss: int, b: float, y: float) -> float:
    """Clip b to the domain of the conjugate."""
    if loss == SQUARED:
        return b
    a = max(b * y, 0.0)
    return y * (a if loss == SQUARED_HINGE else min(a, 1.0))


@jit
def logistic_step(u: float, b: float, z: float, q: float) -> float:
    """Solve u + z + q (sigmoid(u) - a) = 0 for the logit u of the new dual variable, from the stored one.

    The slope of F is at least 1, so the root is within |F(u)| of u. Newton's method jumps to and fro where F bends, so
    a step that leaves the bracket or does not halve the residual is followed by a bisection. One step is mostly enough:
    a tenth of the first residual may stay.
    """
    low, high, enough, before = -np.inf, np.inf, 0.0, np.inf
    for _ in range(60):
        s = sigmoid(u)
        residual = u + z + q * (s - b)
        size = abs(residual)
        if before == np.inf:
            low, high, enough = u - size, u + size, 0.1 * size
        if size <= enough:
            break
        if residual > 0.0:
            high = u
        else:
            low = u
        u -= residual / (1.0 + q * s * (1.0 - s))
        if not low < u < high or size > 0.5 * before:
            u = 0.5 * (low + high)
        before = size
    return u


@jit
def best_dual(loss: int, b: float, t: float, y: float, q: float) -> float:
    """Maximise the dual over one variable: all losses but the logistic one, in closed form."""
    if loss == SQUARED:
        return b + (y - t - b) / (q + 1.0)
    a, z = b * y, y * t
    if loss == SQUARED_HINGE:
        return y * max(0.0, a + (1.0 - z - 0.5 * a) / (q + 0.5))
    if q == 0.0:  # an empty row: only its -a is left to minimise
        return y
    return y * min(1.0, max(0.0, a + (1.0 - z) / q))


# ----------------------------------------------------------------------------------------------- sums over all the rows
@jit
def total_loss(loss: int, t: Vector, y: Vector) -> float:
    """Sum phi_i(t_i)."""
    total = 0.0
    for i in range(t.size):
        total += loss_value(loss, t[i], y[i])
    return total


@jit
def total_conjugate(loss: int, b: Vector, y: Vector) -> float:
    """Sum phi_i*(-b_i)."""
    total = 0.0
    for i in range(b.size):
        total += conjugate(loss, b[i], y[i])
    return total


@jit
def slopes(loss: int, t: Vector, y: Vector, r: Vector, h: Vector) -> None:
    """Fill r with phi'(t_i) and h with phi''(t_i)."""
    for i in range(t.size):
        r[i] = loss_slope(loss, t[i], y[i])
        h[i] = loss_curvature(loss, t[i], y[i])


@jit
def linear_dual(loss: int, t: Vector, r: Vector, h: Vector, new: Vector, y: Vector, b: Vector) -> float:
    """Sum phi*(-b) at b = -(r + h (new - t)), clipped to its domain; ``b`` is overwritten with that point."""
    total = 0.0
    for i in range(t.size):
        b[i] = feasible(loss, -(r[i] + h[i] * (new[i] - t[i])), y[i])
        total += conjugate(loss, b[i], y[i])
    return total


@jit
def sweep(
    loss: int, rows: Any, bias: float, y: Vector, norms: Vector, order: NDArray[np.int64], v: Vector, scale: float,
    b: Vector, u: Vector,
) -> None:  # fmt: skip
    """Ascend the dual over the rows in ``order``, one at a time (SDCA).

    ``v`` is w + sigma' dw of the paper and moves along; ``scale`` is sigma' / (lam n); ``u`` holds the logits of the
    dual variables ``b`` for the logistic loss, and nothing for the others.
    """
    for i in order:
        t = row_dot(rows, i, v, bias)
        q = scale * norms[i]
        if loss == LOGISTIC:
            u[i] = logistic_step(u[i], b[i] * y[i], y[i] * t, q)
            new = y[i] * sigmoid(u[i])
        else:
            new = best_dual(loss, b[i], t, y[i], q)
        if new != b[i]:
            row_add(rows, i, scale * (new - b[i]), v, bias)
            b[i] = new
