"""What the benches of decisions share: lumos with whole groups left out, one run per reference, records with bars."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
import _harness
from _harness import Record, machine
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.evidence import Evidence, gather
from learnsys.machines.decide.rank import Question, answer
from learnsys.machines.decide.select import Fleet

Item, Done = TypeVar("Item"), TypeVar("Done")
ROOT = Path(__file__).parents[2]
RESAMPLES = 2000
SHARED: list[Any] = []


def data_folder() -> Path:
    """Find the shared data, or say that there is none and end."""
    folder = Path(os.environ.get("LEARNSYS_DATA") or ROOT / "../shared/data")
    if not (folder / "lumos_runs.parquet").is_file():
        print(f"skipped: no data at {folder}")
        sys.exit(0)
    return folder


@lru_cache(maxsize=1)
def lumos() -> Benchmark:
    """Read all of lumos, once."""
    from learnsys.machines.offline.lumos import read_lumos

    folder = data_folder()
    return read_lumos(folder / "lumos_runs.parquet", folder / "lumos_machines.parquet")


def on_all_cores(work: Callable[[Item], Done], items: Sequence[Item]) -> list[Done]:
    """Map over processes, as many as there are cores; they inherit the work and its data, only answers are sent."""
    SHARED[:] = [work, items]
    with ProcessPoolExecutor(max(1, min(os.cpu_count() or 1, len(items))), mp_context=get_context("fork")) as pool:
        return list(pool.map(_shared, range(len(items))))


def _shared(i: int) -> Any:
    work, items = SHARED
    return work(items[i])


@dataclass(frozen=True)
class Fold:
    """One group left out, on the machines that all of its workloads ran on."""

    group: str
    whole: Benchmark
    training: Benchmark
    tests: tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """One workload as new: the truth in mean seconds and in dollars of a run, and a second's price on each machine."""

    benchmark: Benchmark
    training: Benchmark
    workload: int
    seconds: np.ndarray
    usd: np.ndarray
    usd_s: np.ndarray

    def run(self, v: int, rng: np.random.Generator) -> int:
        """Pay for a run: the row of one of those that were measured."""
        return int(rng.choice(self.benchmark.of(self.workload, int(v))))

    def spent(self, rows: dict[int, int]) -> float:
        """Dollars of some runs, given as rows by machine."""
        return sum(float(self.benchmark.elapsed_s[row] * self.usd_s[v]) for v, row in rows.items())


def folds(benchmark: Benchmark) -> Iterator[Fold]:
    """Leave each (framework, algorithm) group out."""
    for group in np.unique(benchmark.groups):
        out = benchmark.groups == group
        here = benchmark.only(machines=np.flatnonzero((benchmark.runs[out] > 0).all(axis=0)))
        yield Fold(str(group), here, here.only(workloads=np.flatnonzero(~out)), tuple(np.flatnonzero(out).tolist()))


def cases(fold: Fold) -> Iterator[Case]:
    """Give the workloads of a fold."""
    usd_s = Fleet(fold.whole.catalog.machines).offers()[1] / 3600
    for w in fold.tests:
        seconds = fold.whole.seconds[w]
        yield Case(fold.whole, fold.training, w, seconds, seconds * usd_s, usd_s)


def as_new(case: Case, rows: dict[int, int]) -> Evidence:
    """Make the runs ``rows``, by machine, those of a new job, and look at it as ``rank`` does."""
    b = case.benchmark
    at = {name: i for i, name in enumerate(b.counter_names)}
    runs = tuple(
        Run(
            machine=b.keys[v], outcome="ok", elapsed_s=float(b.elapsed_s[row]), cpu_s=0.0, peak_bytes=0,
            working_set_bytes=0,
            counters={
                name[2:]: (float(b.counters[row, i]), float(b.counters[row, at[f"p|{name[2:]}"]]))
                for name, i in at.items() if name.startswith("m|")
            },
        )
        for v, row in rows.items()
    )  # fmt: skip
    return gather(Fingerprint(name="new", command=(), runs=runs), case.training)


def best(evidence: Evidence, question: Question) -> int:
    """Rank, and take the first."""
    return int(evidence.fitted.outline.index([answer(evidence, question).best.machine])[0])


def bootstrap(
    groups: Sequence[str], values: np.ndarray, rng: np.random.Generator, over: np.ndarray | None = None
) -> tuple[float, float]:
    """Give the 90 % interval of the mean of rows, or of its ratio to the mean of others, resampling whole groups."""
    _, of = np.unique(groups, return_inverse=True)
    sums = [np.bincount(of, rows) for rows in (values, np.ones(len(of)) if over is None else over)]
    drawn = rng.integers(len(sums[0]), size=(RESAMPLES, len(sums[0])))
    above, below = (of_group[drawn].sum(axis=1) for of_group in sums)
    return tuple(np.quantile(above / below, [0.05, 0.95]).tolist())


def options(question: str) -> argparse.Namespace:
    """Read the command line that all benches have."""
    parser = argparse.ArgumentParser(description=question)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    chosen = parser.parse_args()
    print(machine())
    return chosen


def finish(records: list[Record], json_file: Path | None) -> None:
    """Print the records, and finish as every bench does."""
    for r in records:
        bar = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
        against = f" against {r.theirs:.4g} of {r.peer}, ratio {r.ratio:.3f}" if r.peer else ""
        print(f"{r.case}: {r.metric} {r.ours:.4g}{against} [{r.low:.3g}, {r.high:.3g}], n={r.n}{bar}")
    _harness.finish(records, json_file)
