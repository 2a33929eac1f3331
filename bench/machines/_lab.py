"""The lab: programs left out, on shapes of one host; then fresh runs, some of programs that no table has.

A program is left out with all its sizes; the references are chosen among the others' shapes, and it is seen through one
run on each. Amdahl's law through the same two runs is the peer. Coverage is a mean over programs of the share of their
other shapes whose time lies inside. "Does not fit" is told from smaller inputs only.
Fresh runs are predicted before they are made (``_fresh``).
"""

from dataclasses import replace

import numpy as np
from _decisions import Record
from _evaluate import OURS, foretell, left_out
from _figures import against, coverage, figure
from _fresh import fresh_figures
from _peers import linear_interpolation, mean_of_references

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.lab.table import load_lab
from learnsys.machines.models.forecast import Observed
from learnsys.machines.models.memory import fit_need, seen_in
from learnsys.machines.models.shapes import fit_surface

QUESTION = "lab"
AMDAHL = "Amdahl"
LEVELS = (0.8, 0.9, 0.95)
TIME_BAR, AMDAHL_BAR, SHAPES_BAR, RECALL_BAR, ALARM_BAR = 12.0, 0.6, 10.0, 95.0, 2.0


def run(quick: bool = True, seed: int = 0) -> list[Record]:
    """Judge the stored table, then fresh runs: a few if quick."""
    lab = load_lab()
    records = programs_left_out(lab, quick, seed) + intervals(lab, seed)
    records += shapes_left_out(lab, seed) + does_not_fit(lab, seed)
    return records + fresh_figures(lab, quick, seed)


def whole_inputs(lab: Benchmark) -> Benchmark:
    """Keep the full input of each program."""
    return lab.only(workloads=[i for i, w in enumerate(lab.workloads) if w.size == 1.0])


def amdahl(training: Benchmark, references: np.ndarray, seed: int):
    """Seconds as f + w / cores, both >= 0, through the references."""
    from scipy.optimize import nnls

    cores = np.array([m.vcpus for m in training.catalog.machines])
    terms = np.column_stack([np.ones_like(cores), 1 / cores])

    def predict(observed: Observed) -> np.ndarray:
        seconds = np.exp(observed.log_s)
        coefficients, _ = nnls(terms[observed.machines] / seconds[:, None], np.ones_like(seconds))
        return np.log(np.maximum(terms @ coefficients, 1e-9))

    return predict


def programs_left_out(lab: Benchmark, quick: bool, seed: int) -> list[Record]:
    """Time on every other shape from one run on each of two."""
    rng, full = np.random.default_rng(seed), whole_inputs(lab)
    peers = {AMDAHL: amdahl} | (
        {} if quick else {"linear interpolation": linear_interpolation, "mean of references": mean_of_references}
    )
    scores = left_out(full, full.groups, 2, peers, seed=seed)
    mine = scores[OURS, "references by least error"].mape
    asked = np.isfinite(mine)
    groups = full.groups[asked].tolist()
    case = "2 references, programs out"
    records = [figure(QUESTION, case, "MAPE %", mine[asked], groups, rng, bar=TIME_BAR)]
    for name in peers:
        theirs = scores[name, "references by least error"].mape
        bar = AMDAHL_BAR if name == AMDAHL else None
        records.append(against(QUESTION, case, "MAPE %", mine[asked], name, theirs[asked], groups, rng, bar=bar))
    return records


def intervals(lab: Benchmark, seed: int) -> list[Record]:
    """How often intervals hold the time on another shape, and how wide they are."""
    full, rng = whole_inputs(lab), np.random.default_rng(seed)
    inside, widths, groups = [], [], []
    folds = foretell(full, full.groups, (2,), seed)[2]
    for out, w in [(fold, w) for fold in folds for w in fold.forecasts]:
        forecast, truth = out.forecasts[w], full.seconds[w]
        others = np.setdiff1d(np.flatnonzero(np.isfinite(truth)), out.references)
        ends = [[end[others] for end in forecast.interval(level)] for level in LEVELS]
        inside.append([100 * ((low <= truth[others]) & (truth[others] <= high)).mean() for low, high in ends])
        low, high = ends[LEVELS.index(0.9)]
        widths.append(100 * ((high - low) / 2 / forecast.quantile(0.5)[others]).mean())
        groups.append(out.group)
    case, shares = "2 references, programs out", np.array(inside)
    records = [coverage(QUESTION, case, level, shares[:, i], groups, rng) for i, level in enumerate(LEVELS)]
    return [*records, figure(QUESTION, case, "half-width at 90 %, %", np.array(widths), groups, rng)]


def shapes_left_out(lab: Benchmark, seed: int) -> list[Record]:
    """Each measured shape of each program from its other shapes: what a shape that nobody measured costs."""
    full = whole_inputs(lab)
    cpu = np.array([m.vcpus for m in full.catalog.machines])
    memory = np.array([m.memory_bytes for m in full.catalog.machines], float)
    errors = np.full(full.shape[0], np.nan)
    for i, seconds in enumerate(full.seconds):
        found = []
        for v in np.flatnonzero(np.isfinite(seconds)):
            others = np.where(np.arange(seconds.size) == v, np.nan, seconds)
            found.append(abs(fit_surface(cpu, memory, others).seconds(cpu[v], memory[v]) / seconds[v] - 1))
        errors[i] = 100 * np.mean(found)
    rng = np.random.default_rng(seed)
    return [figure(QUESTION, "divisible shapes held out", "MAPE %", errors, full.groups.tolist(), rng, bar=SHAPES_BAR)]


def does_not_fit(lab: Benchmark, seed: int) -> list[Record]:
    """Out of memory or not, in every measured cell of a larger input, from the smaller ones."""
    memory, records = np.array([m.memory_bytes for m in lab.catalog.machines], float), []
    for case, sizes, bars in (
        ("from 1/8, 1/4 and 1/2", (0.125, 0.25, 0.5), True),
        ("from 1/8 and 1/4", (0.125, 0.25), False),
    ):
        flagged: dict[bool, list[tuple[str, float]]] = {True: [], False: []}
        for i, w in enumerate(lab.workloads):
            if w.size != 1.0:
                continue
            smaller = [j for j, s in enumerate(lab.workloads) if s.group == w.group and s.size in sizes]
            doubt = fit_need(seen_in(lab, smaller)).p_fits(1.0, memory) < 0.5
            for v in np.flatnonzero(lab.oom[i] | (lab.runs[i] > 0)):
                flagged[bool(lab.oom[i, v])].append((w.group, 100.0 * doubt[v]))
        recall, alarm = (RECALL_BAR, ALARM_BAR) if bars else (None, None)
        told = f"does not fit, {case}"
        records.append(_share(told, "out-of-memory cells flagged, %", flagged[True], recall, seed))
        records.append(_share(told, "false alarms, %", flagged[False], alarm, seed))
    return records


def _share(case: str, metric: str, flags: list[tuple[str, float]], bar: float | None, seed: int) -> Record:
    groups, values = [g for g, _ in flags], np.array([x for _, x in flags])
    record = figure(QUESTION, case, metric, values, groups, np.random.default_rng(seed), bar=bar)
    if bar is None or not metric.startswith("out"):
        return record
    return replace(record, better="higher", holds=record.ours >= bar)
