"""How long does ``rank`` take, for every Spare Cores server that has a score?

In process: from a fingerprint on two references to a ranking of all servers (prediction, intervals, order, front),
with the very model whose accuracy the leaderboard claims, once it was fitted; CPU seconds, median of many. Fitting for
new references is the cold time, shown apart. As a command: ``learnsys machines rank``, a fresh process that finds the
fit on disk; wall seconds, least of several, since others may use the machine, and CPU seconds beside it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from _decisions import Record, data_folder, finish, options

from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.store import Store
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.evidence import look
from learnsys.machines.decide.fitted import fit_for
from learnsys.machines.decide.rank import answer, ask
from learnsys.machines.offline.registry import load_benchmark

QUESTION = "speed of rank"
CPU_BAR, COMMAND_BAR = 0.010, 0.8
TABLES = ("sparecores_scores.parquet", "sparecores_machines.parquet", "prices.parquet")


def learnsys(*words: str) -> tuple[float, float, str]:
    """Run a command; give wall seconds, CPU seconds and what it printed."""
    before, start = os.times(), time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "learnsys", *words], capture_output=True, text=True)
    wall, after = time.perf_counter() - start, os.times()
    if done.returncode:
        sys.exit(f"learnsys {' '.join(words)}: {done.stderr.strip()}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, done.stdout


def job(benchmark: Benchmark, references: np.ndarray, rng: np.random.Generator) -> Fingerprint:
    """Make a job that a known one is like, on the references."""
    measured = np.flatnonzero((benchmark.runs[:, references] > 0).all(axis=1))
    seconds = benchmark.seconds[rng.choice(measured), references] * np.exp(0.05 * rng.standard_normal(references.size))
    runs = tuple(
        Run(
            machine=benchmark.keys[v], outcome="ok", elapsed_s=float(t), cpu_s=float(t), peak_bytes=2**30,
            working_set_bytes=2**30,
        )
        for v, t in zip(references, seconds, strict=True)
    )  # fmt: skip
    return Fingerprint(name="job", command=(), runs=runs)


def main() -> None:
    chosen = options(QUESTION)
    rng = np.random.default_rng(chosen.seed)
    folder = data_folder()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LEARNSYS_HOME"] = home
        learnsys("machines", "data", "add", "sparecores", *(str(folder / name) for name in TABLES))
        benchmark = load_benchmark("sparecores")
        V = benchmark.shape[1]
        most = np.argsort(-(benchmark.runs > 0).sum(axis=0))[: V // 4]
        references = np.sort(rng.choice(most, 2, replace=False))
        fingerprint = job(benchmark, references, rng)
        Store().put("fingerprint", "job", fingerprint)

        began = time.process_time()
        fitted = fit_for(benchmark, [benchmark.keys[v] for v in references], ())
        cold = time.process_time() - began
        cpu = repeated(lambda: answer(look(fingerprint, fitted), ask()), 50 if chosen.quick else 400)
        rows = repeated(lambda: answer(look(fingerprint, fitted), ask()).rows.tolist(), 20 if chosen.quick else 100)

        words = ("machines", "rank", "job", "--benchmark", "sparecores", "--objective", "time", "--json")
        first = learnsys(*words)
        times = [learnsys(*words) for _ in range(5 if chosen.quick else 15)]
        ranked = len(json.loads(times[0][2])["result"]["rows"])
        plain = [learnsys(*words[:-1])[0] for _ in range(5)]
    print(f"  {V:,} servers, {benchmark.shape[0]} workloads; the command ranked {ranked:,}")
    print(f"  fitting for new references: {cold:.2f} CPU s; the first command {first[0]:.2f} s")
    print(f"  all {V:,} predictions as objects too: {1e3 * statistics.median(rows):.2f} ms CPU")
    print(f"  warm command: {statistics.median(t[1] for t in times):.2f} CPU s; without --json {min(plain):.2f} s")
    case = f"{V:,} servers, 2 references"
    finish(
        [
            record(f"{case}, in process once fitted", "cpu_s", cpu, statistics.median(cpu), CPU_BAR),
            record(f"{case}, every prediction made as an object", "cpu_s", rows, statistics.median(rows), None),
            record(f"{case}, fitting for new references", "cpu_s", [cold], cold, None),
            record(f"{case}, as a warm command", "wall_s", walls := [t[0] for t in times], min(walls), COMMAND_BAR),
            record(f"{case}, as the first command", "wall_s", [first[0]], first[0], None),
        ],
        chosen.json,
    )


def repeated(work: object, times: int) -> list[float]:
    """CPU seconds of each of several calls, after one that warms up."""
    work()
    out = []
    for _ in range(times):
        began = time.process_time()
        work()
        out.append(time.process_time() - began)
    return out


def record(case: str, metric: str, values: list[float], value: float, bar: float | None) -> Record:
    return Record(
        question=QUESTION, case=case, metric=metric, ours=value, peer="", theirs=0.0, ratio=value, better="lower",
        bar=bar, holds=None if bar is None else value < bar, n=len(values), low=min(values), high=max(values),
    )  # fmt: skip


if __name__ == "__main__":
    main()
