"""Slow, obvious twins of what ``plan`` does fast."""

import numpy as np
from scipy.optimize import nnls


def fit_relative(features, y, *, price=0.0, least=0.0, steps=20_000):
    """Projected gradient descent on the objective as it is written."""
    size = np.maximum(y, least)
    A, b = features / size[:, None], y / size
    A = np.vstack([A, np.sqrt(len(y)) * price * np.abs(A).mean(axis=0)])
    b = np.append(b, 0.0)
    unit = np.linalg.norm(A, axis=0)
    unit[unit == 0] = 1.0
    A = A / unit
    step, c = 1 / np.linalg.norm(A, 2) ** 2, np.zeros(A.shape[1])
    ahead, t = c, 1.0  # Nesterov's momentum
    for _ in range(steps):
        new = np.maximum(0.0, ahead - step * (A.T @ (A @ ahead - b)))
        t_new = (1 + np.sqrt(1 + 4 * t * t)) / 2
        ahead, c, t = new + (t - 1) / t_new * (new - c), new, t_new
    return c / unit


def relative_cost(c, features, y, *, price=0.0, least=0.0):
    """What both fits minimise."""
    size = np.maximum(y, least)
    A = features / size[:, None]
    return np.mean((A @ c - y / size) ** 2) + float(np.sum(price * np.abs(A).mean(axis=0) * c)) ** 2


def ernest(workers, rows, seconds):
    """Ernest as published: non-negative least squares on absolute errors."""
    p, n = np.asarray(workers, float), np.asarray(rows, float)
    c, _ = nnls(np.column_stack([np.ones_like(p), n / p, np.log(p), p]), np.asarray(seconds, float))
    return lambda q, m: c[0] + c[1] * m / q + c[2] * np.log(q) + c[3] * q


def first_round(quality, level):
    """The first round whose quality is at most ``level``, None if there is none."""
    for i, q in enumerate(quality):
        if q <= level:
            return i
    return None


def quantile_of_time(first_s, later_s, rounds, rounds_sd, seconds_sd, q, draws=200_000):
    """Draw rounds and slowness, and look at the times."""
    rng = np.random.default_rng(0)
    n = np.maximum(1, np.ceil(rounds * np.exp(rounds_sd * rng.standard_normal(draws))))
    return np.quantile((first_s + (n - 1) * later_s) * np.exp(seconds_sd * rng.standard_normal(draws)), q)
