"""A small cloud whose truth is known, time = work / cores^a with faster and slower vendors, and jobs measured on it."""

from datetime import date

import numpy as np

from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.machine import Catalog, Machine, Price
from learnsys.machines.benchmark import Benchmark, Workload

DAY = date(2026, 1, 1)
KINDS = [(v, n, g) for v in ("ash", "birch") for n in (1, 2, 4, 8) for g in (2, 4)]
GIB = 2**30


def price(region, usd_hour):
    return Price(region=region, usd_hour=usd_hour, kind="on-demand", as_of=DAY, source="made")


def machines(*, priced=True):
    """Sixteen types of two vendors; birch is dearer and faster, and has no price in the south."""
    out = []
    for vendor, cores, per_core in KINDS:
        usd = 0.02 * cores**0.9 * (1 + 0.1 * per_core) * (1.4 if vendor == "birch" else 1.0)
        offers = (price("north", usd), *(() if vendor == "birch" else (price("south", 1.2 * usd),)))
        out.append(
            Machine(
                key=f"{vendor}/c{cores}.{per_core}", vcpus=cores, memory_bytes=cores * per_core * GIB, family=vendor,
                arch="x86" if vendor == "ash" else "arm", prices=offers if priced else (),
            )
        )  # fmt: skip
    return tuple(out)


def speed(rng):
    """Log seconds of a new kind of workload on every machine."""
    a, b, base = rng.uniform(0.1, 1.0), rng.normal(0.25, 0.15), rng.normal(4.0, 1.0)
    return np.array([base - a * np.log(n) - b * (v == "birch") - 0.03 * g for v, n, g in KINDS])


def benchmark(W=24, reps=2, *, priced=True, seed=0, noise=0.02):
    rng = np.random.default_rng(seed)
    catalog = Catalog(machines=machines(priced=priced), source="made", licence="none", as_of=DAY, sha256="")
    V = len(KINDS)
    log_s = np.array([speed(rng) for _ in range(W)])
    w, v, _ = (i.ravel() for i in np.meshgrid(np.arange(W), np.arange(V), np.arange(reps), indexing="ij"))
    elapsed = np.exp(log_s[w, v] + noise * rng.standard_normal(w.size))
    return Benchmark(
        name="made", note="a made cloud", catalog=catalog,
        workloads=tuple(Workload(name=f"w{i}", group=f"g{i // 2}") for i in range(W)),
        machine=v, workload=w, elapsed_s=elapsed, outcome=np.zeros(w.size, np.int8),
        counters=np.column_stack([log_s[w, 0] - log_s[w, 6]]), counter_names=("parallel",),
        features=np.array([[np.log(n), np.log(n * g), v == "birch"] for v, n, g in KINDS], float),
        feature_names=("log vcpus", "log memory", "birch"),
    )  # fmt: skip


def run(machine, seconds=10.0, *, outcome="ok", peak=3 * GIB, rejected=None, cpu_s=9.0, counters=None, size=None):
    return Run(
        machine=machine, outcome=outcome, elapsed_s=seconds if outcome == "ok" else None, cpu_s=cpu_s,
        peak_bytes=peak, working_set_bytes=peak, rejected=rejected, counters=counters or {}, size=size,
    )  # fmt: skip


def job(log_s, keys, *, name="etl", reps=2, **facts):
    """Fingerprint a workload of known log seconds on some machines."""
    at = {m.key: i for i, m in enumerate(machines())}
    facts["counters"] = {"parallel": (log_s[0] - log_s[6], 0.0)}
    runs = tuple(run(k, float(np.exp(log_s[at[k]])), **facts) for k in keys for _ in range(reps))
    return Fingerprint(name=name, command=("python", "etl.py"), runs=runs)
