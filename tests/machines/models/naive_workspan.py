"""Slow, obvious twin of the work and span laws: one job, one machine at a time."""

import math
from itertools import pairwise


def log_s(cores, memory, references, y, cpu, held, busy, parallel, tau, eta):
    """Log seconds of one job on every machine."""
    c = [cores[r] for r in references]
    cpu = [x if x > 0 else math.exp(t) * min(k, 1) for x, t, k in zip(cpu, y, c, strict=True)]
    logs, used = [math.log(x) for x in cpu], [x / math.exp(t) for x, t in zip(cpu, y, strict=True)]
    idle = [t - w for t, w, u, k in zip(y, logs, used, c, strict=True) if u < busy * k]
    bound = 0.0 if max(used) > parallel else 1.0
    span = math.exp(sum(idle) / len(idle)) if idle else bound
    mean = sum(logs) / len(logs)
    one = [w for w, k in zip(logs, c, strict=True) if k <= 1] or logs
    more = [w for w, k in zip(logs, c, strict=True) if k > 1] or logs
    one, more = sum(one) / len(one), sum(more) / len(more)
    levels = sorted({memory[r] for r in references})
    at = [[w for w, r in zip(logs, references, strict=True) if memory[r] == level] for level in levels]
    means = [sum(ws) / len(ws) for ws in at]
    h = math.log(max(held) / min(held)) if all(x > 0 for x in held) and len(levels) > 1 else 0.0
    adapts = h**2 / (h**2 + eta**2)
    d, e = more - one, max(means) - min(means)
    out = []
    for k, m in zip(cores, memory, strict=True):
        side = d**2 / (d**2 + tau**2) * ((more if k > 1 else one) - mean)
        along = e**2 / (e**2 + tau**2) * (_between(levels, means, m) - mean)
        out.append(mean + (1 - adapts) * side + adapts * along + math.log(max(1 / k, span)))
    return out


def _between(places, values, x):
    """Interpolate linearly; beyond the ends, the value there."""
    points = sorted(zip(places, values, strict=True), key=lambda point: point[0])
    if x <= points[0][0]:
        return points[0][1]
    for (a, u), (b, v) in pairwise(points):
        if x <= b:
            return u + (v - u) * (x - a) / (b - a)
    return points[-1][1]
