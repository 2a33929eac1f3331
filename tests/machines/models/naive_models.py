"""Slow, obvious twins of kriging, of leaving groups out and of judging references."""

import numpy as np

from learnsys.machines.models.cells import MISFIT, balance, first_runs, settled_cells
from learnsys.machines.models.judge import COUNTERS, KERNEL, SETTING
from learnsys.machines.models.siblings import REACH
from learnsys.machines.models.yardstick import yardstick


def krige(x, R, y, h, s2, runs, distance, prior, share):
    """Predict by loops over workloads and machines: mean and variance."""
    W, V = x.shape
    b = [[x[i][v] - sum(share[a] * x[i][r] for a, r in enumerate(R)) for v in range(V)] for i in range(W)]
    w = [prior[i] * np.exp(-distance[i] / h) for i in range(W)]
    w = [wi / sum(w) for wi in w]
    m = [sum(w[i] * b[i][v] for i in range(W)) for v in range(V)]
    K = [[sum(w[i] * (b[i][u] - m[u]) * (b[i][v] - m[v]) for i in range(W)) for v in range(V)] for u in range(V)]
    shift = sum(share[a] * y[a] for a in range(len(R)))
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
    share = np.array([1 / (MISFIT**2 + benchmark.machine_log_sd[r] ** 2) for r in R])
    share /= share.sum()
    unit = yardstick(x[:, R], benchmark.cell_counters[:, R], share)
    known = unit.traits(x[:, R], benchmark.cell_counters[:, R])
    among, anew = unit.between(known, known), unit.between(unit.traits(y, first_counters[:, R]), known)
    rows = left_out(KERNEL, among, anew, prior, groups)
    b, total, weight = x - (x[:, R] @ share)[:, None], 0.0, 0.0
    for w in range(len(x)):
        rest = groups != groups[w]
        if not np.isfinite(truth[w, R]).all() or not rest.any():
            continue
        near, (h, s2) = anew.shape[w, rest] + COUNTERS * anew.counters[w, rest], SETTING
        kriged, _ = krige(x[rest], R, y[w], h, s2, np.ones(len(R)), near, prior[rest], share)
        mu = (rows[w] @ b + y[w] @ share + kriged) / 2
        errors = [
            abs(np.exp(mu[v]) / truth[w, v] - 1) for v in range(x.shape[1]) if v not in R and np.isfinite(truth[w, v])
        ]
        if errors:
            total, weight = total + prior[w] * np.mean(errors), weight + prior[w]
    return total / weight if weight else 0.0


def surprises_spread(machines, R, sd, noise, surprises):
    """What surprises on R add on each machine, by loops over pairs."""

    def like(a, b):
        d = abs(np.log2(a.vcpus / b.vcpus)) / REACH[0] + abs(np.log2(a.memory_bytes / b.memory_bytes)) / REACH[1]
        vendor = a.vendor == b.vendor
        return np.exp(-d) * (1 + vendor + (vendor and a.family == b.family)) / 3

    K = np.array([[sd[u] * sd[v] * like(a, b) for v, b in enumerate(machines)] for u, a in enumerate(machines)])
    noisy = np.array([[K[r, q] + (noise[a] if r == q else 0) for q in R] for a, r in enumerate(R)])
    return [sum(K[v, r] * c for r, c in zip(R, np.linalg.inv(noisy) @ surprises, strict=True)) for v in range(len(K))]


def kinship(arch, cpu, octaves, profile, variances):
    """Add up the kinds of likeness machine by machine."""
    V = len(arch)
    K = np.empty((V, V))
    for i in range(V):
        for j in range(V):
            apart = np.sqrt(sum((profile[d, i] - profile[d, j]) ** 2 for d in range(len(profile))))
            kinds = (
                float(arch[i] == arch[j]),
                float(cpu[i] == cpu[j]),
                np.exp(-((octaves[i] - octaves[j]) ** 2) / (2 * 1.5**2)),
                np.exp(-apart / 0.5),
                float(i == j),
            )
            K[i, j] = sum(t * k for t, k in zip(variances, kinds, strict=True))
    return K


def left_unknown(x, groups, S, R):
    """Mean standard deviation on the other machines, from a covariance added up workload by workload."""
    V, names = len(S), sorted(set(groups))
    weight = [1 / (list(groups).count(g) * len(names)) for g in groups]
    rows = [row - row.mean() for row in x]
    mean = sum(w * row for w, row in zip(weight, rows, strict=True))
    G = sum(w * np.outer(row - mean, row - mean) for w, row in zip(weight, rows, strict=True)) + 4 * S + 100
    inverse = np.linalg.inv(G[np.ix_(R, R)] + 0.01 * np.eye(len(R)))
    others = [v for v in range(V) if v not in R]
    return np.mean([np.sqrt(G[v, v] - G[v, R] @ inverse @ G[R, v]) for v in others])
