"""A deadline 1.5 times the fastest machine's time: how often is it missed, and at what extra cost?

Lumos with whole (framework, algorithm) groups left out, three references with one run each: two chosen in the training
fold, the third proposed by ``next`` for this deadline. Then ``rank --deadline``: the cheapest machine whose calibrated
90 % upper bound is early enough. A clairvoyant takes the cheapest machine that is in time. A miss is a chosen machine
whose mean time is above the deadline; extra cost is that of a run over the clairvoyant's, less 1, averaged over
workloads. The peer is the paper's recipe: the cheapest machine whose 90th percentile, as a forest of its own predicts
it, is early enough, with the same number of references, all chosen in the training fold.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from _decisions import Case, Fold, Record, as_new, best, bootstrap, cases, finish, folds, lumos, options
from _forest import ParisForest

from learnsys.machines.decide.deadline import order
from learnsys.machines.decide.propose import propose
from learnsys.machines.decide.rank import ask
from learnsys.machines.models.observe import observe_run
from learnsys.machines.models.references import choose_references

QUESTION = "deadline policy"
SLACK = 1.5
P = 0.9
MISSES, EXTRA, OF_FOREST = 0.05, 0.35, 0.75


def ours(case: Case, references: np.ndarray, deadline: float, rng: np.random.Generator, *, more: int) -> int:
    """Measure some references, then as many more as ``next`` proposes, and choose."""
    question = ask(objective="cost", deadline=deadline, p=P)
    rows = {int(v): case.run(int(v), rng) for v in references}
    evidence = as_new(case, rows)
    for _ in range(more):
        trial = propose(evidence, question).trials[0]
        v = case.training.keys.index(trial.machine)
        rows[v] = case.run(v, rng)
        evidence = as_new(case, rows)
    return best(evidence, question)


def forest(case: Case, model: ParisForest, rep: int, deadline: float) -> int:
    bound = model.seconds(observe_run(case.benchmark, case.workload, model.references, rep))
    places, _ = order(bound * case.usd_s, bound, (bound <= deadline).astype(float), P)
    return int(places[0])


def one_fold(
    fold: Fold, quick: bool, seed: int, rng: np.random.Generator, rows: dict[str, list[tuple[float, float]]]
) -> list[str]:
    three = choose_references(fold.training, 3)
    peer = ParisForest(fold.training, three, "p90", trees=60 if quick else 200, seed=seed)
    groups = []
    for case in cases(fold):
        deadline = SLACK * float(case.seconds.min())
        least = float(case.usd[case.seconds <= deadline].min())
        for rep in range(1 if quick else 3):
            groups.append(fold.group)
            picks = {
                "ours": ours(case, three[:2], deadline, rng, more=1),
                "ours, references fixed": ours(case, three, deadline, rng, more=0),
                "forest p90": forest(case, peer, rep, deadline),
            }
            for name, v in picks.items():
                rows.setdefault(name, []).append((float(case.seconds[v] > deadline), case.usd[v] / least - 1))
    return groups


def main() -> None:
    chosen = options(QUESTION)
    rng = np.random.default_rng(chosen.seed)
    rows: dict[str, list[tuple[float, float]]] = {}
    groups: list[str] = []
    for fold in folds(lumos()):
        groups += one_fold(fold, chosen.quick, chosen.seed, rng, rows)
    table = {name: np.array(values) for name, values in rows.items()}
    for name, values in table.items():
        print("  {}: misses {:.1%}, extra cost {:+.1%}".format(name, *values.mean(axis=0)))
    finish(records(table, groups, rng), chosen.json)


def records(table: dict[str, np.ndarray], groups: list[str], rng: np.random.Generator) -> list[Record]:
    mine, peer = table["ours"], table["forest p90"]
    case, n = f"deadline {SLACK:g} x fastest, decided at the {100 * P:.0f} % bound, 3 references", len(mine)

    def record(metric: str, peer_name: str, column: int, theirs: float, bar: float, value: float) -> Record:
        low, high = bootstrap(groups, mine[:, column], rng, over=np.full(n, theirs if peer_name else 1.0))
        return Record(
            question=QUESTION, case=case, metric=metric, ours=float(mine[:, column].mean()), peer=peer_name,
            theirs=theirs, ratio=value, better="lower", bar=bar, holds=value <= bar, n=n, low=low, high=high,
        )  # fmt: skip

    misses, extra = mine.mean(axis=0).tolist()
    return [
        record("missed deadlines", "", 0, 0.0, MISSES, misses),
        record("extra cost over a clairvoyant", "", 1, 0.0, EXTRA, extra),
        record(
            "extra cost over a clairvoyant", "forest p90", 1, float(peer[:, 1].mean()), OF_FOREST,
            extra / float(peer[:, 1].mean()),
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
