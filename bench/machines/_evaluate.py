"""Lumos with groups left out: what each method errs by, workload by workload.

For each group that is left out, references are chosen among the others' runs, models are fitted to them, and each
workload of the group is then seen through one run on each reference. A method's error on a workload is over the
machines that are not its references: e = predicted / mean of the cell's runs - 1. What the model forecast is kept:
sections that judge the same forecasts by other measures do not fit again.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from _decisions import on_all_cores
from _peers import Peer, spread

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.forecast import Forecast, Observed
from learnsys.machines.models.model import fit
from learnsys.machines.models.observe import observe_run
from learnsys.machines.models.references import choose_references

OURS = "ours"
CHOICES = ("references by least error", "references by size")


@dataclass(frozen=True)
class Scores:
    """Of one method with one choice of references: per workload, NaN where it could not be asked."""

    rrmse: np.ndarray
    mape: np.ndarray


@dataclass(frozen=True)
class Told:
    """A group that was left out: references, and the forecast for each workload that ran on all of them."""

    group: str
    references: np.ndarray
    forecasts: dict[int, Forecast]


KEPT: dict[tuple[str, bytes, int, int], list[Told]] = {}


def foretell(benchmark: Benchmark, groups: np.ndarray, counts: Sequence[int], seed: int) -> dict[int, list[Told]]:
    """Leave each group out in turn, with each number of references, and forecast it with the model as it ships."""
    keys = {k: (benchmark.digest, groups.tobytes(), k, seed) for k in counts}
    missing = [k for k, key in keys.items() if key not in KEPT]
    if missing:
        told = on_all_cores(partial(_foretold, benchmark, groups, missing, seed), np.unique(groups).tolist())
        KEPT.update({keys[k]: list(of) for k, of in zip(missing, zip(*told, strict=True), strict=True)})
    return {k: KEPT[key] for k, key in keys.items()}


def training_fold(benchmark: Benchmark, groups: np.ndarray, group: str) -> Benchmark:
    """All workloads of the other groups."""
    return benchmark.only(workloads=np.flatnonzero(groups != group))


def _foretold(benchmark: Benchmark, groups: np.ndarray, counts: Sequence[int], seed: int, group: str) -> list[Told]:
    training, tests, out = training_fold(benchmark, groups, group), np.flatnonzero(groups == group), []
    for k in counts:
        references = choose_references(training, k)
        model = fit(training, references)
        asked = tests[(benchmark.runs[tests][:, references] > 0).all(axis=1)]
        forecasts = {int(w): model.predict(observe_run(benchmark, int(w), references, seed)) for w in asked}
        out.append(Told(group, references, forecasts))
    return out


def left_out(
    benchmark: Benchmark,
    groups: np.ndarray,
    k: int,
    peers: dict[str, Peer],
    *,
    seed: int,
    by_size: Collection[str] = (),
) -> dict[tuple[str, str], Scores]:
    """Score ours and peers, by name and choice of references, each group left out in turn.

    Peers of ``by_size`` are only given the references by size.
    """
    told = foretell(benchmark, groups, (k,), seed)[k]
    done = on_all_cores(partial(_peers_errors, benchmark, groups, peers, by_size, seed), told)
    ours = {w: _error(benchmark, w, t.references, f.log_s) for t in told for w, f in t.forecasts.items()}
    errors: dict[tuple[str, str], dict[int, np.ndarray]] = {(OURS, CHOICES[0]): ours}
    for fold in done:
        for key, of in fold.items():
            errors.setdefault(key, {}).update(of)
    out = {}
    for key, of in errors.items():
        table = np.full((2, benchmark.shape[0]), np.nan)
        for w, e in of.items():
            table[:, w] = 100 * np.sqrt((e**2).mean()), 100 * np.abs(e).mean()
        out[key] = Scores(rrmse=table[0], mape=table[1])
    return out


def _peers_errors(
    benchmark: Benchmark, groups: np.ndarray, peers: dict[str, Peer], by_size: Collection[str], seed: int, told: Told
) -> dict[tuple[str, str], dict[int, np.ndarray]]:
    training, tests = training_fold(benchmark, groups, told.group), np.flatnonzero(groups == told.group)
    chosen = {CHOICES[0]: told.references, CHOICES[1]: spread(training, told.references.size)}
    out: dict[tuple[str, str], dict[int, np.ndarray]] = {}
    for choice, references in chosen.items():
        asked = tests[(benchmark.runs[tests][:, references] > 0).all(axis=1)].tolist()
        for name, peer in peers.items():
            if choice == CHOICES[0] and name in by_size:
                continue
            predict: Callable[[Observed], np.ndarray] = peer(training, references, seed)
            out[name, choice] = {
                w: _error(benchmark, w, references, predict(observe_run(benchmark, w, references, seed))) for w in asked
            }
    return out


def _error(benchmark: Benchmark, w: int, references: np.ndarray, log_s: np.ndarray) -> np.ndarray:
    truth = benchmark.seconds[w]
    others = np.setdiff1d(np.flatnonzero(np.isfinite(truth)), references)
    return np.exp(log_s[others]) / truth[others] - 1
