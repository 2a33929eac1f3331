"""Lumos: 74 Hadoop, Hive and Spark jobs on 55 machines of four clouds, whole (framework, algorithm) groups left out.

Then whole frameworks. One run per reference; each peer with the better of our references and a spread over sizes.
"""

import numpy as np
from _decisions import Record, lumos
from _evaluate import CHOICES, OURS, Scores, foretell, left_out
from _figures import against, figure
from _peers import PEERS, Peer, paris_forest

from learnsys.machines.benchmark import Benchmark

QUESTION = "lumos"
FOREST = "PARIS forest"
BARS = {(2, "RRMSE %"): 9.5, (4, "MAPE %"): 6.0, (8, "MAPE %"): 5.0}
FRAMEWORK_BAR = 10.5
SHARE_OF_FOREST = 0.85
COUNTS = {True: (2, 4, 8), False: (1, 2, 3, 4, 8)}
QUICK_PEERS = ("linear interpolation", "mean of references", "cores-scaled")


def run(quick: bool = True, seed: int = 0) -> list[Record]:
    """Compare everybody; a quick run asks fewer, and the forest only with two references by size: its better choice."""
    benchmark, records, rows = lumos(), noise(lumos(), seed), []
    peers = {name: p for name, p in PEERS.items() if not quick or name in QUICK_PEERS}
    foretell(benchmark, benchmark.groups, COUNTS[quick], seed)  # together: a choice of eight begins as that of two
    for k in COUNTS[quick]:
        asked: dict[str, Peer] = {**peers, FOREST: paris_forest} if not quick or k == 2 else peers
        slow = (FOREST,) if quick else ()
        scores = left_out(benchmark, benchmark.groups, k, asked, seed=seed, by_size=slow)
        records += _records(f"{k} references, groups out", k, scores, benchmark.groups.tolist(), seed)
        rows.append((k, scores))
    _show(rows)
    frameworks = np.array([g.partition("/")[0] for g in benchmark.groups])
    scores = left_out(benchmark, frameworks, 3, peers, seed=seed)
    records += _records("3 references, frameworks out", 3, scores, benchmark.groups.tolist(), seed, FRAMEWORK_BAR)
    return records


def noise(benchmark: Benchmark, seed: int) -> list[Record]:
    """The floor: one run against the mean of its cell, and against another run of the cell."""
    rng, good = np.random.default_rng(seed), benchmark.outcome == 0
    cell = benchmark.workload * benchmark.shape[1] + benchmark.machine
    order = np.lexsort((rng.random(cell.size), cell, ~good))[: good.sum()]
    same = np.flatnonzero(cell[order][1:] == cell[order][:-1])
    one, other = benchmark.elapsed_s[order][same], benchmark.elapsed_s[order][same + 1]
    mean = benchmark.seconds[benchmark.workload[order][same], benchmark.machine[order][same]]
    groups = benchmark.groups[benchmark.workload[order][same]].tolist()
    return [
        figure(QUESTION, "noise floor: one run against its cell's mean", "MAPE %", 100 * np.abs(one / mean - 1), groups,
               rng),
        figure(QUESTION, "noise floor: one run against another", "MAPE %", 100 * np.abs(one / other - 1), groups, rng),
    ]  # fmt: skip


def _records(
    case: str, k: int, scores: dict[tuple[str, str], Scores], groups: list[str], seed: int, bar: float | None = None
) -> list[Record]:
    rng, out = np.random.default_rng(seed), []
    mine = scores[OURS, CHOICES[0]]
    for metric, of in (("RRMSE %", "rrmse"), ("MAPE %", "mape")):
        values = getattr(mine, of)
        asked = np.isfinite(values)
        limit = BARS.get((k, metric)) if bar is None else bar if metric == "MAPE %" else None
        out.append(figure(QUESTION, case, metric, values[asked], _of(groups, asked), rng, bar=limit))
        for name in dict.fromkeys(name for name, _ in scores if name != OURS):
            theirs = min((getattr(s, of) for (n, _), s in scores.items() if n == name), key=np.nanmean)
            both = asked & np.isfinite(theirs)
            share = SHARE_OF_FOREST if (name, k, metric, bar) == (FOREST, 2, "RRMSE %", None) else None
            out.append(
                against(QUESTION, case, metric, values[both], name, theirs[both], _of(groups, both), rng, bar=share)
            )
    return out


def _of(groups: list[str], keep: np.ndarray) -> list[str]:
    return [g for g, yes in zip(groups, keep, strict=True) if yes]


def _show(rows: list[tuple[int, dict[tuple[str, str], Scores]]]) -> None:
    """Print methods by references, RRMSE (MAPE) in per cent."""
    print(f"{'RRMSE (MAPE) %':54s}" + "".join(f"{k:>9d} refs" for k, _ in rows))
    for key in dict.fromkeys(key for _, scores in rows for key in scores):
        cells = [
            f"{np.nanmean(s[key].rrmse):6.1f} ({np.nanmean(s[key].mape):.1f})" if key in s else "-" for _, s in rows
        ]
        print(f"{', '.join(key):54s}" + "".join(f"{c:>14s}" for c in cells))
