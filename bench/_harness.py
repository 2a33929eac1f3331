"""Fair comparisons: every contender in its own process, at its best setting, in turns with the others.

A script says how data is loaded, what the contenders do and how their answers are judged:

    BENCH = Bench(__file__, question="dense logistic", load=load, judge=objective, contenders=(...))
    if __name__ == "__main__":
        BENCH.main(plan)

Each measurement is a fresh interpreter with one BLAS thread that loads the data, warms up on a few rows (imports and
compilation: reported, not counted) and then does the whole job once, conversions and all. What counts is CPU seconds,
since the machine may be shared.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
LIBRARIES = ("learnsys", "numpy", "scipy", "numba", "scikit-learn")
PATIENCE_S = 900


@dataclass(frozen=True)
class Contender:
    """Somebody who does the job: ``run(data, **setting)`` gives an answer that the judge understands."""

    name: str
    run: Callable[..., Any]
    settings: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Measured:
    """One job done once: its cost, the cost of getting warm, and what the judge said of the answer."""

    name: str
    setting: dict[str, Any]
    cpu_s: float
    warm_s: float
    value: float

    def __str__(self) -> str:
        told = " ".join(f"{k}={v}" for k, v in self.setting.items())
        return (
            f"{self.name} {told}: {self.cpu_s:.3f} CPU s (+ {self.warm_s:.2f} s import and JIT), value {self.value:.9g}"
        )


@dataclass(frozen=True)
class Record:
    """One figure of a comparison. ``ratio`` says how many times better ours is; ``low`` and ``high`` are its spread."""

    question: str
    case: str
    metric: str
    ours: float
    peer: str
    theirs: float
    ratio: float
    better: str
    bar: float | None
    holds: bool | None
    n: int
    low: float
    high: float


@dataclass
class Bench:
    """A question, its data, its judge (lower is better) and its contenders; the first one is ours."""

    script: str
    question: str
    load: Callable[[], Any]
    few: Callable[[Any], Any]
    judge: Callable[[Any, Any], float]
    contenders: tuple[Contender, ...]
    records: list[Record] = field(default_factory=list)

    def main(self, compare: Callable[["Bench", argparse.Namespace], None]) -> None:
        """Run ``compare`` with the options of the command line, or one measurement for another process."""
        parser = argparse.ArgumentParser(description=self.question)
        parser.add_argument("--quick", action="store_true", help="fewer peers and repetitions, the same bars")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", type=Path, help="write the records here")
        parser.add_argument("--one", help=argparse.SUPPRESS)
        options = parser.parse_args()
        if options.one:
            print(json.dumps(self._one(**json.loads(options.one))))
            return
        print(machine())
        compare(self, options)
        for record in self.records:
            bar = "" if record.bar is None else f", bar {record.bar:g}: {'holds' if record.holds else 'MISSED'}"
            print(
                f"{record.case}: {record.ratio:.2f} times {record.peer} "
                f"[{record.low:.2f}-{record.high:.2f}, n={record.n}]{bar}"
            )
        finish(self.records, options.json)

    def contender(self, name: str) -> Contender:
        """Look a contender up by name."""
        return next(c for c in self.contenders if c.name == name)

    def measure(self, name: str, **setting: Any) -> Measured:
        """Do the job once in a fresh process."""
        task = json.dumps({"name": name, "setting": setting})
        done = subprocess.run(
            [sys.executable, self.script, "--one", task],
            env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE_S,
        )  # fmt: skip
        measured = Measured(name=name, setting=setting, **json.loads(done.stdout.splitlines()[-1]))
        print(f"  {measured}", flush=True)
        return measured

    def _one(self, name: str, setting: dict[str, Any]) -> dict[str, float]:
        run, data = self.contender(name).run, self.load()
        start = time.perf_counter()
        run(self.few(data), **setting)
        warm_s, start = time.perf_counter() - start, time.process_time()
        answer = run(data, **setting)
        return {"cpu_s": time.process_time() - start, "warm_s": warm_s, "value": self.judge(data, answer)}

    def best(self, tried: Sequence[Measured], name: str, good: Callable[[float], bool]) -> Measured | None:
        """Choose the cheapest of the settings whose answer was good enough."""
        return min((m for m in tried if m.name == name and good(m.value)), key=lambda m: m.cpu_s, default=None)

    def duel(
        self, case: str, ours: Measured, theirs: Measured, *, good: Callable[[float], bool], repeat: int,
        bar: float | None = None,
    ) -> None:  # fmt: skip
        """Measure two settings in turns and keep the median of the ratios of their CPU seconds.

        An answer of ours that is not good enough in any repetition makes the record miss its bar.
        """
        pairs = [(ours, theirs)] if repeat == 0 else []
        for i in range(repeat):
            first, second = (ours, theirs) if i % 2 == 0 else (theirs, ours)
            a, b = self.measure(first.name, **first.setting), self.measure(second.name, **second.setting)
            pairs.append((a, b) if i % 2 == 0 else (b, a))
        ratios = [b.cpu_s / a.cpu_s for a, b in pairs]
        ratio = statistics.median(ratios)
        told = " ".join(f"{k}={v}" for k, v in theirs.setting.items())
        self.records.append(
            Record(
                question=self.question, case=case, metric="cpu_s", better="lower", peer=f"{theirs.name} {told}",
                ours=statistics.median(a.cpu_s for a, _ in pairs), theirs=statistics.median(b.cpu_s for _, b in pairs),
                ratio=ratio, low=min(ratios), high=max(ratios), n=len(pairs), bar=bar,
                holds=None if bar is None else ratio >= bar and all(good(a.value) for a, _ in pairs),
            )
        )  # fmt: skip


def figure(
    question: str, case: str, metric: str, value: float, *, n: int, better: str = "higher", bar: float | None = None
) -> Record:
    """Return one figure, beside its bar if there is one; nobody is compared with."""
    ratio = 1.0 if bar is None else value / bar if better == "higher" else bar / value
    return Record(
        question=question, case=case, metric=metric, ours=value, peer="", theirs=value if bar is None else bar,
        ratio=ratio, better=better, bar=bar, holds=None if bar is None else ratio >= 1, n=n, low=ratio, high=ratio,
    )  # fmt: skip


def finish(records: Sequence[Record], json_file: Path | None) -> None:
    """Write the records; exit with 1 where a bar was missed."""
    if json_file:
        json_file.write_text(json.dumps([asdict(r) for r in records], indent=1, default=float) + "\n")
    if any(r.holds is False for r in records):
        sys.exit(1)


def machine() -> str:
    """Name the processor and the versions that matter."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return f"{cpu}, {os.cpu_count()} cores; Python {platform.python_version()}, {versions}; one BLAS thread"
