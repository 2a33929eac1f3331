"""Does the tree help where a program is read as its syntax tree: events of sequence, tree and both, and pairs.

A node opens, a leaf stands, a node closes: the variants read these events; the LSTM of Neural Code Completion (Liu et
al. 2017) reads pairs of a node and its token instead, and may deny to answer. All have the same files, CPU seconds and
nearly the same number of parameters; all are asked about the same packages that none has seen. ``bits/leaf`` are those
of the token and of all nodes since the token before it. Pairs tell the type of each leaf too, and ask for its token
when that is known, so that their terminals are easier and their bits more than those of events.

    python bench/complete/events.py --quick
    python bench/complete/events.py --split test --json bench/results/complete-events.json
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _data import Data, load
from _trained import event_scorer, pair_model
from numpy.typing import NDArray

from _harness import Record, finish, machine
from learnsys.complete.models.pairs import score_pairs
from learnsys.complete.score.measures import Outcome, outcome
from learnsys.complete.score.paired import paired
from learnsys.core.table import Column, Table

QUESTION = "accuracy of events of syntax trees"
OURS, PAIRS = "both", "pairs"
EVENTS = (OURS, "sequence", "tree", "LSTM alone")


@dataclass(frozen=True)
class Answered:
    """What a model got right: actions, types of nodes that open (all nodes, of pairs), and the tokens.

    Each with the number of its package; ``answered`` says for which tokens the model did not deny.
    """

    actions: NDArray[np.bool_] | None
    nodes: NDArray[np.bool_]
    node_package: NDArray[np.int32]
    tokens: Outcome
    package: NDArray[np.int32]
    answered: NDArray[np.bool_] | None = None

    @property
    def terminals(self) -> NDArray[np.bool_]:
        """Whether the first token of the list is right."""
        return self.tokens.rank == 0


def main() -> None:
    """Train or read, score, compare."""
    options = _options()
    print(machine())
    records: list[Record] = []
    for key in options.language:
        data = load(key, options.split, sample=options.tokens, share=0.1 if options.quick else 1.0)
        found = dict(contenders(data, options))
        print(table(key, found, options).markdown(), flush=True)
        records += [*compared(key, found), *denied(key, found)]
    finish(records, options.json)


def contenders(data: Data, options: argparse.Namespace) -> Iterator[tuple[str, Answered]]:
    """Give what each model answered."""
    files, packages = data.held.files, data.held.packages
    numbers = {package: i for i, package in enumerate(dict.fromkeys(packages))}
    owners = np.array([numbers[package] for package in packages], np.int32)
    for name in EVENTS:
        events = event_scorer(name, data, cpu_s=options.cpu_s, seed=options.seed).events(files)
        tokens = outcome(files, [one.tokens for one in events], packages)
        opened = np.concatenate([one.opened for one in events])
        package = np.repeat(owners, [len(one.actions) for one in events])
        yield name, Answered(
            actions=np.concatenate([one.actions for one in events]), package=package, tokens=tokens,
            nodes=np.concatenate([one.types for one in events])[opened], node_package=package[opened],
        )  # fmt: skip
    model = pair_model(data, cpu_s=options.cpu_s, seed=options.seed)
    pairs = score_pairs(model, files, data.vocabulary, data.spelling)
    package = np.repeat(owners, [len(one.nodes) for one in pairs])
    yield PAIRS, Answered(
        actions=None, nodes=np.concatenate([one.nodes for one in pairs]), node_package=package, package=package,
        tokens=outcome(files, [one.tokens for one in pairs], packages),
        answered=~np.concatenate([one.denied for one in pairs]),
    )  # fmt: skip


def table(key: str, found: dict[str, Answered], options: argparse.Namespace) -> Table:
    """A row a model."""
    rows = []
    for name, one in found.items():
        actions, share = one.actions, one.answered
        rows.append((
            name, None if actions is None else float(actions.mean()), float(one.nodes.mean()),
            float(one.terminals.mean()), float(one.tokens.bits.mean(dtype=np.float64)),
            *((None, None) if share is None else (float(share.mean()), float(one.terminals[share].mean()))),
        ))  # fmt: skip
    kinds = {"action": "percent", "non-terminal": "percent", "terminal": "percent", "bits/leaf": "number"}
    kinds |= {"answered": "percent", "terminal, of those answered": "percent"}
    note = f"{key}, {len(found[OURS].terminals):,} tokens of {options.split} packages, {options.cpu_s:g} CPU s each"
    return Table(
        columns=(Column(name="model"), *(Column(name=name, kind=kind) for name, kind in kinds.items())),
        rows=tuple(rows), notes=(note,),
    )  # fmt: skip


def compared(key: str, found: dict[str, Answered]) -> list[Record]:
    """Compare both with each of the others on what both are asked."""
    ours, records = found[OURS], []
    for name, other in found.items():
        if name == OURS:
            continue
        asked = [("terminal", ours.terminals, other.terminals, ours.tokens.package)]
        if ours.actions is not None and other.actions is not None:
            asked.append(("action", ours.actions, other.actions, ours.package))
            asked.append(("non-terminal", ours.nodes, other.nodes, ours.node_package))
        asked.append(("bits/leaf", ours.tokens.bits, other.tokens.bits, ours.tokens.package))
        records += [_record(f"{key}: {OURS} against {name}", name, *one) for one in asked]
    return records


def denied(key: str, found: dict[str, Answered]) -> list[Record]:
    """Say how much more often pairs are right where they do not deny."""
    one = found[PAIRS]
    assert one.answered is not None
    right, share = float(one.terminals[one.answered].mean()), float(one.terminals.mean())
    return [
        Record(
            question=QUESTION, case=f"{key}: {PAIRS}, {one.answered.mean():.1%} answered", metric="terminal",
            ours=right, peer="answering always", theirs=share, ratio=right / share, better="higher", bar=None,
            holds=None, n=len(one.answered), low=right / share, high=right / share,
        )
    ]  # fmt: skip


def _record(
    case: str,
    peer: str,
    metric: str,
    ours: NDArray[np.float64],
    theirs: NDArray[np.float64],
    package: NDArray[np.int32],
) -> Record:
    """One figure; the ratio says how many times better, its spread follows from that of the difference."""
    difference, lower = paired(ours, theirs, package), metric.startswith("bits")
    own, other = float(ours.mean(dtype=np.float64)), float(theirs.mean(dtype=np.float64))
    unit, scale = (metric, 1) if lower else (f"points of {metric}", 100)
    low, high = scale * difference.low, scale * difference.high
    print(f"{case}: {scale * difference.mean:+.3g} {unit} [{low:+.3g}, {high:+.3g}]", flush=True)
    ends = [other / (other + d) if lower else (other + d) / other for d in (difference.low, difference.high)]
    return Record(
        question=QUESTION, case=case, metric=metric, ours=own, peer=peer, theirs=other,
        ratio=other / own if lower else own / other, better="lower" if lower else "higher", bar=None, holds=None,
        n=len(package), low=min(ends), high=max(ends),
    )  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="JavaScript, fewer files, 8 s of training, 4,000 tokens")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", default=None, choices=("js", "py", "cpp"))
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--cpu-s", type=float, help="of training, a model; 180")
    parser.add_argument("--tokens", type=int)
    options = parser.parse_args()
    options.language = options.language or (["js"] if options.quick else ["js", "py", "cpp"])
    options.cpu_s = options.cpu_s or (8.0 if options.quick else 180.0)
    options.tokens = options.tokens or (4_000 if options.quick else 60_000)
    return options


if __name__ == "__main__":
    main()
