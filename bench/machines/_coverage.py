"""Do intervals hold, and how wide are they? Lumos, whole (framework, algorithm) groups left out, one run per reference.

A machine's truth is the mean of its cell's runs. Coverage is a mean over workloads of the share of their machines whose
truth lies inside; nominal levels must lie inside its bootstrapped interval over groups. The 90th percentile is that of
cells with at least three runs; peers are the paper's forest for it and the predicted mean x 1.03.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from _decisions import Record, bootstrap, lumos, on_all_cores
from _evaluate import Told, foretell, training_fold
from _figures import against, figure
from _forest import ParisForest

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.forecast import Forecast
from learnsys.machines.models.observe import observe_run

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
    """Check intervals with two and four references, in full also with three and against the forest's percentile."""
    benchmark, records = lumos(), []
    told = foretell(benchmark, benchmark.groups, COUNTS[quick], seed)
    forests = [] if quick else on_all_cores(partial(_forest_p90, benchmark, seed), told[P90_REFERENCES])
    p90 = {w: seconds for fold in forests for w, seconds in fold.items()}
    for k, folds in told.items():
        forest = p90 if k == P90_REFERENCES else {}
        seen = [_seen(benchmark, w, t.references, f, forest.get(w)) for t in folds for w, f in t.forecasts.items()]
        records += _records(k, seen, [str(benchmark.groups[s.workload]) for s in seen], np.random.default_rng(seed))
    return records


def _forest_p90(benchmark: Benchmark, seed: int, told: Told) -> dict[int, np.ndarray]:
    """The paper's 90th percentiles of the workloads of a group that was left out."""
    references = told.references
    forest = ParisForest(training_fold(benchmark, benchmark.groups, told.group), references, "p90", seed=seed)
    return {w: forest.seconds(observe_run(benchmark, w, references, seed)) for w in told.forecasts}


def _seen(benchmark: Benchmark, w: int, references: np.ndarray, forecast: Forecast, forest: np.ndarray | None) -> Seen:
    truth, p90 = benchmark.seconds[w], benchmark.p90_s[w]
    others = np.setdiff1d(np.flatnonzero(np.isfinite(truth)), references)
    ends = [tuple(end[others] for end in forecast.interval(level)) for level in LEVELS]
    low, high = ends[LEVELS.index(0.9)]
    repeated = others[np.isfinite(p90[others])]
    tails = (
        np.exp(forecast.log_p90),
        np.exp(forecast.log_s + FLAT),
        np.full_like(truth, np.nan) if forest is None else forest,
    )
    return Seen(
        workload=w,
        inside=tuple(float(((a <= truth[others]) & (truth[others] <= b)).mean()) for a, b in ends),
        half_width=float(((high - low) / 2 / forecast.quantile(0.5)[others]).mean()),
        bound=float((truth[others] <= forecast.quantile(0.9)[others]).mean()),
        p90=tuple(_rrmse(tail[repeated], p90[repeated]) for tail in tails),
    )


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
    records += [
        figure(QUESTION, case, metric, ours, groups, rng, bar=P90_BAR),
        against(QUESTION, case, metric, ours, "mean x 1.03", flat, groups, rng, bar=1.0),
    ]
    if np.isfinite(forest).all():
        records.append(
            against(QUESTION, case, metric, ours, "PARIS forest for the 90th percentile", forest, groups, rng)
        )
    return records


def _nominal(
    case: str, level: float, shares: np.ndarray, groups: list[str], rng: np.random.Generator, of: str = "intervals"
) -> Record:
    """Hold where the nominal level lies inside the bootstrapped interval of the measured one; bar is its distance."""
    low, high = bootstrap(groups, shares, rng)
    ours, nominal = float(shares.mean()), 100 * level
    return Record(
        question=QUESTION, case=case, metric=f"coverage of {nominal:g} % {of}, %", ours=ours, peer="nominal",
        theirs=nominal, ratio=ours / nominal, better="nearer", bar=None if of != "intervals" else nominal,
        holds=None if of != "intervals" else low <= nominal <= high, n=len(shares), low=low, high=high,
    )  # fmt: skip
