"""How often variables and routines of packages never seen get the name that their authors gave them.

Asked for are local variables (parameters among them) and routines, in files of the chosen packages; all occurrences
of the name are masked, for routines all that is spelled the same in the file. Three settings: ``file`` (nothing else
is known), ``project`` (the other files of the package are open, as in an editor; files of the same name do not count,
since they may be copies), and ``strict`` (for variables too everything in the file that is spelled the same is
masked, and no other symbol votes). The shipped model answers through `names.ranker`. Sub-token F1 is the mean over
symbols (Allamanis et al. 2016), and for information that of all sub-tokens together (``micro``). Intervals are of
packages drawn again.
"""

import argparse
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _data import corpora, shuffled
from _naming import ContextVote, CopyTheInitialiser
from numpy.typing import NDArray

from _harness import Record, finish, machine
from learnsys.complete.corpus.stored import read
from learnsys.complete.corpus.types import Source
from learnsys.complete.lexing.subtokens import subtokens
from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.proposals import Project, proposals
from learnsys.complete.names.ranker import Ranker, load_names, shipped_names
from learnsys.complete.names.spelling import style_of
from learnsys.complete.names.suggest import LIKELY, is_better

QUESTION = "naming"
SETTINGS = ("file", "project", "strict")
BARS = {"exact": 0.25, "F1": 0.35}
BARRED = ("file", "project")
LEARNT, QUICK_LEARNT, QUICK_ASKED = 40_000, 8_000, 2_000  # symbols that context-vote learns from; symbols asked for
DRAWS = 1000


@dataclass(frozen=True)
class Files:
    """The files whose symbols are asked for, and all that their packages have."""

    chosen: list[Source]
    all: list[Source]


@dataclass
class Answers:
    """For each symbol asked for its package, name, and what each contender called it."""

    packages: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    given: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    p: list[float] = field(default_factory=list)  # of our name
    proposed: list[bool] = field(default_factory=list)  # whether we would have proposed it in place of the author's


def f1(given: str, true: str) -> tuple[int, int, int]:
    """Sub-tokens in common, given, and true."""
    a, b = Counter(subtokens(given) if given else ()), Counter(subtokens(true))
    return sum((a & b).values()), a.total(), b.total()


def scores(given: Sequence[str], names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """For each symbol whether the name is exact, and its F1."""
    hits = np.array([f1(g, n) for g, n in zip(given, names, strict=True)], np.float64).reshape(-1, 3)
    exact = np.array([g == n for g, n in zip(given, names, strict=True)], np.float64)
    return {"exact": exact, "F1": 2 * hits[:, 0] / (hits[:, 1] + hits[:, 2]), "counts": hits}


def answers(files: Files, key: str, model: Ranker, vote: ContextVote, setting: str) -> dict[str, Answers]:
    """Name the symbols of the chosen files in a setting."""
    strict = setting == "strict"
    projects = {}
    if setting == "project":
        for package in {source.package for source in files.chosen}:
            own = [(s.path, describe(flat(s.text, key), path=s.path)) for s in files.all if s.package == package]
            projects[package] = Project(own, model.vocabulary.weight)
    found = {"variable": Answers(), "routine": Answers()}
    copy = CopyTheInitialiser()
    for source in files.chosen:
        file = describe(flat(source.text, key), path=source.path, strict=strict)
        asked = proposals(
            file, model.vocabulary.weight, key, strict=strict, project=projects.get(source.package), path=source.path
        )
        style = style_of([d.symbol.name for d in file], key)
        for one, (ranked, p) in zip(file, model.rank(file, asked, n=1), strict=True):
            if one.symbol.sort == "routine" or one.symbol.local:
                into = found[one.symbol.sort]
                into.packages.append(source.package)
                into.names.append(one.symbol.name)
                into.given["ours"].append(ranked[0].name)
                into.p.append(ranked[0].p)
                into.proposed.append(
                    one.symbol.sure and is_better(one.symbol.name, p, ranked[0], model.vocabulary.part_ids)
                )
                into.given["context-vote"].append(vote.name(one, style))
                into.given["copy-the-initialiser"].append(copy.name(one, style))
    return found


def interval(values: NDArray[np.float64], packages: Sequence[str], seed: int) -> tuple[float, float]:
    """95 % of means over packages drawn with replacement."""
    rng = np.random.default_rng(seed)
    names, which = np.unique(packages, return_inverse=True)
    sums, counts = np.bincount(which, values), np.bincount(which)
    drawn = rng.integers(0, len(names), (DRAWS, len(names)))
    low, high = np.quantile(sums[drawn].sum(1) / counts[drawn].sum(1), [0.025, 0.975])
    return float(low), float(high)


def records(key: str, setting: str, sort: str, found: Answers, seed: int) -> list[Record]:
    """Compare with both baselines."""
    told = {who: scores(given, found.names) for who, given in found.given.items()}
    made = []
    for metric in ("exact", "F1"):
        mine = told["ours"][metric]
        low, high = interval(mine, found.packages, seed)
        for peer in ("context-vote", "copy-the-initialiser"):
            theirs, ours = float(told[peer][metric].mean()), float(mine.mean())
            bar = BARS[metric] if setting in BARRED else None
            made.append(
                Record(
                    question=QUESTION, case=f"{key} {sort}s, {setting}", metric=metric, ours=ours, peer=peer,
                    theirs=theirs, ratio=ours / max(theirs, 1e-9), better="higher", bar=bar, n=len(mine), low=low,
                    high=high, holds=None if bar is None else ours >= bar and ours > theirs,
                )
            )  # fmt: skip
    return made


def show(key: str, setting: str, sort: str, found: Answers) -> None:
    """Print a row a contender."""
    for who, given in found.given.items():
        told = scores(given, found.names)
        common, a, b = told["counts"].sum(0)
        print(
            f"{key} {sort:8s} {setting:8s} {who:21s} exact {told['exact'].mean():.3f}, F1 {told['F1'].mean():.3f}, "
            f"micro {2 * common / (a + b):.3f}, n={len(given)}", flush=True,
        )  # fmt: skip


def shown(key: str, setting: str, sort: str, found: Answers) -> list[Record]:
    """Say how good the names are that would be shown, and how often one is proposed in place of the author's."""
    sure = np.array(found.p) >= LIKELY
    exact = scores(found.given["ours"], found.names)["exact"]
    figures = {
        f"exact where p >= {LIKELY:g}": exact[sure].mean() if sure.any() else 0.0,
        f"share with p >= {LIKELY:g}": sure.mean(),
        "renames proposed for authors' names": np.mean(found.proposed),
    }
    print(f"{key} {sort:8s} {setting:8s} " + ", ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    return [
        Record(
            question=QUESTION, case=f"{key} {sort}s, {setting}", metric=name, ours=float(value), peer="", theirs=0.0,
            ratio=1.0, better="lower" if "proposed" in name else "higher", bar=None, holds=None, n=len(exact),
            low=float(value), high=float(value),
        )
        for name, value in figures.items()
    ]  # fmt: skip


def learnt(key: str, symbols: int) -> ContextVote:
    """Let context-vote learn from training files, of all packages in turn."""
    files, total = [], 0
    for source in shuffled(read(corpora() / f"{key}.parquet", "train")):
        if total >= symbols:
            break
        files.append(describe(flat(source.text, key), path=source.path))
        total += len(files[-1])
    return ContextVote(files)


def chosen(key: str, split: str, most: int | None) -> Files:
    """Choose all files of a split, or of each package in turn until there are some symbols."""
    sources = read(corpora() / f"{key}.parquet", split)
    if most is None:
        return Files(list(sources), list(sources))
    share = most / max(1, len({s.package for s in sources}))
    counts: Counter[str] = Counter()
    kept = []
    for s in shuffled(sources):
        if counts[s.package] < share:
            counts[s.package] += len(describe(flat(s.text, key)))
            kept.append(s)
    return Files(kept, list(sources))


def main() -> None:
    """Ask and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="JavaScript, fewer symbols, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", choices=("js", "py", "cpp"))
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--symbols", type=int, help="ask for about so many, of each package in turn; all if omitted")
    parser.add_argument("--models", type=Path, help="folder of other models than those that ship")
    options = parser.parse_args()
    print(machine())
    made: list[Record] = []
    for key in options.language or (["js"] if options.quick else ["js", "py", "cpp"]):
        model = load_names(options.models / f"{key}-names.safetensors") if options.models else shipped_names(key)
        vote = learnt(key, QUICK_LEARNT if options.quick else LEARNT)
        files = chosen(key, options.split, QUICK_ASKED if options.quick else options.symbols)
        for setting in SETTINGS:
            for sort, found in answers(files, key, model, vote, setting).items():
                show(key, setting, sort, found)
                made += records(key, setting, sort, found, options.seed)
                made += shown(key, setting, sort, found)
    for r in made:
        if r.bar is not None:
            print(f"{r.case}, {r.metric}: {r.ours:.3f} [{r.low:.3f}-{r.high:.3f}, n={r.n}] against {r.theirs:.3f} "
                  f"({r.peer}), bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}")  # fmt: skip
    finish(made, options.json)


if __name__ == "__main__":
    main()
