"""Slow, obvious twin of the work and span laws: one job, one machine at a time."""

import math


def log_s(cores, references, y, cpu, busy, parallel, tau):
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
    real = (more - one) ** 2 / ((more - one) ** 2 + tau**2)
    out = []
    for k in cores:
        work = mean + real * ((more if k > 1 else one) - mean)
        out.append(work + math.log(max(1 / k, span)))
    return out
