"""The large run from two small ones: lumos, ``huge`` from ``tiny`` + ``small``, whole groups left out.

On every machine with all three: one run of each small size gives the mean of the huge cell. Ernest draws its line, by
non-negative least squares on (1, s / n, log n, n), through the same two runs. An error is the mean over machines of
|predicted / true - 1|; a group counts once. A few of Ernest's lines are steep beyond measure, so |log error| is
compared too. Then the fingerprint as it is used: both small sizes on two references only, huge on all other machines.
"""

import numpy as np
from _decisions import Record, lumos
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


def run(quick: bool = True, seed: int = 0) -> list[Record]:
    """Compare with Ernest on each machine, then from two references."""
    benchmark, rng = lumos(), np.random.default_rng(seed)
    names = {w.name: i for i, w in enumerate(benchmark.workloads)}
    first, groups = first_runs(benchmark)[0], []
    alone, line, flat, logs, line_logs, wide, inside = ([] for _ in range(7))
    for group in np.unique(benchmark.groups):
        if not all(f"{group}/{size}" in names for size in SIZES):
            continue
        a, b, c = (names[f"{group}/{size}"] for size in SIZES)
        sizes, size = (_size(benchmark, a), _size(benchmark, b)), _size(benchmark, c)
        training = benchmark.only(workloads=np.flatnonzero(benchmark.groups != group))
        log_s, truth = first[[a, b]], benchmark.seconds[c]
        known = np.flatnonzero(np.isfinite(log_s.sum(axis=0) + truth))
        ratio = fit_growth(training).log_ratio(sizes, log_s[:, known], size)
        groups.append(str(group))
        ours = np.exp(log_s[1, known] + ratio)
        theirs = np.array([ernest(sizes, np.exp(log_s[:, v]), size) for v in known])
        alone.append(_mape(ours, truth[known]))
        line.append(_mape(theirs, truth[known]))
        logs.append(float(np.abs(np.log(ours / truth[known])).mean()))
        line_logs.append(float(np.abs(np.log(theirs / truth[known])).mean()))
        flat.append(_mape(np.exp(log_s[1, known]), truth[known]))
        error, share = _from_references(benchmark, training, (a, b, c), seed)
        wide.append(error)
        inside.append(share)
    case = "huge from tiny + small on the same machine, groups out"
    mape = np.array(alone)
    return [
        figure(QUESTION, case, "MAPE %", mape, groups, rng),
        against(QUESTION, case, "MAPE %", mape, "Ernest", np.array(line), groups, rng, bar=BAR),
        against(QUESTION, case, "|log error|", np.array(logs), "Ernest", np.array(line_logs), groups, rng, bar=BAR),
        against(QUESTION, case, "MAPE %", mape, "as long as small", np.array(flat), groups, rng),
        figure(QUESTION, f"huge on all machines from tiny + small on {REFERENCES} references", "MAPE %", np.array(wide),
               groups, rng),
        figure(QUESTION, f"huge on all machines from tiny + small on {REFERENCES} references",
               "coverage of 90 % intervals, %", np.array(inside), groups, rng),
    ]  # fmt: skip


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
