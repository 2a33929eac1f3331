"""How far VAR matrices of irregular, asynchronous series are from the truth: ours against interpolation.

Root mean square error of all entries of A_1 ... A_p over replications of 8 scenarios whose parameters (2 to 6 series,
dt, rates, gaps, noise, span) are drawn from ``--seed``. Peers carry the last value forward, or interpolate linearly, to
grids of dt, dt/2 and dt/4, and fit by least squares or by Yule and Walker's equations, at the best of these settings in
each scenario; all are told the order. Bar: in the geometric mean over scenarios our error is at most 0.7 of that of the
best peer. Coverage is of our nominal 95 % intervals, over all entries.
"""

import os
import sys
import warnings
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _turns import Turns
from _vectors import Scenario, least_squares, on_grid, scenarios, yule_walker

from _harness import Record
from learnsys import series

QUESTION, BAR = "error of VAR matrices", 1 / 0.7
FITS = {"least squares": least_squares, "Yule-Walker": yule_walker}
Errors = dict[str, list[float]]


def errors(scenario: Scenario, seed: int, reps: int, methods: tuple[str, ...]) -> tuple[Errors, list[float]]:
    """Mean squared errors by method, one for each replication; and the shares of entries within our intervals."""
    found: Errors = {}
    covered = []
    for rep in range(reps):
        samples, truth = scenario.sample(seed, rep), scenario.truth
        for method in methods:
            query = series.scan(samples).var(dt=scenario.dt_s, order=scenario.order, method=method)
            made = query.collect()
            found.setdefault(f"ours, {method}", []).append(float(np.mean((made.matrices - truth) ** 2)))
            if method == methods[0]:
                covered.append(float(np.mean((made.low <= truth) & (truth <= made.high))))
        for fill in ("previous tick", "linear"):
            for stride in (1, 2, 4):
                y = on_grid(samples, np.arange(0, scenario.span_s, scenario.dt_s / stride), fill)
                for name, fit in FITS.items():
                    error = float(np.mean((fit(y, scenario.order, stride) - truth) ** 2))
                    found.setdefault(f"{fill}, dt/{stride}, {name}", []).append(error)
    return found, covered


def best_peer(found: Errors) -> str:
    """The best setting of all peers."""
    return min((k for k in found if not k.startswith("ours")), key=lambda k: np.mean(found[k]))


def compare(turns: Turns) -> None:
    """Run all scenarios and judge."""
    warnings.simplefilter("ignore")
    methods = ("auto",) if turns.quick else ("auto", "whittle")
    everything, covered = {}, []
    for scenario in scenarios(turns.seed):
        found, inside = errors(scenario, turns.seed, 2 if turns.quick else 10, methods)
        everything[scenario.name] = found
        covered += inside
        shown = [*(f"ours, {m}" for m in methods), best_peer(found)]
        print(f"{scenario.name:45s}" + "  ".join(f"{k}: {np.sqrt(np.mean(found[k])):.4f}" for k in shown), flush=True)
    for method in methods:
        turns.records += judged(everything, f"ours, {method}", BAR if method == methods[0] else None)
    turns.add(coverage(covered))


def judged(everything: dict[str, Errors], ours: str, bar: float | None) -> list[Record]:
    """Compare with the best peer of each scenario, and in the geometric mean over all."""
    rows = []
    for case, found in everything.items():
        peer = best_peer(found)
        rows.append(_record(f"{ours}: {case}", peer, np.array(found[ours])[None], np.array(found[peer])[None], None))
    mine = np.array([found[ours] for found in everything.values()])
    theirs = np.array([found[best_peer(found)] for found in everything.values()])
    return [*rows, _record(f"{ours}: all scenarios", "best interpolation", mine, theirs, bar)]


def _record(case: str, peer: str, mine: np.ndarray, theirs: np.ndarray, bar: float | None) -> Record:
    """Ratios of root mean squares, geometric mean over rows; the spread is that of drawing replications again."""
    rng = np.random.default_rng(0)
    pick = rng.integers(0, mine.shape[1], (2000, mine.shape[1]))
    drawn = np.exp(np.mean(np.log(theirs[:, pick].mean(axis=2) / mine[:, pick].mean(axis=2)) / 2, axis=0))
    ours, other = (float(np.exp(np.mean(np.log(v.mean(axis=1)) / 2))) for v in (mine, theirs))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Record(
        question=QUESTION, case=case, metric="rmse", better="lower", peer=peer, ours=ours, theirs=other,
        ratio=other / ours, bar=bar, holds=None if bar is None else bool(other / ours >= bar), n=mine.size,
        low=float(low), high=float(high),
    )  # fmt: skip


def coverage(covered: list[float]) -> Record:
    """How often the intervals hold the truth."""
    rng = np.random.default_rng(0)
    values = np.array(covered)
    low, high = np.quantile(values[rng.integers(0, values.size, (2000, values.size))].mean(axis=1), [0.025, 0.975])
    return Record(
        question=QUESTION, case="coverage of 95 % intervals", metric="share", better="higher",
        peer="nominal", ours=float(values.mean()), theirs=0.95, ratio=float(values.mean() / 0.95), bar=None, holds=None,
        n=values.size, low=float(low / 0.95), high=float(high / 0.95),
    )  # fmt: skip


if __name__ == "__main__":
    Turns(__file__, QUESTION).main(compare)
