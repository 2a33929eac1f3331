"""What the optimiser of queries is worth: six statistics of one source, optimised, as written, and without one rule.

    python bench/series/ablation.py [--quick] [--seed N] [--json FILE]

Six statistics of returns of 40 of 100 series, in Parquet with columns that nobody needs: covariances at two bandwidths,
one of them of scaled values, auto-covariances of some series at finer lags, covariances with two series shifted,
lead-lags as someone asks who resamples first, and spectra. The peer is the same query executed as it is written
(``optimise="none"``): each statistic reads, filters and computes on its own, by the quicker of our two exact ways. What
counts is CPU seconds, after a run on few rows. The ablation, of the optimised query without one rule at a time, is on
the first million rows.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _harness import ONE_THREAD, Record, machine

SERIES = 100
DAYS = 23
START_NS = 1_767_571_200 * 10**9  # 2026-01-05
CHUNK = 1_000_000
QUICK_ROWS, ROWS, ABLATION_ROWS, FEW_ROWS = 5_000_000, 20_000_000, 1_000_000, 20_000
AGREE = 1e-5
REPEATS = {True: 3, False: 5}  # of the whole, with and without --quick


def write_ticks(path: Path, rows: int, seed: int) -> None:
    """Write prices that share a factor, at random times, with one row in twenty of bad quality."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    names, at, level = pa.array([f"S{k:03d}" for k in range(SERIES)]), 0.0, np.zeros(SERIES)
    writer = None
    for first in range(0, rows, CHUNK):
        n = min(CHUNK, rows - first)
        t = at + np.cumsum(rng.exponential(DAYS * 86400e9 / rows, n))
        series = rng.integers(0, SERIES, n).astype(np.int32)
        factor = np.cumsum(rng.normal(0, 3e-5, n))
        own = np.zeros(n)
        for k in range(SERIES):
            mine = np.flatnonzero(series == k)
            own[mine] = level[k] + np.cumsum(rng.normal(0, 2e-4, mine.size))
            level[k] = own[mine[-1]] if mine.size else level[k]
        price = 100 * np.exp(own + factor)
        level, at = level + factor[-1], float(t[-1])
        table = pa.table(
            {
                "ts": pa.array((START_NS + t).astype(np.int64)).cast(pa.timestamp("ns", tz="UTC")),
                "sym": pa.DictionaryArray.from_arrays(pa.array(series), names), "px": price,
                "size": rng.integers(1, 1000, n), "bid": 0.999 * price, "ask": 1.001 * price,
                "quality": (rng.random(n) < 0.05).astype(np.int8),
            }
        )  # fmt: skip
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def questions(path: str) -> list:
    """Ask for six statistics, as a user would write them."""
    from learnsys import series

    returns = (
        series.scan(path, time="ts", series="sym", value="px")
        .filter(quality=0).log().between("2026-01-05", "2026-01-20").difference()
        .select([f"S{k:03d}" for k in range(40)])
    )  # fmt: skip
    lags, fine = series.lags("-60s", "60s", "5s"), series.lags("0s", "60s", "2500ms")
    how = {"ci": None, "shrink": False, "weights": "uniform"}
    return [
        returns.xcov(lags=lags, bandwidth="5s", **how),
        returns.demean().scale(1e4).xcov(lags=lags, bandwidth="10s", **how),
        returns.select([f"S{k:03d}" for k in range(20)]).xcov(lags=fine, bandwidth="5s", pairs="auto", **how),
        returns.shift("5s", ids=["S001", "S002"]).xcov(lags=lags, bandwidth="5s", **how),
        returns.resample("5s").lead_lag(max_lag="60s", step="5s", test="flip", pairs=[(0, k) for k in range(1, 20)]),
        returns.psd(max_hz=0.02),
    ]


def answers(results) -> list[np.ndarray]:
    """Numbers of each result in units of what they are at most."""
    made = []
    for result in results:
        if hasattr(result, "power"):
            made.append(result.power / np.nanmax(result.power, axis=1, keepdims=True))
        elif hasattr(result, "values"):
            made.append(result.values / np.nanmax(np.abs(result.values)))
        else:
            made.append(result.profile)
    return made


def run(path: str, kept: str, optimised: bool, repeats: int) -> dict:
    """Measure in this process: warm up on few rows, then the whole and without each rule, or the query as written."""
    from learnsys import series
    from learnsys.series.graph.rules import NAMES

    whole, some, few = (questions(path.replace("ticks", name)) for name in ("ticks", "some", "few"))
    how = {"optimise": "full" if optimised else "none"}

    def once(asked: list, without: tuple[str, ...] = ()) -> tuple[float, float]:
        start = time.process_time()
        collected = series.collect(*asked, without=(*without, "cache"), **how)
        taken = time.process_time() - start
        if asked is whole:
            np.savez(kept, *answers(collected))
        return taken, collected.plan_s

    series.collect(*few, without=("cache",), **how)
    if not optimised:
        return {"cpu_s": [once(whole)[0]]}
    for rule in ("sharing", "lowering", "single-precision"):  # other ways compile too
        series.collect(*few, without=("cache", rule))
    once(some)
    runs = [once(whole) for _ in range(repeats)]
    base = [once(some)[0] for _ in range(repeats)]
    without = {rule: once(some, (rule,))[0] for rule in NAMES if rule != "cache"}
    base += [once(some)[0] for _ in range(repeats)]
    series.collect(*some)
    start = time.process_time()
    series.collect(*some)
    return {
        "cpu_s": [taken for taken, _ in runs], "plan_s": [plan for _, plan in runs], "without": without,
        "base_s": base, "cached_s": time.process_time() - start,
    }  # fmt: skip


def in_process(**task) -> dict:
    """Measure in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", json.dumps(task)], env={**os.environ, **ONE_THREAD}, text=True,
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def difference(one: str, other: str) -> float:
    """The largest difference of two answers; one that is NaN in one of them only, and not at the limit, is infinite."""
    worst = 0.0
    with np.load(one) as a, np.load(other) as b:
        for name in a.files:
            x, y = a[name], b[name]
            if np.mean(np.isnan(x) != np.isnan(y)) > 1e-4:
                return np.inf
            worst = max(worst, float(np.nanmax(np.abs(x - y))))
    return worst


def record(case: str, metric: str, ours: float, theirs: float, **more) -> Record:
    """One figure; its ratio is theirs by ours."""
    low, high = more.pop("spread", (theirs / ours, theirs / ours))
    bar = more.pop("bar", None)
    ratio = theirs / ours
    return Record(
        question="ablation", case=case, metric=metric, ours=ours, theirs=theirs, ratio=ratio, better="higher", bar=bar,
        holds=None if bar is None else ratio >= bar, low=low, high=high, **more,
    )  # fmt: skip


def compare(options: argparse.Namespace, folder: str) -> list[Record]:
    """Write the ticks, measure both ways, and judge."""
    rows = QUICK_ROWS if options.quick else ROWS
    ticks = f"{folder}/ticks.parquet"
    for name, count in (("ticks", rows), ("some", ABLATION_ROWS), ("few", FEW_ROWS)):
        write_ticks(Path(f"{folder}/{name}.parquet"), count, options.seed)
    kept = [f"{folder}/{name}.npz" for name in ("optimised", "written")]
    ours = in_process(path=ticks, kept=kept[0], optimised=True, repeats=REPEATS[options.quick])
    theirs = in_process(path=ticks, kept=kept[1], optimised=False, repeats=1)
    case, n = f"6 statistics of {rows:,} rows", len(ours["cpu_s"])
    cpu, written = median(ours["cpu_s"]), theirs["cpu_s"][0]
    records = [
        record(case, "CPU seconds", cpu, written, peer="as written", n=n, bar=10.0,
               spread=(written / max(ours["cpu_s"]), written / min(ours["cpu_s"]))),
        record(case, "planning seconds", median(ours["plan_s"]), 5e-3, peer="5 ms", n=n, bar=1.0,
               spread=(5e-3 / max(ours["plan_s"]), 5e-3 / min(ours["plan_s"]))),
        record(case, "largest difference", max(difference(*kept), 1e-12), AGREE, peer="1e-5", n=1, bar=1.0),
    ]  # fmt: skip
    base = median(ours["base_s"])
    for rule, taken in sorted(ours["without"].items(), key=lambda item: -item[1]):
        records.append(record(f"without {rule}", "CPU seconds", base, taken, peer=f"without {rule}", n=1,
                              spread=(taken / max(ours["base_s"]), taken / min(ours["base_s"]))))  # fmt: skip
    records.append(record("without cache", "CPU seconds", ours["cached_s"], base, peer="without cache", n=1))
    return records


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description="worth of the optimiser and its rules")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} rows instead of {ROWS:,}, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run(**json.loads(options.one))))
        return
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        records = compare(options, folder)
    for r in records:
        bar = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
        print(f"{r.case}: {r.metric} {r.ours:.4g} against {r.theirs:.4g} ({r.peer}): {r.ratio:.2f} times{bar}")
    if options.json:
        options.json.write_text(json.dumps([asdict(r) for r in records], indent=1) + "\n")
    if any(r.holds is False for r in records):
        sys.exit(1)


if __name__ == "__main__":
    main()
