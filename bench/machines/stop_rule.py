"""How many references are worth paying for, before choosing a machine?

Lumos with whole (framework, algorithm) groups left out. Each contender pays for runs of the new workload, one after the
other, and then chooses the machine of least cost. What counts is the dollars spent on runs plus the regret of the
choice (dollars more than the cheapest machine's run) over all runs to come, as a multiple of one run on the cheapest.

Ours is ``learnsys machines next`` as a user calls it: a first reference, then the one of most worth per dollar, until
it says stop. Peers: CherryPick with its documented stop, and three references chosen in the training fold. A job that
runs once is not worth measuring at all; so 10 and 100 runs are shown too, each time told to the rule (``--runs``).
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from _cherrypick import cherrypick
from _decisions import Case, Record, bootstrap, cases, finish, fixed_references, folds, lumos, options

from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.decide.evidence import look
from learnsys.machines.decide.fitted import fit_for
from learnsys.machines.decide.propose import propose, propose_first
from learnsys.machines.decide.rank import answer, ask

QUESTION = "stop rule"
MOST = 8  # references: a rule that never stops
BARS = {"CherryPick": 0.7, "3 fixed references": 0.9}


def fingerprint(case: Case, seconds: dict[int, float]) -> Fingerprint:
    keys = case.training.keys
    runs = tuple(
        Run(machine=keys[v], outcome="ok", elapsed_s=t, cpu_s=0.0, peak_bytes=0, working_set_bytes=0)
        for v, t in seconds.items()
    )
    return Fingerprint(name="new", command=(), runs=runs)


def cheapest(case: Case, seconds: dict[int, float]) -> int:
    """Choose as ``rank`` does, among machines where the truth is known."""
    job = fingerprint(case, seconds)
    ranking = answer(look(job, fit_for(case.training, [r.machine for r in job.runs])), ask(objective="cost"))
    order = case.training.index([m.key for m in ranking.rows.columns.machines])
    return int(next(v for v in order if case.known[v]))


def ours(case: Case, runs: float | None, rng: np.random.Generator) -> tuple[float, int, int]:
    """Follow the advice of ``next``."""
    known = np.flatnonzero(case.known)
    training = case.training.only(machines=known)
    here = Case(case.benchmark, training, case.workload, case.seconds[known], case.usd[known], case.usd_s[known])
    question, seconds, spent = ask(objective="cost"), {}, 0.0
    key = propose_first(training, question, name="new", runs=runs).next
    while key is not None:
        v = training.keys.index(key)
        seconds[v] = case.run(int(known[v]), rng)
        spent += seconds[v] * here.usd_s[v]
        if len(seconds) == MOST:
            break
        job = fingerprint(here, seconds)
        proposal = propose(look(job, fit_for(training, [r.machine for r in job.runs])), question, runs=runs)
        key = proposal.next
    return spent, int(known[cheapest(here, seconds)]), len(seconds)


def main() -> None:
    chosen = options(QUESTION)
    rng = np.random.default_rng(chosen.seed)
    benchmark, rules = lumos(), {"1 %": None, "1": 1.0, "10": 10.0, "100": 100.0}
    rows: dict[str, list[tuple[float, float, float]]] = {}
    groups: list[str] = []
    for fold in folds(benchmark, rng=rng):
        three = fixed_references(fold, benchmark, 3)
        for case in cases(benchmark, fold):
            for _ in range(1 if chosen.quick else 3):
                groups.append(fold.group)
                seconds = {int(v): case.run(int(v), rng) for v in three}
                spent = sum(t * case.usd_s[v] for v, t in seconds.items())
                done = {"3 fixed references": (spent, cheapest(case, seconds), 3), "CherryPick": cherrypick(case, rng)}
                done |= {rule: ours(case, runs, rng) for rule, runs in rules.items()}
                least = float(np.nanmin(case.usd))
                for name, (usd, v, n) in done.items():
                    rows.setdefault(name, []).append((usd / least, float(case.usd[v]) / least - 1, n))
    table = {name: np.array(values) for name, values in rows.items()}
    for name, values in table.items():
        print("  {}: spent {:.2f} runs, regret {:.3f} a run, {:.1f} references".format(name, *values.mean(axis=0)))
    finish([r for peer, bar in BARS.items() for r in compare(table, groups, peer, bar, rng)], chosen.json)


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
        low, high = bootstrap(groups, lambda i, a=a, b=b: a[i].mean() / b[i].mean(), rng)
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
