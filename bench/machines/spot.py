"""What a deadline costs on spot capacity: ours against Uniform Progress, greedy and on demand, on recorded capacity.

    python bench/machines/spot.py [--quick] [--seed N] [--json FILE] [--choose]

Every policy runs the same simulated jobs, in one zone and in several. Cost is relative to all on demand; ``ratio`` is
ours over theirs. Uniform Progress stands at the best of its forms for these very jobs, the paper's own is ``uniform``.
``--choose`` repeats how the settings were chosen instead.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _spot_jobs import CHECKPOINTS_S, SLACKS, SPLIT, Task, data, hazards_an_hour, several, single

from _harness import Record, finish, machine
from learnsys.machines.spot.bound import least_cost
from learnsys.machines.spot.foresight import Foresight, Settings
from learnsys.machines.spot.policies import Greedy, OnDemand, UniformProgress
from learnsys.machines.spot.series import DOWN, UP
from learnsys.machines.spot.simulate import Policy, simulate

QUESTION = "spot under a deadline"
BAR = 0.95
BOOTSTRAPS = 2000
EACH = {True: {"single": 8, "several": 4}, False: {"single": 40, "several": 20}}
OURS, KNOWING = "ours", "knowing the future"
SLACK_EDGES = (SLACKS[0], 1.25, 1.6, SLACKS[1] + 1e-9)


def peers(*, zones: bool) -> list[Policy]:
    """List the policies that ours is compared with; in several zones, with either way to pick one."""
    picks = ("oldest", "most") if zones else ("oldest",)
    forms = [UniformProgress(pick=p, tight=t) for p in picks for t in (0.0, 0.6)]
    plain = [UniformProgress(hysteresis=False, tight=t) for t in (0.0, 0.6)]
    return [OnDemand(), Greedy(), *forms, *plain]


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


@dataclass(frozen=True)
class Pair:
    """Costs of ours and of a peer on the same jobs, and the (zone, week) cell of each."""

    ours: np.ndarray
    theirs: np.ndarray
    cells: Sequence[object]

    @property
    def ratio(self) -> float:
        """Mean cost of ours over that of the peer."""
        return float(self.ours.mean() / self.theirs.mean())

    def record(self, case: str, peer: str, *, seed: int, bar: float | None) -> Record:
        """Record the ratio of mean costs with its central 90 % by bootstrap over cells."""
        order = {c: i for i, c in enumerate(sorted(set(self.cells), key=str))}
        at = np.array([order[c] for c in self.cells])
        a, b = (np.bincount(at, weights=x) for x in (self.ours, self.theirs))
        drawn = np.random.default_rng(seed).integers(len(order), size=(BOOTSTRAPS, len(order)))
        low, high = np.quantile(a[drawn].sum(1) / b[drawn].sum(1), [0.05, 0.95])
        return Record(
            question=QUESTION, case=case, metric="cost / on demand", ours=float(self.ours.mean()), peer=peer,
            theirs=float(self.theirs.mean()), ratio=self.ratio, better="lower", bar=bar,
            holds=None if bar is None else self.ratio <= bar, n=len(at), low=float(low), high=float(high),
        )  # fmt: skip


def compare(case: str, costs: Costs, keep: np.ndarray, seed: int) -> tuple[list[Record], Pair]:
    """Record ours against each peer on the tasks of ``keep``; the pair with the best form of Uniform Progress too."""
    cells = [t.cell for t, k in zip(costs.tasks, keep, strict=True) if k]
    forms = [name for name in costs.names if name.startswith("uniform")]
    best = min(forms, key=lambda name: costs.of(name)[keep].mean())
    print(f"\n{case}: {len(cells)} jobs in {len(set(cells))} (zone, week) cells")
    pairs = {}
    for name in [*costs.names, KNOWING]:
        theirs = costs.bound if name == KNOWING else costs.of(name)
        pairs[name] = Pair(ours=costs.of(OURS)[keep], theirs=theirs[keep], cells=cells)
        note = "  <- best form" if name == best else ""
        print(f"  {name:36} {theirs[keep].mean():.4f} of on demand; ours / it {pairs[name].ratio:.3f}{note}")
    records = [pair.record(case, name, seed=seed, bar=None) for name, pair in pairs.items() if name != OURS]
    return records, pairs[best]


def missed(case: str, costs: Costs, bar: float | None = 0.0) -> Record:
    """Record how many deadlines ours missed; those of the policies under the same guard are printed."""
    late = costs.late[OURS]
    print(f"  missed deadlines: {', '.join(f'{n} {k}' for n, k in costs.late.items())} of {len(costs.tasks)}")
    return Record(
        question=QUESTION, case=case, metric="missed deadlines", ours=late, peer="none", theirs=0.0, ratio=float(late),
        better="lower", bar=bar, holds=late <= (bar or 0.0), n=len(costs.tasks), low=float(late), high=float(late),
    )  # fmt: skip


def bench(
    name: str, draw: Callable[[Path, int, int], list[Task]], options: argparse.Namespace
) -> tuple[list[Record], dict[str, Pair]]:
    """Run all policies on the tasks that ``draw`` makes, and record them by how new their zones and weeks are."""
    tasks = draw(data(), EACH[options.quick][name], options.seed)
    tasks = [t for t in tasks if not (t.chosen_zone and t.chosen_week)]
    if not tasks:
        print(f"\n{name}: no jobs but on the zones and weeks of the choice")
        return [], {}
    costs = Costs(tasks, [Foresight(), *peers(zones=name == "several")])
    new = np.array([not (t.chosen_zone or t.chosen_week) for t in tasks])
    slack = np.array([t.job.deadline_s / t.job.work_s for t in tasks])
    saving = np.array([t.job.checkpoint_s for t in tasks])
    wanted = {f"{name}, new": new, f"{name}, other": ~new}
    wanted |= {f"{name}, new, saving {s:g} s": new & (saving == s) for s in CHECKPOINTS_S}
    wanted |= {f"{name}, new, slack {a:g}-{b:g}": new & (a <= slack) & (slack < b) for a, b in pairwise(SLACK_EDGES)}
    records, best = [], {}
    for case, keep in wanted.items():
        if keep.any():
            told, best[case] = compare(case, costs, keep, options.seed)
            records += told
    records.append(missed(name, costs))
    print("  CPU ms a job: " + ", ".join(f"{n} {1e3 * s / len(tasks):.1f}" for n, s in costs.cpu_s.items()))
    return records, best


def headline(best: dict[str, Pair], seed: int) -> list[Record]:
    """Record the bars: new jobs in one zone, in several and in both, against the best form of Uniform Progress."""
    for kind in ("new", "other"):  # other zones and weeks count only where none is new
        pairs = {case: best[case] for case in (f"single, {kind}", f"several, {kind}") if case in best}
        if pairs:
            ours, theirs = (np.concatenate([getattr(p, x) for p in pairs.values()]) for x in ("ours", "theirs"))
            cells = [c for p in pairs.values() for c in p.cells]
            pairs[f"all, {kind}"] = Pair(ours=ours, theirs=theirs, cells=cells)
            return [pair.record(case, "uniform, best form", seed=seed, bar=BAR) for case, pair in pairs.items()]
    return []


def choose(options: argparse.Namespace) -> None:
    """Repeat the choice of the settings, on the zones and weeks set apart for it."""
    tasks = [t for t in single(data(), 30, options.seed) if t.chosen_zone and t.chosen_week]
    for name, state in (("up", UP), ("down", DOWN)):
        print(f"hazards an hour by age, {name}: {np.round(hazards_an_hour(data(), state), 3).tolist()}")
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
    one, best = bench("single", single, options)
    more, others = bench("several", several, options)
    records = [*one, *more, *headline(best | others, options.seed)]
    print()
    for r in records:
        if r.bar is not None:
            print(
                f"{r.case}, {r.metric}: {r.ours:.4g}, {r.ratio:.3f} times {r.peer} "
                f"[{r.low:.3f}-{r.high:.3f}, n={r.n}], "
                f"bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
            )
    finish(records, options.json)


if __name__ == "__main__":
    main()
