"""How many references are worth paying for, before choosing a machine?

Lumos with whole (framework, algorithm) groups left out. Each contender pays for runs of the new workload, one after the
other, and then chooses the machine of least cost. What counts is the dollars spent on runs plus the regret of the
choice (dollars more than the cheapest machine's run) over all runs to come, as a multiple of one run on the cheapest.

Ours is ``learnsys machines next`` as a user calls it: a first reference, then the one of most worth per dollar, until
it says stop. Peers: CherryPick with its documented stop; three references that predict best, chosen in the training
fold, among all machines or among the third that is cheapest to run on. A job that runs once is not worth measuring at
all; so 10 and 100 runs are shown too, each time told to the rule (``--runs``).
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from _cherrypick import cherrypick
from _decisions import Case, Record, as_new, best, bootstrap, cases, finish, folds, lumos, options

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.propose import propose, propose_first
from learnsys.machines.decide.rank import ask
from learnsys.machines.decide.select import Fleet
from learnsys.machines.models.references import choose_references

QUESTION = "stop rule"
MOST = 8  # references: a rule that never stops
BARS = {"CherryPick": 0.7, "3 fixed references": 0.9, "3 fixed cheap references": 0.9}
COST = ask(objective="cost")


def ours(case: Case, runs: float | None, rng: np.random.Generator) -> tuple[float, int, int]:
    """Follow the advice of ``next``; give dollars spent, the machine chosen, and how many were measured."""
    rows: dict[int, int] = {}
    key = propose_first(case.training, COST, name="new", runs=runs).next
    while key is not None and len(rows) < MOST:
        v = case.training.keys.index(key)
        rows[v] = case.run(v, rng)
        evidence = as_new(case, rows)
        key = propose(evidence, COST, runs=runs).next
    return case.spent(rows), best(evidence, COST), len(rows)


def fixed(case: Case, references: np.ndarray, rng: np.random.Generator) -> tuple[float, int, int]:
    rows = {int(v): case.run(int(v), rng) for v in references}
    return case.spent(rows), best(as_new(case, rows), COST), len(rows)


def main() -> None:
    chosen = options(QUESTION)
    rng = np.random.default_rng(chosen.seed)
    rules = {"1 %": None, "1": 1.0, "10": 10.0, "100": 100.0}
    rows: dict[str, list[tuple[float, float, float]]] = {}
    groups: list[str] = []
    for fold in folds(lumos()):
        three = choose_references(fold.training, 3)
        cheap = choose_references(fold.training, 3, allowed=small(fold.training))
        for case in cases(fold):
            for _ in range(1 if chosen.quick else 3):
                groups.append(fold.group)
                done = {
                    "3 fixed references": fixed(case, three, rng),
                    "3 fixed cheap references": fixed(case, cheap, rng),
                    "CherryPick": cherrypick(case, rng),
                    "no run, cheapest for known workloads": (0.0, usual(case), 0),
                }
                done |= {rule: ours(case, runs, rng) for rule, runs in rules.items()}
                least = float(case.usd.min())
                for name, (usd, v, n) in done.items():
                    rows.setdefault(name, []).append((usd / least, float(case.usd[v]) / least - 1, n))
    table = {name: np.array(values) for name, values in rows.items()}
    for name, values in table.items():
        print("  {}: spent {:.2f} runs, regret {:.3f} a run, {:.1f} references".format(name, *values.mean(axis=0)))
    finish([r for peer, bar in BARS.items() for r in compare(table, groups, peer, bar, rng)], chosen.json)


def usual(case: Case) -> int:
    """Choose the machine of least mean cost over the known workloads, each in units of its own cheapest machine."""
    usd = case.training.seconds * case.usd_s
    return int(np.argmin(np.nanmean(usd / np.nanmin(usd, axis=1, keepdims=True), axis=0)))


def small(training: Benchmark) -> np.ndarray:
    """Find the third of the machines on which the known workloads' runs cost least."""
    usd = np.nanmedian(training.seconds, axis=0) * Fleet(training.catalog.machines).offers()[1]
    return np.sort(np.argsort(usd)[: len(usd) // 3])


def compare(
    table: dict[str, np.ndarray], groups: list[str], peer: str, bar: float, rng: np.random.Generator
) -> list[Record]:
    """Compare totals for each number of runs to come."""
    records = []
    for rule, runs, case in (
        ("1 %", 1, "stop at 1 % regret, 1 run to come"),
        ("1", 1, "told 1 run to come"), ("10", 10, "told 10 runs to come"), ("100", 100, "told 100 runs to come"),
    ):  # fmt: skip
        a, b = (t[:, 0] + runs * t[:, 1] for t in (table[rule], table[peer]))
        low, high = bootstrap(groups, a, rng, over=b)
        ratio = float(a.mean() / b.mean())
        records.append(
            Record(
                question=QUESTION, case=case, metric="spent + regret, in runs on the cheapest machine",
                ours=float(a.mean()), peer=peer, theirs=float(b.mean()), ratio=ratio, better="lower", bar=bar,
                holds=ratio <= bar, n=len(a), low=low, high=high,
            )
        )  # fmt: skip
    return records


if __name__ == "__main__":
    main()
