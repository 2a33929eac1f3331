"""Do intervals hold, and how wide are they? Lumos, whole (framework, algorithm) groups left out, one run per reference.

A machine's truth is the mean of its cell's runs. Coverage is a mean over workloads of the share of their machines whose
truth lies inside; nominal levels must lie inside its bootstrapped interval over groups. The 90th percentile is that of
cells with at least three runs; peers are the paper's forest for it and the predicted mean x 1.03.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
from _decisions import Record, bootstrap, lumos
from _figures import against, figure
from _forest import ParisForest

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.model import fit
from learnsys.machines.models.observe import observe_run
from learnsys.machines.models.references import choose_references

QUESTION = "coverage"
LEVELS = (0.8, 0.9, 0.95)
COUNTS = {True: (2, 4), False: (2, 3, 4)}
HALF_WIDTH_BARS = {2: 21.0, 4: 15.0}
P90_BAR, P90_REFERENCES = 11.0, 2
FLOOR, BADLY_COVERED_BAR = 0.7, 10.0
FLAT = np.log(1.03)


@dataclass(frozen=True)
class Seen:
    """One workload as new: shares of truths inside, mean half-width, and squared errors of the 90th percentile."""

    workload: int
    inside: tuple[float, ...]
    half_width: float
    bound: float
    p90: tuple[float, float, float]


def run(quick: bool = True, seed: int = 0) -> list[Record]:
    """Check intervals with two and four references, in full also with three."""
    benchmark, records = lumos(), []
    for k in COUNTS[quick]:
        names = np.unique(benchmark.groups)
        with ProcessPoolExecutor(min(os.cpu_count() or 1, names.size), mp_context=get_context("fork")) as pool:
            seen = [s for fold in pool.map(partial(_fold, benchmark, k, seed), names) for s in fold]
        records += _records(k, seen, [str(benchmark.groups[s.workload]) for s in seen], np.random.default_rng(seed))
    return records


def _fold(benchmark: Benchmark, k: int, seed: int, group: str) -> list[Seen]:
    training = benchmark.only(workloads=np.flatnonzero(benchmark.groups != group))
    references = choose_references(training, k)
    model = fit(training, references)
    forest = ParisForest(training, references, "p90", seed=seed) if k == P90_REFERENCES else None
    out = []
    for w in np.flatnonzero(benchmark.groups == group):
        truth, p90 = benchmark.seconds[w], benchmark.p90_s[w]
        if not np.isfinite(truth[references]).all():
            continue
        observed = observe_run(benchmark, int(w), references, seed)
        forecast = model.predict(observed)
        others = np.setdiff1d(np.flatnonzero(np.isfinite(truth)), references)
        ends = [tuple(end[others] for end in forecast.interval(level)) for level in LEVELS]
        low, high = ends[LEVELS.index(0.9)]
        repeated = others[np.isfinite(p90[others])]
        tails = (
            np.exp(forecast.log_p90),
            np.exp(forecast.log_s + FLAT),
            np.full_like(truth, np.nan) if forest is None else forest.seconds(observed),
        )
        out.append(
            Seen(
                workload=int(w),
                inside=tuple(float(((a <= truth[others]) & (truth[others] <= b)).mean()) for a, b in ends),
                half_width=float(((high - low) / 2 / forecast.quantile(0.5)[others]).mean()),
                bound=float((truth[others] <= forecast.quantile(0.9)[others]).mean()),
                p90=tuple(_rrmse(tail[repeated], p90[repeated]) for tail in tails),
            )
        )
    return out


def _rrmse(predicted: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(np.mean((predicted / truth - 1) ** 2))) if truth.size else float("nan")


def _records(k: int, seen: list[Seen], groups: list[str], rng: np.random.Generator) -> list[Record]:
    case, inside = f"{k} references, groups out", 100 * np.array([s.inside for s in seen])
    records = [_nominal(case, level, shares, groups, rng) for level, shares in zip(LEVELS, inside.T, strict=True)]
    bad = 100.0 * (inside[:, LEVELS.index(0.9)] < 100 * FLOOR)
    width = np.array([100 * s.half_width for s in seen])
    records += [
        figure(QUESTION, case, "workloads under 70 % coverage at 90 %, %", bad, groups, rng, bar=BADLY_COVERED_BAR),
        figure(QUESTION, case, "half-width at 90 %, %", width, groups, rng, bar=HALF_WIDTH_BARS.get(k)),
        _nominal(case, 0.9, 100 * np.array([s.bound for s in seen]), groups, rng, "upper bounds"),
    ]
    if k != P90_REFERENCES:
        return records
    p90 = 100 * np.array([s.p90 for s in seen])
    asked = np.isfinite(p90[:, 0])
    ours, flat, forest = p90[asked].T
    groups = [g for g, yes in zip(groups, asked, strict=True) if yes]
    metric = "RRMSE of the 90th percentile, %"
    return [
        *records,
        figure(QUESTION, case, metric, ours, groups, rng, bar=P90_BAR),
        against(QUESTION, case, metric, ours, "mean x 1.03", flat, groups, rng, bar=1.0),
        against(QUESTION, case, metric, ours, "PARIS forest for the 90th percentile", forest, groups, rng),
    ]


def _nominal(
    case: str, level: float, shares: np.ndarray, groups: list[str], rng: np.random.Generator, of: str = "intervals"
) -> Record:
    """Hold where the nominal level lies inside the bootstrapped interval of the measured one; bar is its distance."""
    low, high = bootstrap(groups, lambda i: shares[i].mean(), rng)
    ours, nominal = float(shares.mean()), 100 * level
    return Record(
        question=QUESTION, case=case, metric=f"coverage of {nominal:g} % {of}, %", ours=ours, peer="nominal",
        theirs=nominal, ratio=ours / nominal, better="nearer", bar=None if of != "intervals" else nominal,
        holds=None if of != "intervals" else low <= nominal <= high, n=len(shares), low=low, high=high,
    )  # fmt: skip
