"""What is known of a new workload: its runs on the references, as the models read them."""

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.forecast import Observed

Indices = NDArray[np.intp]


def observe(benchmark: Benchmark, fingerprint: Fingerprint) -> Observed:
    """Gather a fingerprint's good runs by machine.

    Parameters
    ----------
    benchmark : Benchmark
        Offline runs; its machines and counters name the axes.
    fingerprint : Fingerprint
        Runs of the new workload. Those that failed or were rejected as noisy do not count.

    Returns
    -------
    Observed
        One entry a machine, in the order in which machines were first measured.

    Raises
    ------
    InputError
        If no run ended well.
    UnknownMachine
        If a run's machine has no offline data.
    """
    good: dict[str, list[Run]] = {}
    for run in fingerprint.runs:
        if run.outcome == "ok" and run.rejected is None and run.elapsed_s is not None:
            good.setdefault(run.machine, []).append(run)
    if not good:
        raise InputError(
            f"{fingerprint.name} has no run that ended well",
            next=f"run it again: learnsys machines fingerprint --name {fingerprint.name} -- COMMAND",
        )
    for run in (r for runs in good.values() for r in runs):
        if run.elapsed_s is None or not run.elapsed_s > 0:
            raise InputError(
                f"a run of {fingerprint.name} on {run.machine} took {run.elapsed_s} s; times must be above zero"
            )
    return Observed(
        machines=benchmark.index(list(good)),
        log_s=np.log([np.mean([r.elapsed_s for r in runs if r.elapsed_s]) for runs in good.values()]),
        runs=np.array([len(runs) for runs in good.values()], np.intp),
        counters=np.array([_mean_counters(benchmark.counter_names, runs) for runs in good.values()]).reshape(
            len(good), len(benchmark.counter_names)
        ),
    )


def observe_run(benchmark: Benchmark, workload: int, machines: Indices, rep: int = 0) -> Observed:
    """Pretend that a known workload is new: one of its runs on each of some machines.

    Parameters
    ----------
    benchmark : Benchmark
    workload : int
    machines : ndarray of int, shape (R,)
    rep : int
        Which of each cell's runs, modulo their number.

    Raises
    ------
    InputError
        If a cell has no good run.
    """
    machines = np.asarray(machines, np.intp)
    cells = [benchmark.of(workload, int(v)) for v in machines]
    for v, cell in zip(machines, cells, strict=True):
        if not cell.size:
            raise InputError(f"{benchmark.workloads[workload].name} has no good run on {benchmark.keys[v]}")
    rows = np.array([cell[rep % cell.size] for cell in cells], np.intp)
    return Observed(
        machines=machines,
        log_s=np.log(benchmark.elapsed_s[rows]),
        runs=np.ones(rows.size, np.intp),
        counters=benchmark.counters[rows],
    )


def _mean_counters(names: tuple[str, ...], runs: list[Run]) -> list[float]:
    """Mean of each of the benchmark's counters over runs; NaN where none was measured."""
    values = np.array([[_counter(run, name) for name in names] for run in runs]).reshape(len(runs), len(names))
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0)
    return list(np.divide(total, count, out=np.full(len(names), np.nan), where=count > 0))


def _counter(run: Run, name: str) -> float:
    """One counter of a run: its 90th percentile for a name in ``p|``, else its mean."""
    kind, _, bare = name.rpartition("|")
    if bare in run.counters:
        return run.counters[bare][kind == "p"]
    if bare in ("cpu_s", "peak_bytes", "working_set_bytes"):
        return float(getattr(run, bare))
    return float("nan")
