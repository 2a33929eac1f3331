"""What do two workers cost, and what do they save, when a state is gathered from Parquet files?

Processes with one thread each (BLAS, OpenMP, Arrow) read their row groups, project them, and send one state back. One
worker and two take turns over the same files; engines are opened and warm (imports, compiled kernels from the cache)
before anything is counted, which is shown apart: a user opens an engine once for all that is asked. CPU seconds are
those of all processes, the driver's included. The wall of two workers is half of that of one only where two cores are
idle, which the bar presumes: how idle they are, by how much longer two processes that merely count take than one, is
measured in every turn and recorded beside it. Where that is far from 1, the wall tells of the machine. The full run
adds Ray.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))
from _turns import Turns

from _harness import Record
from learnsys.core import engine
from learnsys.core.engine import Engine
from learnsys.series.scale import Wish, gather, gather_lags
from learnsys.series.sources.scan import scan
from learnsys.series.sources.source import Source
from learnsys.series.sums.cell_sums import CellGrid
from learnsys.series.types import Kernel, lags

QUESTION = "two workers"
CPU_BAR, WALL_BAR, PAYLOAD_BAR = 1.10, 0.6, 1.0
SERIES, FILES, DAY_NS, START = 100, 8, 86_400 * 10**9, 1_767_571_200 * 10**9
WISH = Wish(bandwidth_s=600.0, period_s=2 * FILES * 86_400.0, origin_ns=START)
GRID = CellGrid.of((Kernel(name="k4", h=WISH.bandwidth_s),), lags("-1h", "1h", "10m"), tol=1e-3, t0_ns=START)
Work = Callable[[Source, Engine], tuple[Any, int]]
SPIN = "import sys\nn = 0\nwhile n < int(sys.argv[1]): n += 1"


def write(folder: Path, rows: int, seed: int) -> None:
    """Write a day of ticks a file."""
    names = pa.array([f"S{d:03d}" for d in range(SERIES)])
    for number in range(FILES):
        rng = np.random.default_rng([seed, number])
        stamps = START + number * DAY_NS + np.sort(rng.integers(0, DAY_NS, rows // FILES))
        codes = rng.integers(0, SERIES, stamps.size).astype(np.int32)
        table = pa.table(
            {
                "ts": pa.array(stamps).cast(pa.timestamp("ns", "UTC")),
                "sym": pa.DictionaryArray.from_arrays(pa.array(codes), names),
                "px": 100 + rng.normal(size=stamps.size),
            }
        )
        pq.write_table(table, folder / f"day-{number}.parquet", row_group_size=500_000)


def coefficients(source: Source, workers: Engine) -> tuple[Any, int]:
    """Gather coefficients; also what 16 bytes for each series and frequency make."""
    X = gather(source, WISH, engine=workers).coefficients.X
    return X, 16 * X.size


def correlations(source: Source, workers: Engine) -> tuple[Any, int]:
    """Gather correlations at lags up to an hour, of all pairs; also what the numbers of the state make."""
    state = gather_lags(source, GRID, engine=workers)
    return state.r, sum(part.nbytes for part in (state.r, state.own, state.tally, state.head, state.tail))


def timed(work: Work, source: Source, workers: Engine) -> tuple[float, float, float, Any]:
    """Work once: CPU seconds of all processes, wall seconds, bytes that each worker sent, and what was found."""
    before, cpu, wall = (workers.stats.cpu_s, workers.stats.bytes_received), time.process_time(), time.perf_counter()
    found = work(source, workers)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sent = (workers.stats.bytes_received - before[1]) / workers.slots
    return cpu + workers.stats.cpu_s - before[0], wall, sent, found


def idleness(count: int = 5_000_000) -> float:
    """How much longer two processes take at the same time than one: 1 where two cores are idle."""

    def wall(many: int) -> float:
        began = time.perf_counter()
        for process in [subprocess.Popen([sys.executable, "-c", SPIN, str(count)]) for _ in range(many)]:
            process.wait()
        return time.perf_counter() - began

    return wall(2) / wall(1)


def compare(
    work: Work, source: Source, few: Source, *, case: str, opened: Callable[[int], Engine], repeat: int
) -> list[Record]:
    """Let one worker and two take turns; only coefficients have bars."""
    judged = work is coefficients
    began = time.perf_counter()
    with opened(1) as one, opened(2) as two:
        for workers in (one, two):
            work(few, workers)
        print(f"  {case}: {time.perf_counter() - began:.1f} s to open three workers and warm them", flush=True)
        cpu, wall, idle, sent = [], [], [], 0.0
        for turn in range(repeat):
            pair = [timed(work, source, workers) for workers in ((one, two) if turn % 2 == 0 else (two, one))]
            (c1, w1, _, (a, size)), (c2, w2, sent, (b, _)) = pair if turn % 2 == 0 else pair[::-1]
            assert np.abs(a - b).max() < 1e-3 * np.abs(a).max(), "two workers found something else"
            cpu.append((c1, c2))
            wall.append((w1, w2))
            idle.append(idleness())
            print(f"  {case}: one {c1:.2f} CPU s, {w1:.2f} s; two {c2:.2f} CPU s, {w2:.2f} s; idleness {idle[-1]:.2f}",
                  flush=True)  # fmt: skip
    return [
        record(f"{case}, CPU seconds of two workers by those of one", "cpu_s", cpu, CPU_BAR if judged else None),
        record(f"{case}, wall seconds of two workers by those of one", "wall_s", wall,
               WALL_BAR if judged else None),
        record(f"{case}, bytes that a worker sends by {'16 D F' if judged else 'those of the numbers in its state'}",
               "bytes", [(size, sent)], PAYLOAD_BAR if judged else None),
        record(f"{case}, two processes that count by one: 1 where cores are idle", "wall_s",
               [(1.0, value) for value in idle], None),
    ]  # fmt: skip


def record(case: str, metric: str, pairs: list[tuple[float, float]], bar: float | None) -> Record:
    """Keep the median ratio of the second to the first."""
    ratios = [second / first for first, second in pairs]
    ratio = statistics.median(ratios)
    return Record(
        question=QUESTION, case=case, metric=metric, ours=statistics.median(s for _, s in pairs), peer="one worker",
        theirs=statistics.median(f for f, _ in pairs), ratio=ratio, better="lower", bar=bar,
        holds=None if bar is None else ratio <= bar, n=len(pairs), low=min(ratios), high=max(ratios),
    )  # fmt: skip


def both(turns: Turns) -> None:
    """Compare with processes, and in a full run with Ray."""
    print(f"pyarrow {pa.__version__}; one Arrow thread a worker")
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), 48_000_000 if turns.quick else 80_000_000, turns.seed)
        source = scan(folder, time="ts", series="sym", value="px")
        few = scan(Path(folder) / "day-0.parquet", time="ts", series="sym", value="px")
        repeat = 5 if turns.quick else 11
        engines: dict[str, Callable[[int], Engine]] = {"processes": lambda n: engine.local(n, "processes")}
        if not turns.quick:
            engines["Ray"] = engine.ray
        for name, opened in engines.items():
            for work, told, times in (
                (coefficients, "coefficients", repeat),
                (correlations, "correlations", repeat // 2),
            ):
                turns.records += compare(work, source, few, case=f"{told}, {name}", opened=opened, repeat=times)


if __name__ == "__main__":
    Turns(__file__, QUESTION).main(both)
