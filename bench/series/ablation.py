"""What the optimiser of queries is worth: six statistics of one source as optimised and as written; each of its rules.

    python bench/series/ablation.py [--quick] [--seed N] [--json FILE]

Six statistics of returns of 40 of 100 series, in Parquet with columns that nobody needs: covariances at two bandwidths,
one of them of scaled values, auto-covariances of some series at finer lags, covariances with two series shifted,
lead-lags as someone asks who resamples first, and spectra. The peer is the same query executed as it is written
(``optimise="none"``): each statistic reads, filters and computes on its own, by the quicker of our two exact ways. What
counts is CPU seconds, after a run on few rows.

Each rule is tried on a question in which it matters (``_rules.py``), of a million rows, with all others on: CPU seconds
with and without it in turns, and what does not depend on who else uses the machine: bytes that are read, samples that
operators work on, samples of which sums are made. A rule is worth keeping if one of these, or CPU seconds where it
changes none, is ``WORTH`` times as much without it.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
from _rules import CASES, HOW
from _turns import Turns, record

from learnsys import series
from learnsys.series.graph import execute, values
from learnsys.series.graph.query import Asked, Query
from learnsys.series.graph.rules import NAMES

QUESTION = "ablation"
SERIES = 100
DAYS = 23
START_NS = 1_767_571_200 * 10**9  # 2026-01-05
CHUNK = 1_000_000
QUICK_ROWS, ROWS, RULES_ROWS, FEW_ROWS = 5_000_000, 20_000_000, 1_000_000, 20_000
GROUP = 100_000  # rows of a row group of the files in which rules are tried
AGREE, WORTH = 1e-5, 1.2


def write_ticks(path: Path, rows: int, seed: int, group: int = CHUNK) -> None:
    """Write prices that share a factor, at random times, with one row in twenty of bad quality."""
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
        writer.write_table(table, row_group_size=group)
    assert writer is not None
    writer.close()


def ticks(path: str) -> Query:
    """Scan such a file."""
    return series.scan(path, time="ts", series="sym", value="px")


def questions(path: str) -> list[Asked]:
    """Ask for six statistics, as a user would write them."""
    returns = (
        ticks(path).filter(quality=0).log().between("2026-01-05", "2026-01-20").difference()
        .select([f"S{k:03d}" for k in range(40)])
    )  # fmt: skip
    lags, fine = series.lags("-60s", "60s", "5s"), series.lags("0s", "60s", "2500ms")
    return [
        returns.xcov(lags=lags, bandwidth="5s", **HOW),
        returns.demean().scale(1e4).xcov(lags=lags, bandwidth="10s", **HOW),
        returns.select([f"S{k:03d}" for k in range(20)]).xcov(lags=fine, bandwidth="5s", pairs="auto", **HOW),
        returns.shift("5s", ids=["S001", "S002"]).xcov(lags=lags, bandwidth="5s", **HOW),
        returns.resample("5s").lead_lag(max_lag="60s", step="5s", test="flip", pairs=[(0, k) for k in range(1, 20)]),
        returns.psd(max_hz=0.02),
    ]


def answers(results: Sequence[Any]) -> list[np.ndarray]:
    """Numbers of each result in units of what they are at most."""
    made = []
    for result in results:
        found = getattr(result, "power", getattr(result, "values", None))
        if found is None:
            made.append(result.profile)
        else:
            each = {"axis": 1, "keepdims": True} if hasattr(result, "power") else {}
            made.append(found / np.nanmax(np.abs(found), **each))
    return made


def difference(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> float:
    """The largest difference of answers; where one in 10,000 is NaN in one of them only, it is infinite."""
    worst = 0.0
    for x, y in zip(one, other, strict=True):
        if np.mean(np.isnan(x) != np.isnan(y)) > 1e-4:
            return np.inf
        worst = max(worst, float(np.nanmax(np.abs(x - y))))
    return worst


def whole(case: dict[str, Any]) -> dict[str, Any]:
    """Ask the six, optimised or not, after a run on few rows."""
    how = {"without": ("cache",), "optimise": "full" if case["optimised"] else "none"}
    series.collect(*questions(case["few"]), **how)
    asked, cpu_s, plan_s = questions(case["path"]), [], []
    for _ in range(case["repeats"]):
        start = time.process_time()
        collected = series.collect(*asked, **how)
        cpu_s.append(time.process_time() - start)
        plan_s.append(collected.plan_s)
    np.savez(case["kept"], *answers(collected))
    return {"cpu_s": cpu_s, "plan_s": plan_s}


def rules(case: dict[str, Any]) -> dict[str, Any]:
    """Try every rule."""
    work = count_work()
    return {rule: one_rule(rule, case["path"], case["repeats"], work) for rule in NAMES}


def one_rule(rule: str, path: str, repeats: int, work: Counter[str]) -> dict[str, Any]:
    """Ask a rule's question with and without it, in turns, after a run of each that is not counted."""
    asked = CASES[rule].asked(ticks(path).filter(quality=0))
    cached = () if rule == "cache" else ("cache",)
    ways = (cached, (*cached, rule))

    def once(off: tuple[str, ...]) -> tuple[float, Counter[str], list[np.ndarray]]:
        work.clear()
        before, start = bytes_read(), time.process_time()
        collected = series.collect(*asked, without=off)
        cpu_s = time.process_time() - start
        return cpu_s, Counter(work) + Counter({"bytes read": bytes_read() - before}), answers(collected)

    for off in ways:
        once(off)
    cpu_s: list[list[float]] = []
    for turn in range(repeats):
        order = 1 if turn % 2 == 0 else -1
        found = [once(off) for off in ways[::order]][::order]
        cpu_s.append([cpu for cpu, _, _ in found])
    (_, ours, a), (_, theirs, b) = found
    return {"cpu_s": cpu_s, "ours": ours, "theirs": theirs, "difference": difference(a, b)}


def count_work() -> Counter[str]:
    """Count from now on the samples that operators work on, and those of which sums are made."""
    work: Counter[str] = Counter()

    def counted(what: str, work_on: Callable[..., Any], samples: int) -> Callable[..., Any]:
        def instead(*given: Any, **more: Any) -> Any:
            work[what] += given[samples].t.size
            return work_on(*given, **more)

        return instead

    values._HOW.update({kind: counted("samples that operators get", how, 1) for kind, how in values._HOW.items()})
    execute.sums = counted("samples that sums get", execute.sums, 0)
    return work


def bytes_read() -> int:
    """Bytes that this process has read so far, where the system tells."""
    told = Path("/proc/self/io")
    return int(told.read_text().split()[1]) if told.exists() else 0


def compare(turns: Turns) -> None:
    """Write the ticks, measure, and judge."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: f"{folder}/{name}.parquet" for name in ("path", "rules", "few")}
        rows = QUICK_ROWS if turns.quick else ROWS
        for name, count, group in (("path", rows, CHUNK), ("rules", RULES_ROWS, GROUP), ("few", FEW_ROWS, CHUNK)):
            write_ticks(Path(files[name]), count, turns.seed, group)
        compare_whole(turns, files, rows)
        tried = turns.measure("rules", path=files["rules"], repeats=3 if turns.quick else 9)
    for rule, found in tried.items():
        compare_rule(turns, rule, found)
    wrong = [found["difference"] for found in tried.values()]
    turns.add(record(QUESTION, "without a rule", "largest difference of answers", [max(wrong)], bar=AGREE))


def compare_whole(turns: Turns, files: dict[str, str], rows: int) -> None:
    """The six statistics, optimised and as written."""
    kept = [f"{files['path']}.{way}.npz" for way in ("optimised", "written")]
    given = {"path": files["path"], "few": files["few"]}
    ours = turns.measure("whole", **given, kept=kept[0], optimised=True, repeats=3 if turns.quick else 5)
    theirs = turns.measure("whole", **given, kept=kept[1], optimised=False, repeats=1)
    case, n = f"6 statistics of {rows:,} rows", len(ours["cpu_s"])
    with np.load(kept[0]) as a, np.load(kept[1]) as b:
        wrong = difference(list(a.values()), list(b.values()))
    turns.add(record(QUESTION, case, "CPU seconds", ours["cpu_s"], "as written", theirs["cpu_s"] * n, bar=10.0))
    turns.add(record(QUESTION, case, "planning seconds", ours["plan_s"], "5 ms", [5e-3] * n, bar=1.0))
    turns.add(record(QUESTION, case, "largest difference of answers", [wrong], bar=AGREE))


def compare_rule(turns: Turns, rule: str, found: dict[str, Any]) -> None:
    """What is more without a rule."""
    case, peer = f"{rule}: {CASES[rule].told}", "without it"
    work = {k: (found["ours"].get(k, 0), n) for k, n in found["theirs"].items() if n > found["ours"].get(k, 0) * WORTH}
    ours, theirs = zip(*found["cpu_s"], strict=True)
    turns.add(record(QUESTION, case, "CPU seconds", ours, peer, theirs, bar=None if work else WORTH))
    for what, (with_it, without_it) in work.items():
        turns.add(record(QUESTION, case, what, [max(with_it, 1)], peer, [without_it], bar=WORTH))


if __name__ == "__main__":
    Turns(__file__, QUESTION, {"whole": whole, "rules": rules}).main(compare)
