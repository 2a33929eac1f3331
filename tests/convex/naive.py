"""Slow, obvious twins of what ``learnsys.convex`` computes fast."""

import numpy as np
from scipy import optimize
from scipy.special import expit

NAMES = ("logistic", "hinge", "squared_hinge", "squared")


def loss(name, t, y):
    """phi(t), elementwise."""
    z = y * t
    return {
        "logistic": np.logaddexp(0, -z),
        "hinge": np.maximum(0, 1 - z),
        "squared_hinge": np.maximum(0, 1 - z) ** 2,
        "squared": (t - y) ** 2 / 2,
    }[name]


def slope(name, t, y):
    """phi'(t), elementwise; a subgradient where the hinge has a corner."""
    z = y * t
    return {
        "logistic": -y * expit(-z),
        "hinge": -y * (z < 1),
        "squared_hinge": -2 * y * np.maximum(0, 1 - z),
        "squared": t - y,
    }[name]


def conjugate(name, b, y):
    """phi*(-b) = sup_t -b t - phi(t), by search."""
    found = optimize.minimize_scalar(lambda t: b * t + loss(name, t, y), bounds=(-60, 60), method="bounded",
                                     options={"xatol": 1e-10})  # fmt: skip
    return -found.fun


def dense(X, bias):
    """X as a float64 matrix with the constant column."""
    X = np.asarray(X.toarray() if hasattr(X, "toarray") else X, float)
    return np.column_stack([X, np.full(len(X), bias)])


def objective(name, X, y, lam, w):
    """P(w) over a dense matrix that holds the constant column."""
    return float(np.mean(loss(name, X @ w, y)) + lam / 2 * w @ w)


def dual(name, X, y, lam, b):
    """D(b) with searched conjugates."""
    w = X.T @ b / (lam * len(y))
    return -np.mean([conjugate(name, *pair) for pair in zip(b, y, strict=True)]) - lam / 2 * w @ w


def minimum(name, X, y, lam):
    """The least P(w): smooth losses by BFGS, the hinge through its box-constrained dual."""
    n = len(y)
    if name == "hinge":
        K = (X * y[:, None]) @ (X * y[:, None]).T / (lam * n)
        found = optimize.minimize(
            lambda a: (a @ K @ a / 2 - a.sum(), K @ a - 1), np.full(n, 0.5), jac=True, bounds=[(0, 1)] * n,
            method="L-BFGS-B", options={"maxiter": 20000, "maxfun": 10**6, "ftol": 1e-16, "gtol": 1e-12},
        )  # fmt: skip
        return -found.fun / n
    found = optimize.minimize(
        lambda w: (objective(name, X, y, lam, w), X.T @ slope(name, X @ w, y) / n + lam * w),
        np.zeros(X.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-12, "maxiter": 5000},
    )  # fmt: skip
    return found.fun


def best_dual(name, b, t, y, q):
    """argmin over c of phi*(-c) + t (c - b) + q/2 (c - b)^2, by search over the domain (two classes: c = a y)."""
    if name == "squared":
        bounds = (-1e3, 1e3)
        cost = lambda c: c * c / 2 - c * y + t * (c - b) + q / 2 * (c - b) ** 2  # noqa: E731
        return optimize.minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
    ends = (0.0, 1e3 if name == "squared_hinge" else 1.0)
    star = {
        "logistic": lambda a: (a * np.log(a) if a > 0 else 0.0) + ((1 - a) * np.log1p(-a) if a < 1 else 0.0),
        "hinge": lambda a: -a,
        "squared_hinge": lambda a: a * a / 4 - a,
    }[name]
    cost = lambda a: star(a) + y * t * (a - b * y) + q / 2 * (a - b * y) ** 2  # noqa: E731
    return y * optimize.minimize_scalar(cost, bounds=ends, method="bounded", options={"xatol": 1e-12}).x


def sweep(name, X, y, order, v, scale, b):
    """One pass of coordinate ascent in plain Python; returns v and b."""
    v, b = v.copy(), b.copy()
    for i in order:
        new = best_dual(name, b[i], X[i] @ v, y[i], scale * X[i] @ X[i])
        v += scale * (new - b[i]) * X[i]
        b[i] = new
    return v, b


def auc(t, positive):
    """The share of pairs that are in order."""
    pairs = [(a > b) + 0.5 * (a == b) for a in t[positive] for b in t[~positive]]
    return float(np.mean(pairs))
