"""Spare Cores with whole suites left out: all priced servers, two and four references.

A configuration of the suite that was left out is a new workload, run once on each reference. References are chosen in
the training fold, among servers on which that suite was run; a configuration that is missing on one of them cannot be
asked for. Its error is the mean over the other servers that ran it. The headline is the mean over configurations. A
suite has 1 to 168 of them, all alike: so the mean over suites is shown too, and the bootstrap is over suites. For
comparison, how well effects of processor and cores explain each configuration that is known on *all* servers.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from _decisions import Record, on_all_cores
from _family import sparecores
from _figures import against, coverage, figure

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.forecast import Observed
from learnsys.machines.models.model import fit
from learnsys.machines.models.references import choose_references

QUESTION = "leave-suite-out"
BARS = {2: 22.0, 4: 19.0}
SHARE_OF_FOREST = 0.8
LEVELS = (0.8, 0.9, 0.95)
FEWEST_SERVERS = 30  # that a configuration must have been run on to be learned from
COVERED = 0.9  # of the most configurations of the suite that any server ran: what a reference must have run
CANDIDATES = 90
FOREST_ROWS = {True: 12_000, False: 60_000}

Fitted = Callable[[Observed], np.ndarray]


def runnable(benchmark: Benchmark, tests: np.ndarray) -> np.ndarray:
    """Servers on which the suite was run."""
    share = (benchmark.runs[tests] > 0).mean(axis=0)
    return np.flatnonzero(share >= COVERED * share.max())


def forest(training: Benchmark, references: np.ndarray, rows: int, seed: int) -> Fitted:
    """The paper's recipe: one random forest on the fingerprint and the target's configuration."""
    from sklearn.ensemble import RandomForestRegressor

    log_s = np.log(training.seconds)
    usable = np.flatnonzero(np.isfinite(log_s[:, references]).all(axis=1))
    machines = np.nan_to_num(training.features)
    w, v = np.nonzero(np.isfinite(log_s[usable]))
    some = np.random.default_rng(seed).permutation(w.size)[:rows]
    w, v = usable[w[some]], v[some]
    ratios = log_s[:, references[1:]] - log_s[:, references[:1]]
    model = RandomForestRegressor(60, max_features=0.33, min_samples_leaf=2, random_state=seed)
    model.fit(np.column_stack([ratios[w], machines[v]]), log_s[w, v] - log_s[w, references[0]])

    def predict(observed: Observed) -> np.ndarray:
        job = np.broadcast_to(observed.log_s[1:] - observed.log_s[0], (len(machines), len(references) - 1))
        return model.predict(np.column_stack([job, machines])) + observed.log_s[0]

    return predict


def nearest(training: Benchmark, references: np.ndarray, k: int = 5) -> Fitted:
    """The mean of the five workloads whose times on the references have the most similar shape."""
    log_s = np.log(training.seconds)
    usable = np.isfinite(log_s[:, references]).all(axis=1)
    centred = (log_s - log_s[:, references].mean(axis=1, keepdims=True))[usable]

    def predict(observed: Observed) -> np.ndarray:
        shape = observed.log_s - observed.log_s.mean()
        order = np.argsort(((centred[:, references] - shape) ** 2).sum(axis=1), kind="stable")
        close = centred[order[: 4 * k]]
        known = np.isfinite(close)
        first = known & (np.cumsum(known, axis=0) <= k)
        total = np.where(first, close, 0).sum(axis=0) / np.maximum(first.sum(axis=0), 1)
        return total + observed.log_s.mean()

    return predict


def cores_scaled(training: Benchmark, references: np.ndarray) -> Fitted:
    """Time falls as cores rise, by the power that the references show."""
    cores = np.log([m.vcpus for m in training.catalog.machines])

    def predict(observed: Observed) -> np.ndarray:
        x = cores[references] - cores[references].mean()
        slope = (x @ observed.log_s) / max(x @ x, 1e-9)
        return observed.log_s.mean() + slope * (cores - cores[references].mean())

    return predict


def run(quick: bool = True, seed: int = 0) -> list[Record]:
    """Compare with two and with four references."""
    benchmark, rng = sparecores(priced=True), np.random.default_rng(seed)
    suites = np.unique(benchmark.groups).tolist()
    folds = on_all_cores(partial(_fold, benchmark, quick, seed), suites)
    case, errors = "known on all servers, in sample: effects of processor and cores", explained(benchmark)
    asked = np.isfinite(errors)
    records = [figure(QUESTION, case, "MAPE %", errors[asked], benchmark.groups[asked].tolist(), rng)]
    for k in BARS:
        seen = [s for fold in folds for s in fold[k]]
        mape = {name: np.array([s.mape[name] for s in seen]) for name in seen[0].mape}
        shares, wide = 100 * np.array([s.inside for s in seen]), np.array([s.wide for s in seen])
        records += _records(k, mape, shares, [s.suite for s in seen], wide, np.random.default_rng(seed))
    return records


def explained(benchmark: Benchmark) -> np.ndarray:
    """Errors in sample of each configuration, after effects of processor and cores were fitted to all its servers."""
    machines = benchmark.catalog.machines
    labels = [np.array([m.cpu or m.family or m.key for m in machines]), np.array([str(m.vcpus) for m in machines])]
    effects = np.column_stack([of[:, None] == np.unique(of) for of in labels]).astype(float)
    out = []
    for seconds in benchmark.seconds:
        known = np.isfinite(seconds)
        if known.sum() < FEWEST_SERVERS:
            out.append(np.nan)
            continue
        y, X = np.log(seconds[known]), effects[known]
        out.append(100 * np.abs(np.exp(X @ np.linalg.lstsq(X, y, rcond=None)[0] - y) - 1).mean())
    return np.array(out)


@dataclass(frozen=True)
class Seen:
    """One configuration as new: errors in per cent, shares of truths inside, whether half of the servers ran it."""

    suite: str
    mape: dict[str, float]
    inside: tuple[float, ...]
    wide: bool


def _fold(benchmark: Benchmark, quick: bool, seed: int, suite: str) -> dict[int, list[Seen]]:
    suites = benchmark.groups
    tests = np.flatnonzero(suites == suite)
    learned = np.flatnonzero((suites != suite) & ((benchmark.runs > 0).sum(axis=1) >= FEWEST_SERVERS))
    training = benchmark.only(workloads=learned)
    return {k: _seen(benchmark, training, tests, k, quick, seed) for k in BARS}


def _seen(benchmark: Benchmark, training: Benchmark, tests: np.ndarray, k: int, quick: bool, seed: int) -> list[Seen]:
    log_s, rng, suite = np.log(benchmark.seconds), np.random.default_rng((seed, k)), str(benchmark.groups[tests[0]])
    pool = runnable(benchmark, tests)
    pool = np.sort(rng.choice(pool, min(CANDIDATES, pool.size), replace=False))
    began = time.perf_counter()
    references = choose_references(training, k, allowed=pool)
    model = fit(training, references)
    peers = {
        "PARIS forest": forest(training, references, FOREST_ROWS[quick], seed),
        "5 nearest workloads": nearest(training, references),
        "cores-scaled": cores_scaled(training, references),
    }
    keys = ", ".join(benchmark.keys[v] for v in references)
    print(f"{suite}, {k} references: {keys} ({time.perf_counter() - began:.0f} s)", flush=True)
    seen = []
    for w in tests[np.isfinite(log_s[tests][:, references]).all(axis=1)]:
        others = np.setdiff1d(np.flatnonzero(np.isfinite(log_s[w])), references)
        if not others.size:
            continue
        observed = Observed(
            machines=references, log_s=log_s[w, references], runs=np.ones(k, np.intp), counters=np.empty((k, 0))
        )
        forecast, truth = model.predict(observed), np.exp(log_s[w, others])
        answers = {"ours": forecast.log_s} | {name: peer(observed) for name, peer in peers.items()}
        ends = [forecast.interval(level) for level in LEVELS]
        seen.append(
            Seen(
                suite=suite,
                mape={n: float(100 * np.abs(np.exp(a[others]) / truth - 1).mean()) for n, a in answers.items()},
                inside=tuple(float(((a[others] <= truth) & (truth <= z[others])).mean()) for a, z in ends),
                wide=others.size >= log_s.shape[1] / 2,
            )
        )
    return seen


def _records(
    k: int,
    mape: dict[str, np.ndarray],
    shares: np.ndarray,
    groups: list[str],
    wide: np.ndarray,
    rng: np.random.Generator,
) -> list[Record]:
    ours, n = mape["ours"], len(groups)
    case = f"{k} references, {n} configurations"
    bars = {"PARIS forest": SHARE_OF_FOREST}
    names, of = np.unique(groups, return_inverse=True)
    by_suite = {name: np.bincount(of, e) / np.bincount(of) for name, e in mape.items()}
    suites, covered = (
        f"{k} references, mean over {len(names)} suites",
        [g for g, w in zip(groups, wide, strict=True) if w],
    )
    return [
        figure(QUESTION, case, "MAPE %", ours, groups, rng, bar=BARS[k]),
        *(
            against(QUESTION, case, "MAPE %", ours, name, e, groups, rng, bar=bars.get(name))
            for name, e in mape.items()
            if name != "ours"
        ),
        figure(QUESTION, suites, "MAPE %", by_suite["ours"], names.tolist(), rng),
        against(
            QUESTION, suites, "MAPE %", by_suite["ours"], "PARIS forest", by_suite["PARIS forest"], names.tolist(), rng
        ),
        figure(QUESTION, f"{case} run on half of the servers", "MAPE %", ours[wide], covered, rng),
        *(coverage(QUESTION, case, level, shares[:, i], groups, rng) for i, level in enumerate(LEVELS)),
    ]
