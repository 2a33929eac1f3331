"""The facts behind docs/reproduce/paris.md: what 55 machine types cost and how long they take, as measured.

Nothing is predicted here. The picture shows three workloads of different nature, chosen by a rule and not by hand: of
those measured on nearly all machines, the one that keeps processors busiest, the one that waits most for the disk, and
the one that leaves processors idle most. ``--chart FILE`` draws it.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from _decisions import Record, bootstrap, finish, lumos, machine

from learnsys.core.chart import altair, save_chart, styled
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.select import Fleet

QUESTION = "paris"
NEARLY_ALL = 0.95  # of the machines
NATURES = {"busiest processors": "m|%user", "most waiting for the disk": "m|%iowait", "idlest processors": "m|%idle"}


def three(benchmark: Benchmark) -> dict[str, int]:
    """Choose the workload of each nature."""
    counters = np.nanmean(benchmark.cell_counters, axis=1)
    counters[(benchmark.runs > 0).mean(axis=1) < NEARLY_ALL] = np.nan
    at = {name: benchmark.counter_names.index(counter) for name, counter in NATURES.items()}
    return {name: int(np.nanargmax(counters[:, i])) for name, i in at.items()}


def facts(benchmark: Benchmark, rng: np.random.Generator) -> list[Record]:
    """Say how far the cheapest per hour is from the cheapest for the job, and how the answer moves with the job."""
    seconds, usd_hour = benchmark.seconds, Fleet(benchmark.catalog.machines).offers()[1]
    usd, groups = seconds * usd_hour / 3600, list(benchmark.groups)
    hour = np.array([np.nanargmin(np.where(np.isfinite(row), usd_hour, np.nan)) for row in seconds])
    least, fastest = np.nanargmin(usd, axis=1), np.nanargmin(seconds, axis=1)
    rows = np.arange(len(seconds))
    dearer = 100 * (usd[rows, hour] / usd[rows, least] - 1)
    slower = seconds[rows, hour] / np.nanmin(seconds, axis=1)
    quick = 100 * (usd[rows, fastest] / usd[rows, least] - 1)

    def told(case: str, metric: str, values: np.ndarray) -> Record:
        ends = bootstrap(groups, values, rng) if values.size > 1 else [values[0]] * 2
        low, high = map(float, ends)
        return Record(
            question=QUESTION, case=case, metric=metric, ours=float(values.mean()), peer="", theirs=float("nan"),
            ratio=float("nan"), better="", bar=None, holds=None, n=len(values), low=low, high=high,
        )  # fmt: skip

    ours = [
        told(f"{benchmark.workloads[w].name} ({nature})", metric, np.array([figure]))
        for nature, w in three(benchmark).items()
        for metric, figure in (
            ("seconds on the cheapest over those on the fastest", seconds[w, least[w]] / seconds[w, fastest[w]]),
            ("dollars on the fastest over those on the cheapest", usd[w, fastest[w]] / usd[w, least[w]]),
            ("dollars on the dearest over those on the cheapest", np.nanmax(usd[w]) / np.nanmin(usd[w])),
            ("median seconds with 8 cores over those with 2", _median(benchmark, w, 8) / _median(benchmark, w, 2)),
        )
    ]
    spread = np.nanmax(seconds, axis=1) / np.nanmin(seconds, axis=1)
    return [
        told("cheapest per hour", "workloads for which it is not the cheapest for the job, %", 100.0 * (hour != least)),
        told("cheapest per hour", "more dollars of a run than the cheapest for the job, %", dearer),
        told("cheapest per hour", "times the seconds of the fastest", slower),
        told("fastest", "more dollars of a run than the cheapest for the job, %", quick),
        told("all machines", "seconds of the slowest over those of the fastest", spread),
        told("all machines", "distinct machines that are fastest for some workload",
             np.full(len(seconds), float(np.unique(fastest).size))),
        told("all machines", "distinct machines that are cheapest for some workload",
             np.full(len(seconds), float(np.unique(least).size))),
        *ours,
    ]  # fmt: skip


def _median(benchmark: Benchmark, w: int, cores: int) -> float:
    """Median seconds of a workload on the machines of so many cores."""
    return float(np.nanmedian(benchmark.seconds[w, [m.vcpus == cores for m in benchmark.catalog.machines]]))


def picture(benchmark: Benchmark) -> Any:
    """Draw dollars against seconds on every machine, a panel a workload, with the three choices marked."""
    draw = altair()
    usd_hour = Fleet(benchmark.catalog.machines).offers()[1]
    counters = np.nanmean(benchmark.cell_counters, axis=1)
    panels = []
    for nature, w in three(benchmark).items():
        seconds = benchmark.seconds[w]
        usd, ran = seconds * usd_hour / 3600, np.flatnonzero(np.isfinite(seconds))
        marks = {
            "fastest": int(np.nanargmin(seconds)),
            "cheapest for the job": int(np.nanargmin(usd)),
            "cheapest per hour": int(ran[np.argmin(usd_hour[ran])]),
        }
        rows = [
            {"vm": benchmark.keys[v], "cloud": benchmark.keys[v].partition("/")[0], "s": float(seconds[v]),
             "usd": float(usd[v])}
            for v in ran
        ]  # fmt: skip
        labels = [
            {"s": float(seconds[v]), "usd": float(usd[v]), "what": f"{what}: {benchmark.keys[v].partition('/')[2]}",
             "choice": what}
            for what, v in marks.items()
        ]  # fmt: skip
        value = counters[w, benchmark.counter_names.index(NATURES[nature])]
        base = draw.Chart(
            draw.Data(values=rows), width=250, height=260,
            title=draw.TitleParams(
                benchmark.workloads[w].name, subtitle=f"{nature}: {value:.0f} % {NATURES[nature][3:]}"),
        )  # fmt: skip
        place = {
            "x": draw.X("s:Q", title="seconds of a run", scale=draw.Scale(type="log", nice=False, padding=12)),
            "y": draw.Y("usd:Q", title="US dollars of a run", axis=draw.Axis(format="~g"),
                        scale=draw.Scale(type="log", nice=False, padding=12)),
        }  # fmt: skip
        dots = base.mark_point(filled=True, size=40, opacity=0.8).encode(
            **place, color=draw.Color("cloud:N", title="cloud"), tooltip=["vm:N", "s:Q", "usd:Q"]
        )
        rings = draw.Chart(draw.Data(values=labels)).mark_point(size=170, strokeWidth=2, color="#1c2429").encode(
            **place, shape=draw.Shape("choice:N", title="choice", scale=draw.Scale(
                domain=list(marks), range=["triangle-up", "circle", "square"])), tooltip=["what:N"],
        )  # fmt: skip
        panels.append(dots + rings)
    return styled(draw.hconcat(*panels))


def main() -> None:
    parser = argparse.ArgumentParser(description=QUESTION)
    parser.add_argument("--quick", action="store_true", help="the same: nothing is fitted here")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--chart", type=Path, help="draw three workloads here (.svg, .png or .html)")
    chosen = parser.parse_args()
    print(machine())
    benchmark = lumos()
    if chosen.chart:
        save_chart(picture(benchmark), chosen.chart)
    finish(facts(benchmark, np.random.default_rng(chosen.seed)), chosen.json)


if __name__ == "__main__":
    main()
