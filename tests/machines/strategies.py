"""Benchmarks as they may come: cells without runs, with one, with many, with failures."""

from datetime import date

import numpy as np
from hypothesis import strategies as st

from learnsys.core.machine import Catalog, Machine
from learnsys.machines.benchmark import Benchmark, Workload


def catalog(n):
    """Make n machines, each twice the one before."""
    machines = tuple(Machine(key=f"cloud/m{i}", vcpus=2.0**i, memory_bytes=2**30 * 2**i) for i in range(n))
    return Catalog(machines=machines, source="made here", licence="none", as_of=date(2026, 1, 1), sha256="")


def benchmark_of(rows, W, V, counters=0):
    """Make a benchmark of rows (workload, machine, seconds or None when out of memory)."""
    w, v, t = (np.array(x) for x in zip(*rows, strict=True)) if rows else (np.array([], int),) * 3
    t = np.array([np.nan if x is None else x for x in t], float)
    return Benchmark(
        name="made", catalog=catalog(V), workloads=tuple(Workload(name=f"w{i}", group=f"g{i // 2}") for i in range(W)),
        machine=v.astype(np.intp), workload=w.astype(np.intp), elapsed_s=t, outcome=np.isnan(t).astype(np.int8),
        counters=np.zeros((t.size, counters)), counter_names=tuple(f"c{i}" for i in range(counters)),
        features=np.column_stack([np.arange(V), np.arange(V)]).astype(float), feature_names=("log vcpus", "log memory"),
    )  # fmt: skip


@st.composite
def benchmarks(draw):
    """Draw a small benchmark."""
    W, V = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    row = st.tuples(st.integers(0, W - 1), st.integers(0, V - 1), st.none() | st.floats(0.01, 1e4))
    return benchmark_of(draw(st.lists(row, max_size=30)), W, V)
