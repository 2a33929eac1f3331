"""Benchmarks made of a few factors, so that there is something to learn, and that it is known."""

import numpy as np
from tests.machines.strategies import benchmark_of

from learnsys.machines.models.forecast import Observed


def factors(seed, W=16, V=9, *, rank=2, noise=0.02, reps=3, counters=2, missing=0.0):
    """W workloads in pairs on V machines: log seconds of low rank, ``reps`` noisy runs of each cell.

    Counters show the factors. Also gives the log seconds without noise.
    """
    rng = np.random.default_rng(seed)
    a, f = rng.normal(size=(W, rank)), 0.3 * rng.normal(size=(V, rank))
    log_s = 3 + rng.normal(size=(W, 1)) + 0.5 * rng.normal(size=V) + a @ f.T
    cells = [(w, v) for w in range(W) for v in range(V) if v == 0 or rng.random() >= missing]
    rows = [(w, v, float(np.exp(log_s[w, v] + noise * rng.normal()))) for w, v in cells for _ in range(reps)]
    benchmark = benchmark_of(rows, W, V, counters)
    if counters:
        benchmark.counters[:] = np.exp(a[benchmark.workload][:, :counters])
    return benchmark, log_s


def seen(benchmark, w, R, log_s, *, runs=1):
    """A workload of ``factors`` on R, as it truly is."""
    R = np.array(R, np.intp)
    return Observed(
        machines=R, log_s=log_s[w, R], runs=np.full(R.size, runs, np.intp), counters=benchmark.cell_counters[w, R]
    )
