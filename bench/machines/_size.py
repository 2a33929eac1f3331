"""The large run from two small ones: lumos, ``huge`` from ``tiny`` + ``small``, whole groups left out.

On every machine with all three: one run of each small size gives the mean of the huge cell. Ernest draws its line, by
non-negative least squares on (1, s / n, log n, n), through the same two runs. An error is the mean over machines of
|predicted / true - 1|; a group counts once. A few of Ernest's lines are steep beyond measure, so |log error| is
compared too. Then the fingerprint as it is used: both small sizes on two references only, huge on all other machines.
"""

from dataclasses import astuple, dataclass
from functools import partial

import numpy as np
from _decisions import Record, lumos, on_all_cores
from _figures import against, figure
from scipy.optimize import nnls

from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.cells import first_runs
from learnsys.machines.models.model import fit
from learnsys.machines.models.references import choose_references
from learnsys.machines.models.size import fit_growth, observe_at_size, widened

QUESTION = "size"
SIZES = ("tiny", "small", "huge")
BAR = 0.7
REFERENCES = 2
MACHINES = 1  # n of Ernest: each machine is a cluster of one


def ernest(sizes: tuple[float, float], seconds: np.ndarray, size: float) -> float:
    """Extrapolate two runs, shape (2,)."""
    terms = np.array([_terms(s / size) for s in sizes])
    c, _ = nnls(terms / seconds[:, None], np.ones(2))
    return float(_terms(1.0) @ c)


def _terms(share: float) -> np.ndarray:
    return np.array([1.0, share / MACHINES, np.log(MACHINES), MACHINES])


@dataclass(frozen=True)
class Grown:
    """Errors on a group: ours, Ernest's, the small run as it is; two of them as |log error|; ours from references."""

    ours: float
    line: float
    flat: float
    log: float
    line_log: float
    from_references: float
    inside: float


def run(quick: bool = True, seed: int = 0) -> list[Record]:
    """Compare with Ernest on each machine, then from two references."""
    benchmark, rng = lumos(), np.random.default_rng(seed)
    names = {w.name: i for i, w in enumerate(benchmark.workloads)}
    all_sizes = {
        str(group): tuple(names[f"{group}/{size}"] for size in SIZES)
        for group in np.unique(benchmark.groups)
        if all(f"{group}/{size}" in names for size in SIZES)
    }
    groups = list(all_sizes)
    grown = on_all_cores(partial(_grown, benchmark, seed), list(all_sizes.values()))
    mape, line, flat, log, line_log, wide, inside = np.array([astuple(g) for g in grown]).T
    case = "huge from tiny + small on the same machine, groups out"
    return [
        figure(QUESTION, case, "MAPE %", mape, groups, rng),
        against(QUESTION, case, "MAPE %", mape, "Ernest", line, groups, rng, bar=BAR),
        against(QUESTION, case, "|log error|", log, "Ernest", line_log, groups, rng, bar=BAR),
        against(QUESTION, case, "MAPE %", mape, "as long as small", flat, groups, rng),
        figure(QUESTION, f"huge on all machines from tiny + small on {REFERENCES} references", "MAPE %", wide,
               groups, rng),
        figure(QUESTION, f"huge on all machines from tiny + small on {REFERENCES} references",
               "coverage of 90 % intervals, %", inside, groups, rng),
    ]  # fmt: skip


def _grown(benchmark: Benchmark, seed: int, workloads: tuple[int, int, int]) -> Grown:
    a, b, c = workloads
    sizes, size = (_size(benchmark, a), _size(benchmark, b)), _size(benchmark, c)
    training = benchmark.only(workloads=np.flatnonzero(benchmark.groups != benchmark.groups[c]))
    log_s, truth = first_runs(benchmark)[0][[a, b]], benchmark.seconds[c]
    known = np.flatnonzero(np.isfinite(log_s.sum(axis=0) + truth))
    ours = np.exp(log_s[1, known] + fit_growth(training).log_ratio(sizes, log_s[:, known], size))
    theirs = np.array([ernest(sizes, np.exp(log_s[:, v]), size) for v in known])
    error, share = _from_references(benchmark, training, workloads, seed)
    return Grown(
        ours=_mape(ours, truth[known]), line=_mape(theirs, truth[known]),
        flat=_mape(np.exp(log_s[1, known]), truth[known]),
        log=float(np.abs(np.log(ours / truth[known])).mean()),
        line_log=float(np.abs(np.log(theirs / truth[known])).mean()),
        from_references=error, inside=share,
    )  # fmt: skip


def _from_references(
    benchmark: Benchmark, training: Benchmark, workloads: tuple[int, int, int], seed: int
) -> tuple[float, float]:
    """Error on the machines that are not references, and the share of them inside the 90 % interval."""
    ran = np.flatnonzero((benchmark.runs[list(workloads[:2])] > 0).all(axis=0))
    references = choose_references(training, REFERENCES, allowed=ran)
    runs = tuple(_run(benchmark, w, int(v), seed) for w in workloads[:2] for v in references)
    size = _size(benchmark, workloads[2])
    observed, log_sd = observe_at_size(training, Fingerprint(name="new", command=(), runs=runs), size)
    forecast, truth = (
        widened(fit(training, observed.machines).predict(observed), log_sd),
        benchmark.seconds[workloads[2]],
    )
    others = np.setdiff1d(np.flatnonzero(np.isfinite(truth)), references)
    low, high = (end[others] for end in forecast.interval(0.9))
    inside = (low <= truth[others]) & (truth[others] <= high)
    return _mape(np.exp(forecast.log_s[others]), truth[others]), 100 * float(inside.mean())


def _run(benchmark: Benchmark, workload: int, machine: int, rep: int) -> Run:
    rows = benchmark.of(workload, machine)
    row = rows[rep % rows.size]
    at = {name: i for i, name in enumerate(benchmark.counter_names)}
    return Run(
        machine=benchmark.keys[machine], outcome="ok", elapsed_s=float(benchmark.elapsed_s[row]), cpu_s=0.0,
        peak_bytes=0, working_set_bytes=0, size=_size(benchmark, workload),
        counters={
            name[2:]: (float(benchmark.counters[row, i]), float(benchmark.counters[row, at[f"p|{name[2:]}"]]))
            for name, i in at.items() if name.startswith("m|")
        },
    )  # fmt: skip


def _size(benchmark: Benchmark, workload: int) -> float:
    return benchmark.workloads[workload].size or float("nan")


def _mape(predicted: np.ndarray, truth: np.ndarray) -> float:
    return 100 * float(np.abs(predicted / truth - 1).mean())
