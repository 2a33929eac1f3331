"""Slow, obvious twins of what the room computes fast."""

import numpy as np


def seconds(benchmark):
    """Mean of each cell, by looking at every cell."""
    W, V = benchmark.shape
    out = np.full((W, V), np.nan)
    for w in range(W):
        for v in range(V):
            here = [
                t
                for t, a, b, o in zip(
                    benchmark.elapsed_s, benchmark.workload, benchmark.machine, benchmark.outcome, strict=True
                )
                if (a, b, o) == (w, v, 0)
            ]
            if here:
                out[w, v] = sum(here) / len(here)
    return out


def additive_covariance(theta, a, b):
    """Sum of the terms of an additive process, for each pair of points."""
    D = a.shape[1]
    length, alone, linear = np.exp(theta[:D]), np.exp(theta[D : 2 * D]), np.exp(theta[2 * D : 3 * D])
    out = np.empty((len(a), len(b)))
    for i, x in enumerate(a):
        for j, z in enumerate(b):
            each = [np.exp(-((x[d] - z[d]) ** 2) / (2 * length[d] ** 2)) for d in range(D)]
            trend = sum(linear[d] * x[d] * z[d] for d in range(D))
            out[i, j] = 1 + sum(alone[d] * each[d] for d in range(D)) + trend + np.exp(theta[3 * D]) * np.prod(each)
    return out


def additive_without(model, point):
    """Predict one point of a process with one output from the others, hyper-parameters as they are."""
    rest = [i for i in range(len(model.z)) if i != point]
    K = additive_covariance(model.theta, model.z, model.z)
    noise = np.exp(model.theta[-1])
    inverse = np.linalg.inv(K[np.ix_(rest, rest)] + noise * np.diag(1 / model.weights[rest]))
    y, k = model.y[0, rest], K[point, rest]
    mean = y.mean() + k @ inverse @ (y - y.mean())
    return mean, model.scale[0] * np.sqrt(K[point, point] - k @ inverse @ k + noise)


def knee_error(cpu, seconds, fixed, work, cores):
    """Root of the summed squares of relative errors of t = f + w / min(c, p)."""
    return np.sqrt(sum(((fixed + work / min(c, cores)) / t - 1) ** 2 for c, t in zip(cpu, seconds, strict=True)))


def best_knee_error(cpu, seconds):
    """The least of it over a fine grid of p, with f and w from a grid of all their shares."""
    best = np.inf
    for cores in np.geomspace(1, cpu.max(), 12):
        for share in np.linspace(0, 1, 21):  # of f in t at one core
            form = np.array([share + (1 - share) / min(c, cores) for c in cpu])
            scale = (form / seconds).sum() / ((form / seconds) ** 2).sum()
            best = min(best, knee_error(cpu, seconds, scale * share, scale * (1 - share), cores))
    return best
