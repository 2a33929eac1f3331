"""A script of this room: its options, its records, and jobs in processes of their own, each told its case."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
from _harness import ONE_THREAD, PATIENCE_S, Record, finish, machine


class Turns:
    """A script's jobs, if it has any, by name; each takes a case and returns figures."""

    def __init__(
        self, script: str, question: str, jobs: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] | None = None
    ) -> None:
        self.script, self.question, self.jobs = script, question, jobs or {}
        self.records: list[Record] = []
        self.seed, self.quick = 0, False

    def main(self, compare: Callable[["Turns"], None]) -> None:
        """Run ``compare`` with the options of the command line, or one job for another process."""
        parser = argparse.ArgumentParser(description=self.question)
        parser.add_argument("--quick", action="store_true", help="fewer cases and repetitions, the same bars")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", type=Path, help="write the records here")
        parser.add_argument("--one", help=argparse.SUPPRESS)
        options = parser.parse_args()
        if options.one:
            name, case = json.loads(options.one)
            print(json.dumps(self.jobs[name](case)))
            return
        self.seed, self.quick = options.seed, options.quick
        print(f"{machine()}; seed {self.seed}", flush=True)
        compare(self)
        for r in self.records:
            bar = "" if r.bar is None else f", bar {r.bar:.3g}: {'holds' if r.holds else 'MISSED'}"
            peer = f" times {r.peer} ({r.ours:.4g} and {r.theirs:.4g})" if r.peer else ""
            print(f"{r.case}: {r.metric} {r.ratio:.3g}{peer} [{r.low:.3g}-{r.high:.3g}, n={r.n}]{bar}")
        finish(self.records, options.json)

    def measure(self, name: str, **case: Any) -> dict[str, Any]:
        """Do a job once in a fresh process with one thread, or ``threads`` of the case."""
        threads = {**ONE_THREAD, "POLARS_MAX_THREADS": str(case.get("threads", 1))}
        done = subprocess.run(
            [sys.executable, self.script, "--one", json.dumps([name, case])],
            env={**os.environ, **threads}, stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE_S,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        print(f"  {name} {case}: {found}", flush=True)
        return found

    def add(self, made: Record) -> None:
        """Keep a record."""
        self.records.append(made)


def cpu_of(work: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """The median CPU seconds of some calls, and what the last one gave."""
    took, made = [], None
    for _ in range(repeat):
        made = None  # what was made before is not kept beside
        began = time.process_time()
        made = work()
        took.append(time.process_time() - began)
    return statistics.median(took), made


def record(
    question: str, case: str, metric: str, ours: Sequence[float], peer: str = "", theirs: Sequence[float] = (),
    *, bar: float | None = None, good: bool = True,
) -> Record:  # fmt: skip
    """Make a record of a figure, or with a peer of how many times better ours is: the median of the ratios of turns."""
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)] if peer else list(ours)
    ratio = statistics.median(ratios)
    reached = None if bar is None else good and (ratio >= bar if peer else ratio <= bar)
    return Record(
        question=question, case=case, metric=metric, ours=statistics.median(ours), peer=peer,
        theirs=statistics.median(theirs) if peer else 0.0, ratio=ratio, better="lower", bar=bar, holds=reached,
        n=len(ratios), low=min(ratios), high=max(ratios),
    )  # fmt: skip
