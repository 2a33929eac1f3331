"""What a deadline costs on spot capacity: ours against Uniform Progress, greedy and on demand, on recorded capacity.

    python bench/machines/spot.py [--quick] [--seed N] [--json FILE] [--choose]

Every policy runs the same simulated jobs. Cost is relative to all on demand; ``ratio`` is ours over theirs. Uniform
Progress stands at the best of its forms for these very jobs. ``--choose`` repeats how the settings were chosen instead.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _spot_jobs import SLACKS, SPLIT, Task, data, several, single

from _harness import Record, machine
from learnsys.machines.spot.bound import least_cost
from learnsys.machines.spot.foresight import Foresight, Settings
from learnsys.machines.spot.policies import Greedy, OnDemand, UniformProgress
from learnsys.machines.spot.simulate import Policy, simulate

QUESTION = "spot under a deadline"
BAR = 0.95
BOOTSTRAPS = 2000
EACH = {True: {"single": 8, "several": 4}, False: {"single": 40, "several": 20}}
OURS = "ours"


def peers(*, zones: bool) -> list[Policy]:
    """List the policies that ours is compared with; in several zones, with either way to pick one."""
    picks = ("oldest", "most") if zones else ("oldest",)
    forms = [UniformProgress(pick=p, tight=t) for p in picks for t in (0.0, 0.6)]
    return [OnDemand(), Greedy(), *forms, UniformProgress(hysteresis=False)]


class Costs:
    """Cost over that on demand and lateness of each task (rows) under each policy."""

    def __init__(self, tasks: Sequence[Task], policies: Sequence[Policy]) -> None:
        self.tasks, self.names = tasks, [p.name for p in policies]
        self.cost, self.late, self.cpu_s = np.empty((len(tasks), len(policies))), {}, {}
        for j, policy in enumerate(policies):
            began, late = time.process_time(), 0
            for i, t in enumerate(tasks):
                run = simulate(policy, t.pools, t.job, start_s=t.start_s)
                self.cost[i, j], late = run.cost_usd / t.job.on_demand_cost_usd, late + (not run.met)
            self.late[policy.name], self.cpu_s[policy.name] = late, time.process_time() - began
        self.bound = np.array([least_cost(t.pools, t.job, t.start_s) / t.job.on_demand_cost_usd for t in tasks])

    def of(self, name: str) -> np.ndarray:
        """Return the costs under the policy ``name``."""
        return self.cost[:, self.names.index(name)]

    def spread(self, ours: np.ndarray, theirs: np.ndarray, keep: np.ndarray, seed: int) -> tuple[float, float]:
        """Bootstrap the ratio of mean costs over (zone, week) cells: its central 90 %."""
        cells = {c: i for i, c in enumerate(sorted({t.cell for t, k in zip(self.tasks, keep, strict=True) if k}))}
        at = np.array([cells[t.cell] for t, k in zip(self.tasks, keep, strict=True) if k])
        a, b = (np.bincount(at, weights=x[keep], minlength=len(cells)) for x in (ours, theirs))
        drawn = np.random.default_rng(seed).integers(len(cells), size=(BOOTSTRAPS, len(cells)))
        low, high = np.quantile(a[drawn].sum(1) / b[drawn].sum(1), [0.05, 0.95])
        return float(low), float(high)


def compare(case: str, costs: Costs, keep: np.ndarray, *, seed: int, bar: bool) -> list[Record]:
    """Record ours against each peer on the tasks of ``keep``."""
    ours, n = costs.of(OURS), int(keep.sum())
    forms = [name for name in costs.names if name.startswith("uniform")]
    best = min(forms, key=lambda name: costs.of(name)[keep].mean())
    cells = {t.cell for t, k in zip(costs.tasks, keep, strict=True) if k}
    print(f"\n{case}: {n} jobs in {len(cells)} (zone, week) cells")
    records = []
    for name in [*costs.names, "knowing the future"]:
        theirs = costs.bound if name not in costs.names else costs.of(name)
        print(f"  {name:42} {theirs[keep].mean():.4f} of on demand" + ("  <- best form" if name == best else ""))
        if name != OURS:
            ratio = float(ours[keep].mean() / theirs[keep].mean())
            low, high = costs.spread(ours, theirs, keep, seed)
            barred = BAR if bar and name == best else None
            records.append(
                Record(
                    question=QUESTION, case=case, metric="cost / on demand", ours=float(ours[keep].mean()), peer=name,
                    theirs=float(theirs[keep].mean()), ratio=ratio, better="lower", bar=barred,
                    holds=None if barred is None else ratio <= barred, n=n, low=low, high=high,
                )
            )  # fmt: skip
    return records


def missed(case: str, costs: Costs, bar: float | None = 0.0) -> Record:
    """Record how many deadlines ours missed; those of the policies under the same guard are printed."""
    late = costs.late[OURS]
    print(f"  missed deadlines: {', '.join(f'{n} {k}' for n, k in costs.late.items())} of {len(costs.tasks)}")
    return Record(
        question=QUESTION, case=case, metric="missed deadlines", ours=late, peer="none", theirs=0.0, ratio=float(late),
        better="lower", bar=bar, holds=late <= (bar or 0.0), n=len(costs.tasks), low=float(late), high=float(late),
    )  # fmt: skip


def bench(name: str, draw: Callable[[Path, int, int], list[Task]], options: argparse.Namespace) -> list[Record]:
    """Run all policies on the tasks that ``draw`` makes, and record them by how new their zones and weeks are."""
    tasks = draw(data(), EACH[options.quick][name], options.seed)
    tasks = [t for t in tasks if not (t.chosen_zone and t.chosen_week)]
    if not tasks:
        print(f"\n{name}: no zones and weeks but those of the choice")
        return []
    costs = Costs(tasks, [Foresight(), *peers(zones=name == "several")])
    new = np.array([not (t.chosen_zone or t.chosen_week) for t in tasks])
    records = []
    if new.any():
        records += compare(f"{name} zone{'s' * (name == 'several')}, new", costs, new, seed=options.seed, bar=True)
        for low, high in ((SLACKS[0], 1.25), (1.25, 1.6), (1.6, SLACKS[1] + 1e-9)):
            slack = np.array([low <= t.job.deadline_s / t.job.work_s < high for t in tasks]) & new
            if slack.sum() > 1:
                records += compare(f"{name}, new, slack {low:g}-{high:g}", costs, slack, seed=options.seed, bar=False)
    everything = np.ones(len(tasks), bool)
    records += compare(f"{name}, other", costs, everything, seed=options.seed, bar=not new.any())
    records.append(missed(name, costs))
    print("  CPU ms a job: " + ", ".join(f"{n} {1e3 * s / len(tasks):.1f}" for n, s in costs.cpu_s.items()))
    return records


def choose(options: argparse.Namespace) -> None:
    """Repeat the choice of the settings, on the zones and weeks set apart for it."""
    tasks = [t for t in single(data(), 30, options.seed) if t.chosen_zone and t.chosen_week]
    day, hour = 86400.0, 3600.0
    tried = [
        Settings(),
        *(Settings(half_life_s=d * day) for d in (0.5, 7)),
        *(Settings(prior_s=h * hour) for h in (1, 24)),
        *(Settings(again_s=h * hour) for h in (2, 24)),
        *(Settings(steps=n) for n in (48, 192)),
    ]
    uniform = Costs(tasks, [UniformProgress()]).cost.mean()
    for s in tried:
        costs = Costs(tasks, [Foresight(s)])
        print(
            f"{costs.cost.mean() / uniform:.4f} x Uniform Progress, {1e3 * costs.cpu_s[OURS] / len(tasks):.1f} ms: {s}"
        )


def main() -> None:
    """Run the comparison and write its records."""
    parser = argparse.ArgumentParser(description=QUESTION)
    parser.add_argument("--quick", action="store_true", help="fewer jobs, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--choose", action="store_true", help="repeat how the settings were chosen")
    options = parser.parse_args()
    if not data().exists():
        print(f"skipped: no data at {data()}")
        if options.json:
            options.json.write_text("[]\n")
        return
    print(machine(), SPLIT, "simulated on recorded capacity", sep="\n")
    if options.choose:
        choose(options)
        return
    records = [*bench("single", single, options), *bench("several", several, options)]
    print()
    for r in records:
        if r.bar is not None:
            print(
                f"{r.case}, {r.metric}: {r.ours:.4g}, {r.ratio:.3f} times {r.peer} "
                f"[{r.low:.3f}-{r.high:.3f}, n={r.n}], "
                f"bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
            )
    if options.json:
        options.json.write_text(json.dumps([asdict(r) for r in records], indent=1) + "\n")
    if any(r.holds is False for r in records):
        sys.exit(1)


if __name__ == "__main__":
    main()
