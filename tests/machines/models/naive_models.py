"""Slow, obvious twins of kriging, of leaving groups out and of judging references."""

import numpy as np

from learnsys.machines.models.cells import balance, first_runs, settled_cells
from learnsys.machines.models.judge import COUNTERS, KERNEL, SETTING
from learnsys.machines.models.yardstick import yardstick


def krige(x, R, y, h, s2, runs, distance, prior):
    """Predict by loops over workloads and machines: mean and variance."""
    W, V = x.shape
    b = [[x[i][v] - sum(x[i][r] for r in R) / len(R) for v in range(V)] for i in range(W)]
    w = [prior[i] * np.exp(-distance[i] / h) for i in range(W)]
    w = [wi / sum(w) for wi in w]
    m = [sum(w[i] * b[i][v] for i in range(W)) for v in range(V)]
    K = [[sum(w[i] * (b[i][u] - m[u]) * (b[i][v] - m[v]) for i in range(W)) for v in range(V)] for u in range(V)]
    shift = sum(y) / len(R)
    noisy = np.array([[K[r][q] + (s2 / runs[a] if r == q else 0) for q in R] for a, r in enumerate(R)])
    inverse = np.linalg.inv(noisy)
    mu, var = [], []
    for v in range(V):
        k = np.array([K[v][r] for r in R])
        mu.append(shift + m[v] + k @ inverse @ [y[a] - shift - m[r] for a, r in enumerate(R)])
        var.append(max(K[v][v] - k @ inverse @ k, 0) + s2)
    return np.array(mu), np.array(var)


def left_out(kernel, known, new, prior, groups):
    """Condition on all but one group, group by group."""
    W = len(groups)
    out = np.zeros((W, W))
    for i in range(W):
        rest = [j for j in range(W) if groups[j] != groups[i]]
        if not rest:
            continue
        # the noise of a workload does not depend on who else is there
        K = kernel(known)[np.ix_(rest, rest)] + kernel.noise * np.diag([1 / (W * prior[j]) for j in rest])
        row = kernel(new)[i, rest] @ np.linalg.inv(K)
        p = prior[rest] / prior[rest].sum()
        out[i, rest] = row + (1 - row.sum()) * p
    return out


def naive_ridge(known, y, factors, ridge):
    """Regress one row after another on the factors of the cells that are known."""
    out = np.empty((len(y), factors.shape[1]))
    for i, row in enumerate(y):
        B = factors[known[i] > 0]
        out[i] = np.linalg.solve(B.T @ B + ridge * np.eye(B.shape[1]), B.T @ row[known[i] > 0])
    return out


def error_with(benchmark, R):
    """Error with one set of references, workload by workload: half a process, half kriging."""
    x, truth, groups = settled_cells(benchmark), benchmark.seconds, benchmark.groups
    first, first_counters = first_runs(benchmark)
    y, prior = np.where(np.isfinite(first), first, x)[:, R], balance(groups)
    unit = yardstick(x[:, R], benchmark.cell_counters[:, R])
    known = unit.traits(x[:, R], benchmark.cell_counters[:, R])
    among, anew = unit.between(known, known), unit.between(unit.traits(y, first_counters[:, R]), known)
    rows = left_out(KERNEL, among, anew, prior, groups)
    b, total, weight = x - x[:, R].mean(axis=1, keepdims=True), 0.0, 0.0
    for w in range(len(x)):
        rest = groups != groups[w]
        if not np.isfinite(truth[w, R]).all() or not rest.any():
            continue
        near, (h, s2) = anew.shape[w, rest] + COUNTERS * anew.counters[w, rest], SETTING
        kriged, _ = krige(x[rest], R, y[w], h, s2, np.ones(len(R)), near, prior[rest])
        mu = (rows[w] @ b + y[w].mean() + kriged) / 2
        errors = [
            abs(np.exp(mu[v]) / truth[w, v] - 1) for v in range(x.shape[1]) if v not in R and np.isfinite(truth[w, v])
        ]
        if errors:
            total, weight = total + prior[w] * np.mean(errors), weight + prior[w]
    return total / weight if weight else 0.0
