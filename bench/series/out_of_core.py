"""Covariances of all pairs of 100 series from a Parquet file that need not fit in memory.

The file has a row a sample (time, name, price), in order of time, as pyarrow writes it. Ours reads it once, in chunks,
into a state: Fourier coefficients of values and weights, from which all second-order statistics follow
(``scale.project_part``: scan and project), or sums over pairs of all 4950 + 100 pairs of series (``running.gather``:
scan, project and multiply), of which covariances at 81 lags and effective pairs are made (end to end). Peers: a bare
scan of the same three columns by pyarrow, polars and duckdb, at the best of their ways, that does nothing with what it
reads; and what pandas and polars take to means of bins and their correlations at lag 0. CPU seconds, one thread; the
scans also in seconds, with two threads for everybody. Peak memory is counted above that of the process after its
imports and the compilation of kernels.

The bars of scan and project and of pandas are not met: pyarrow's decoder takes more than half of ours, and pandas only
about twelve times as long as the bare scan that ours contains; ``docs/benchmarks.md`` has the nanoseconds a row.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from _turns import Turns, cpu_of, record

QUESTION = "out of core"
SERIES, GAP_S, WIDTH_S, ORIGIN_NS = 100, 0.2, 1.0, 1_767_571_200_000_000_000
SCAN, MEMORY_MB, PANDAS, POLARS = 1.25, 300.0, 20.0, 5.0  # bars


def write(path: Path, rows: int, seed: int, group: int = 1 << 20) -> None:
    """Write random walks of prices in cents at Poisson stamps."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng, names, at, last = np.random.default_rng(seed), pa.array([f"S{d:03d}" for d in range(SERIES)]), 0.0, 100.0
    schema = pa.schema([("ts", pa.timestamp("ns")), ("sym", pa.string()), ("px", pa.float64())])
    with pq.ParquetWriter(path, schema) as writer:
        for begin in range(0, rows, group):
            count = min(group, rows - begin)
            t = at + np.cumsum(rng.exponential(GAP_S / SERIES, count))
            px = last + np.cumsum(rng.normal(0, 0.01, count))
            at, last = t[-1], px[-1]
            codes = pa.array(rng.integers(0, SERIES, count).astype(np.int32))
            columns = [
                pa.array(ORIGIN_NS + (1e9 * t).astype(np.int64)).cast(pa.timestamp("ns")),
                pa.DictionaryArray.from_arrays(codes, names).cast(pa.string()),
                pa.array(np.round(px + rng.normal(0, 0.05, count), 2)),
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def spec() -> Any:
    from learnsys.series.types import Kernel, Lags, SumsSpec

    lags = Lags(first_s=-40 * WIDTH_S, step_s=WIDTH_S, count=81)
    return SumsSpec(pairs="all", kernels=(Kernel(name="gaussian", h=WIDTH_S),), lags=lags)


def state_of(path: str) -> Any:
    from learnsys.series.sources.scan import scan
    from learnsys.series.sums.cell_sums import CellGrid
    from learnsys.series.sums.running import gather

    wanted = spec()
    grid = CellGrid.of(wanted.kernels, wanted.lags, tol=1e-3, t0_ns=ORIGIN_NS)
    return gather(scan(path, time="ts", series="sym", value="px", tz="UTC").batches(), grid)


def project(case: dict[str, Any]) -> dict[str, float]:
    """Make the coefficients of all series."""
    from learnsys.series.scale import Wish, project_part
    from learnsys.series.sources.scan import scan

    use_threads(case)

    def run(path: str) -> Any:
        span_s = GAP_S / SERIES * scan(path, time="ts", series="sym", value="px", tz="UTC").table.rows
        reach_s = spec().lags.reach_s + 6 * WIDTH_S
        wish = Wish(bandwidth_s=WIDTH_S, period_s=1.01 * span_s + reach_s, origin_ns=ORIGIN_NS)
        return project_part(scan(path, time="ts", series="sym", value="px", tz="UTC"), wish)

    run(case["small"])
    cpu_s, wall_s, state = took(lambda: run(case["path"]))
    return {"cpu_s": cpu_s, "wall_s": wall_s, "rows": int(state.coefficients.n.sum()),
            "modes": state.coefficients.X.shape[1]}  # fmt: skip


def use_threads(case: dict[str, Any]) -> None:
    import pyarrow as pa

    pa.set_cpu_count(case.get("threads", 1))


def took(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """CPU seconds and seconds of a call, and what it gives."""
    began, at = time.process_time(), time.perf_counter()
    made = work()
    return time.process_time() - began, time.perf_counter() - at, made


def covariances(state: Any) -> tuple[Any, Any]:
    from learnsys.series.estimate.covariance import effective_pairs, ratio

    (sums,), facts = state.sums(spec()), state.facts()
    return ratio(sums, facts), effective_pairs(sums, facts)


def ours(case: dict[str, Any]) -> dict[str, float]:
    use_threads(case)
    covariances(state_of(case["small"]))
    before = resident_mb(peak=False)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    read_s, wall_s, state = took(lambda: state_of(case["path"]))
    rest_s, (values, _) = cpu_of(lambda: covariances(state), 1)
    return {"read_s": read_s, "wall_s": wall_s, "cpu_s": read_s + rest_s, "peak_mb": resident_mb(peak=True) - before,
            "rows": int(state.facts().n.sum()), "missing": int(np.isnan(values).sum())}  # fmt: skip


def resident_mb(*, peak: bool) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("VmHWM" if peak else "VmRSS"))) / 1024


def source(case: dict[str, Any]) -> dict[str, float]:
    """Read the file as ours does, and do nothing with it."""
    use_threads(case)
    from learnsys.series.sources.scan import scan

    def run(path: str) -> int:
        return sum(len(c.codes) for c in scan(path, time="ts", series="sym", value="px", tz="UTC").batches())

    run(case["small"])
    return {"cpu_s": cpu_of(lambda: run(case["path"]), 1)[0]}


def bare(case: dict[str, Any]) -> dict[str, float]:
    """Scan the columns by a library in one of its ways."""
    use_threads(case)
    columns, threads = ["ts", "sym", "px"], case.get("threads", 1)

    def pyarrow(path: str, **how: Any) -> int:
        import pyarrow.parquet as pq

        batches = pq.ParquetFile(path, **how).iter_batches(1 << 17, columns=columns, use_threads=threads > 1)
        return sum(batch.num_rows for batch in batches)

    def polars(path: str, engine: str) -> int:
        import polars as pl

        return pl.scan_parquet(path).select(columns).collect(engine=engine).height

    def duckdb(path: str) -> int:
        import duckdb

        connection = duckdb.connect()
        connection.execute(f"SET threads = {threads}")
        return sum(batch.num_rows for batch in connection.sql(f"SELECT ts, sym, px FROM '{path}'").to_arrow_reader())

    ways = {
        "pyarrow": pyarrow, "pyarrow dictionary": lambda path: pyarrow(path, read_dictionary=["sym"]),
        "polars": lambda path: polars(path, "in-memory"), "polars streaming": lambda path: polars(path, "streaming"),
        "duckdb": duckdb,
    }  # fmt: skip
    run = ways[case["way"]]
    run(case["small"])
    cpu_s, wall_s, _ = took(lambda: run(case["path"]))
    return {"cpu_s": cpu_s, "wall_s": wall_s}


WAYS = ("pyarrow", "pyarrow dictionary", "polars", "polars streaming", "duckdb")


def polars(case: dict[str, Any]) -> dict[str, float]:
    """Take means of bins and their correlations, by one of polars' engines."""
    import polars as pl

    def run(path: str) -> Any:
        bins = pl.col("ts").dt.truncate(f"{round(1000 * WIDTH_S)}ms")
        means = pl.scan_parquet(path).group_by(bins, "sym").agg(pl.col("px").mean()).collect(engine=case["way"])
        wide = means.pivot("sym", index="ts", values="px").sort("ts").drop("ts").drop_nulls()
        return np.corrcoef(wide.to_numpy(), rowvar=False)

    run(case["small"])
    return {"cpu_s": cpu_of(lambda: run(case["path"]), 1)[0]}


def pandas(case: dict[str, Any]) -> dict[str, float]:
    """Take means of bins and their correlations, by resampling groups or by grouping rounded stamps."""
    import pandas as pd

    width = pd.Timedelta(WIDTH_S, "s")

    def run(path: str) -> Any:
        if case["way"] == "resample":
            frame = pd.read_parquet(path).set_index("ts")
            return frame.groupby("sym")["px"].resample(width).mean().unstack("sym").corr()
        frame = pd.read_parquet(path, read_dictionary=["sym"] if case["way"] == "floor, categories" else None)
        return frame.groupby([frame["ts"].dt.floor(width), "sym"], observed=True)["px"].mean().unstack("sym").corr()

    run(case["small"])
    return {"cpu_s": cpu_of(lambda: run(case["path"]), 1)[0]}


PEERS = {
    "polars": (POLARS, ("in-memory", "streaming")), "pandas": (PANDAS, ("resample", "floor", "floor, categories")),
}  # fmt: skip


def compare(turns: Turns) -> None:
    millions, repeat = ((4, 12), 2) if turns.quick else ((20, 60), 5)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{m}.parquet" for m in (*millions, 0)]
        for path, m in zip(paths[:2], millions, strict=True):
            write(path, 1_000_000 * m, turns.seed)
        write(paths[2], 300_000, turns.seed, 1 << 17)  # what everybody warms up with has several groups of rows too
        case = {"path": str(paths[0]), "small": str(paths[2])}
        name = f"{millions[0]}M rows, {SERIES} series"
        first = {way: turns.measure("bare", way=way, **case)["cpu_s"] for way in WAYS}
        best = min(first, key=first.__getitem__)
        both = [
            [turns.measure(job, **case) for job in ("project", "ours")]
            + [turns.measure("bare", way=best, **case), turns.measure("source", **case)]
            for _ in range(repeat)
        ]
        projected, mine, scans, sources = zip(*both, strict=True)
        complete = all(run["rows"] == 1_000_000 * millions[0] for run in (*projected, *mine))
        complete = complete and not any(run["missing"] for run in mine)
        bare_s, source_s = ([run["cpu_s"] for run in runs] for runs in (scans, sources))
        for what, runs, key, bar in (("scan and project", projected, "cpu_s", 1 / SCAN),
                                     ("scan, project and multiply all pairs", mine, "read_s", None)):  # fmt: skip
            for peer, theirs, their_bar in ((f"bare scan by {best}", bare_s, bar),
                                            ("reading the source alone", source_s, None)):  # fmt: skip
                turns.add(record(QUESTION, f"{name}, {what}", "cpu_s", [run[key] for run in runs], peer, theirs,
                                 bar=their_bar, good=complete))  # fmt: skip
        with_threads(turns, name, {**case, "threads": 2}, repeat)
        large = turns.measure("ours", path=str(paths[1]), small=str(paths[2]))
        peaks = [m["peak_mb"] for m in mine]
        turns.add(record(QUESTION, f"{name}, peak memory", "mb", peaks, bar=MEMORY_MB, good=complete))
        turns.add(record(QUESTION, f"{millions[1]}M rows, {SERIES} series, peak memory", "mb", [large["peak_mb"]],
                         bar=MEMORY_MB, good=large["rows"] == 1_000_000 * millions[1]))  # fmt: skip
        for peer, (bar, peer_ways) in PEERS.items():
            tried = {way: turns.measure(peer, way=way, **case)["cpu_s"] for way in peer_ways}
            way = min(tried, key=tried.__getitem__)
            more = 0 if peer == "pandas" else repeat - 1
            theirs = [tried[way], *(turns.measure(peer, way=way, **case)["cpu_s"] for _ in range(more))]
            ours_s = [m["cpu_s"] for m in mine][: len(theirs)]
            turns.add(record(QUESTION, f"{name}, end to end; peer at lag 0 only", "cpu_s", ours_s,
                             f"{peer} resample and corr ({way})", theirs, bar=bar, good=complete))  # fmt: skip


def with_threads(turns: Turns, name: str, case: dict[str, Any], repeat: int) -> None:
    """Compare seconds where everybody has two threads."""
    first = {way: turns.measure("bare", way=way, **case)["wall_s"] for way in WAYS}
    best = min(first, key=first.__getitem__)
    runs = [
        [turns.measure(job, **case) for job in ("project", "ours")] + [turns.measure("bare", way=best, **case)]
        for _ in range(repeat)
    ]
    *jobs, bare_s = [[run["wall_s"] for run in runs_] for runs_ in zip(*runs, strict=True)]
    for what, ours_s in zip(("scan and project", "scan, project and multiply all pairs"), jobs, strict=True):
        turns.add(record(QUESTION, f"{name}, {what}, two threads", "wall_s", ours_s,
                         f"bare scan by {best}, two threads", bare_s))  # fmt: skip


if __name__ == "__main__":
    Turns(
        __file__,
        QUESTION,
        {"project": project, "ours": ours, "source": source, "bare": bare, "polars": polars, "pandas": pandas},
    ).main(compare)
