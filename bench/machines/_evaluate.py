"""Lumos with groups left out: what each method errs by, workload by workload.

For each group that is left out, references are chosen among the others' runs, models are fitted to them, and each
workload of the group is then seen through one run on each reference. A method's error on a workload is over the
machines that are not its references: e = predicted / mean of the cell's runs - 1.
"""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
from _peers import Peer, spread

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.forecast import Observed
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


def ours(training: Benchmark, references: np.ndarray, seed: int) -> Callable[[Observed], np.ndarray]:
    """The model as it ships."""
    model = fit(training, references)
    return lambda observed: model.predict(observed).log_s


def left_out(
    benchmark: Benchmark, groups: np.ndarray, k: int, peers: dict[str, Peer], *, seed: int, only: set[str] | None = None
) -> dict[tuple[str, str], Scores]:
    """Score ours and peers, by name and choice of references, each group left out in turn.

    ``only`` keeps some groups. Folds go over the processors.
    """
    names = [g for g in np.unique(groups) if only is None or str(g) in only]
    work = partial(_fold, benchmark, groups, k, peers, seed)
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(names)), mp_context=get_context("fork")) as pool:
        done = list(pool.map(work, names))
    out = {}
    for key in done[0]:
        table = np.full((2, benchmark.shape[0]), np.nan)
        for errors in done:
            for w, e in errors[key].items():
                table[:, w] = 100 * np.sqrt((e**2).mean()), 100 * np.abs(e).mean()
        out[key] = Scores(rrmse=table[0], mape=table[1])
    return out


def _fold(
    benchmark: Benchmark, groups: np.ndarray, k: int, peers: dict[str, Peer], seed: int, group: str
) -> dict[tuple[str, str], dict[int, np.ndarray]]:
    training = benchmark.only(workloads=np.flatnonzero(groups != group))
    chosen = {CHOICES[0]: choose_references(training, k), CHOICES[1]: spread(training, k)}
    out: dict[tuple[str, str], dict[int, np.ndarray]] = {}
    for choice, references in chosen.items():
        methods = {OURS: ours, **peers} if choice == CHOICES[0] else peers
        for name, method in methods.items():
            predict = method(training, references, seed)
            out[name, choice] = {
                int(w): error
                for w in np.flatnonzero(groups == group)
                if (error := _error(benchmark, int(w), references, predict, seed)).size
            }
    return out


def _error(
    benchmark: Benchmark, w: int, references: np.ndarray, predict: Callable[[Observed], np.ndarray], rep: int
) -> np.ndarray:
    truth = benchmark.seconds[w]
    others = np.setdiff1d(np.flatnonzero(np.isfinite(truth)), references)
    if not np.isfinite(truth[references]).all():
        return np.empty(0)
    return np.exp(predict(observe_run(benchmark, w, references, rep))[others]) / truth[others] - 1
