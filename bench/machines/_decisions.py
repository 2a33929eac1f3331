"""What the benches of decisions share: lumos with whole groups left out, one run per reference, records with bars."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _harness import Record, machine

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.select import Fleet
from learnsys.machines.models.references import choose_references

ROOT = Path(__file__).parents[2]
RESAMPLES = 2000


def data_folder() -> Path:
    """Find the shared data, or say that there is none and end."""
    folder = Path(os.environ.get("LEARNSYS_DATA") or ROOT / "../shared/data")
    if not (folder / "lumos_runs.parquet").is_file():
        print(f"skipped: no data at {folder}")
        sys.exit(0)
    return folder


def lumos() -> Benchmark:
    """Read all of lumos."""
    from learnsys.machines.offline.lumos import read_lumos

    folder = data_folder()
    return read_lumos(folder / "lumos_runs.parquet", folder / "lumos_machines.parquet")


@dataclass(frozen=True)
class Fold:
    """One group left out."""

    group: str
    training: Benchmark
    tests: tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """One workload as new, on machines where the truth is known: mean seconds, and dollars of a run."""

    benchmark: Benchmark
    training: Benchmark
    workload: int
    seconds: np.ndarray
    usd: np.ndarray
    usd_s: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Machines that may be measured and chosen."""
        return np.isfinite(self.usd)

    def run(self, v: int, rng: np.random.Generator) -> float:
        """Pay for a run: the seconds of one of those that were measured."""
        return float(self.benchmark.elapsed_s[rng.choice(self.benchmark.of(self.workload, int(v)))])


def folds(benchmark: Benchmark, *, most: int | None = None, rng: np.random.Generator) -> Iterator[Fold]:
    """Leave each (framework, algorithm) group out, or ``most`` of them drawn by chance."""
    groups = sorted(set(benchmark.groups.tolist()))
    if most is not None and most < len(groups):
        groups = sorted(rng.choice(groups, most, replace=False).tolist())
    for group in groups:
        out = benchmark.groups == group
        yield Fold(group, benchmark.only(workloads=np.flatnonzero(~out)), tuple(np.flatnonzero(out).tolist()))


def cases(benchmark: Benchmark, fold: Fold) -> Iterator[Case]:
    """Give the workloads of a fold."""
    usd_s = Fleet(benchmark.catalog.machines).offers()[1] / 3600
    for w in fold.tests:
        seconds = benchmark.seconds[w]
        yield Case(benchmark, fold.training, w, seconds, seconds * usd_s, usd_s)


def fixed_references(fold: Fold, benchmark: Benchmark, k: int) -> np.ndarray:
    """Choose k references in the training fold, among machines that every workload of the fold ran on."""
    ran = np.flatnonzero((benchmark.runs[list(fold.tests)] > 0).all(axis=0))
    return choose_references(fold.training, k, allowed=ran)


def bootstrap(
    groups: Sequence[str], statistic: Callable[[np.ndarray], float], rng: np.random.Generator
) -> tuple[float, float]:
    """Give the 90 % interval of a statistic of rows, resampling whole groups."""
    names = np.array(groups)
    rows = [np.flatnonzero(names == g) for g in np.unique(names)]
    drawn = [
        statistic(np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))])) for _ in range(RESAMPLES)
    ]
    return tuple(np.quantile(drawn, [0.05, 0.95]).tolist())


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
    """Print and write the records; exit with 1 where a bar was missed."""
    for r in records:
        bar = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
        against = f" against {r.theirs:.4g} of {r.peer}, ratio {r.ratio:.3f}" if r.peer else ""
        print(f"{r.case}: {r.metric} {r.ours:.4g}{against} [{r.low:.3g}, {r.high:.3g}], n={r.n}{bar}")
    if json_file:
        json_file.write_text(json.dumps([asdict(r) for r in records], indent=1) + "\n")
    if any(r.holds is False for r in records):
        sys.exit(1)
