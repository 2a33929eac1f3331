"""How often 95 % intervals of covariances hold the truth: a thousand replications and more, with what makes it hard.

Scenarios of the bench of accuracy: processes with a cusp (in auto-covariances at lag 0), oscillators, gaps, bursts,
noise, two time scales; parameters are drawn from ``--seed``. Bars: 93 to 97 % of all intervals, and at least 90 % of
those of each lag.
"""

import os
import sys
import warnings
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _scenarios import LAGS, Scenario, scenarios
from _turns import Turns
from numpy.typing import NDArray

from _harness import Record
from learnsys import series

QUESTION = "coverage of intervals"
LEVEL, LOW, HIGH, EACH = 0.95, 0.93, 0.97, 0.90
HARD = ("nights", "bursts", "noise", "sparse", "dense", "two time", "cross, skewness 1.5", "auto, skewness 2")
REPS, QUICK = 400, 130


def covered(scenario: Scenario, seed: int, reps: int) -> NDArray[np.float64]:
    """Whether each interval holds the truth, shape (reps, L); NaN where a lag is unknown."""
    rows = []
    for rep in range(reps):
        samples = scenario.sample(seed, rep)
        names = tuple(f"s{d}" for d in scenario.pair)
        result = series.scan(samples).xcov(lags=LAGS, pairs=[names], level=LEVEL).collect()
        low, high = result.low[0] / scenario.unit, result.high[0] / scenario.unit
        inside = (low <= scenario.truth) & (scenario.truth <= high)
        rows.append(np.where(np.isfinite(low), inside, np.nan))
    return np.array(rows)


def record(case: str, rates: NDArray[np.float64], value: float, holds: bool, bar: float) -> Record:
    """One rate; its spread is that over replications, whose lags are not independent."""
    rng = np.random.default_rng(0)
    each = np.nanmean(rates, axis=1)
    low, high = np.quantile(each[rng.integers(0, each.size, (2000, each.size))].mean(axis=1), [0.025, 0.975])
    return Record(
        question=QUESTION, case=case, metric="coverage", better="nominal", peer="nominal", ours=value,
        theirs=LEVEL, ratio=value / LEVEL, bar=bar, holds=holds, n=each.size, low=float(low), high=float(high),
    )  # fmt: skip


def compare(turns: Turns) -> None:
    """Count."""
    warnings.simplefilter("ignore")
    found = {}
    for scenario in scenarios(turns.seed):
        if any(name in scenario.name for name in HARD):
            rates = found[scenario.name] = covered(scenario, turns.seed, QUICK if turns.quick else REPS)
            by_lag = np.nanmean(rates, axis=0)
            print(f"{scenario.name:34s} {np.nanmean(rates):.3f}, lowest lag {np.nanmin(by_lag):.3f} "
                  f"at {LAGS.values[np.nanargmin(by_lag)]:g} s", flush=True)  # fmt: skip
    rates = np.concatenate(list(found.values()))
    by_lag, pooled = np.nanmean(rates, axis=0), float(np.nanmean(rates))
    at = int(np.argmin(by_lag))
    turns.add(record("all intervals", rates, pooled, LOW <= pooled <= HIGH, LOW))
    worst = float(by_lag[at])
    turns.add(record(f"lag of {LAGS.values[at]:g} s, the worst", rates[:, [at]], worst, worst >= EACH, EACH))


if __name__ == "__main__":
    Turns(__file__, QUESTION).main(compare)
