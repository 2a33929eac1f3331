"""Which model completes code best, on packages that none has seen: sequence, tree or both, and what copying gives.

Every model is trained on the same files for the same CPU seconds and has nearly as many parameters; all answer for the
same tokens. Differences are over tokens, intervals from packages drawn again (95 %). ``--split valid`` is what one
chooses on; the test packages are scored once, at the end. Long trainings go on from ``$LEARNSYS_RUNS``.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _data import Data, Held, again, load
from _origins import sources, told
from _ppm import Ppm
from _trained import CHARACTER, scorer

from _harness import Record, figure, finish, machine
from learnsys.complete.baselines.ngram import Ngram
from learnsys.complete.baselines.recent import RecentWords
from learnsys.complete.caches.gate import TENSORS, Gate
from learnsys.complete.caches.scorer import MixtureScorer
from learnsys.complete.models.variants import VARIANTS
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.reader import RuntimeScorer
from learnsys.complete.runtime.shipped import FOLDER
from learnsys.complete.runtime.weights import load_weights
from learnsys.complete.score.measures import Outcome, figures, outcome
from learnsys.complete.score.paired import Difference, paired
from learnsys.complete.score.types import Scorer
from learnsys.core.table import Column, Table

QUESTION = "accuracy of completion"
OURS = "both"
SHIPPED, NGRAM = "shipped", "6-gram + nested caches"
BARS = {
    "js": {
        "names top-1": 0.41,
        "names top-5": 0.61,
        "top-1": 0.665,
        "top-5": 0.84,
        "bits/char": 0.86,
        "calibration": 0.03,
    },
    "py": {"top-1": 0.67, "calibration": 0.03},
    "cpp": {"top-1": 0.63, "calibration": 0.03},
}
NGRAM_TOKENS = 500_000  # of training that it counts: its caches matter, more of this does not
QUICK = ("both", "sequence", "tree", "gpt", "mingru")
SEEDED = ("both", "sequence", "tree")  # the talk's question, from several seeds
SEEDS = {"js": 3, "py": 1, "cpp": 1}
COLUMNS = ("top-1", "top-5", "names top-1", "names top-5", "bits/token", "bits/char", "calibration")


def main() -> None:
    """Train or read, score, compare."""
    options = _options()
    print(machine())
    records: list[Record] = []
    for key in options.language:
        began = time.process_time()
        data = load(
            key, options.split, sample=8_000 if options.quick else options.tokens, share=0.1 if options.quick else 1.0
        )
        print(f"{key}: {len(data.train):,} files to learn from, {len(data.held.files)} to score, "
              f"{time.process_time() - began:.0f} s to read", flush=True)  # fmt: skip
        found = answered(contenders(data, options))
        print(table(key, found, options.split).markdown(), flush=True)
        names, by_origin = told(data, sources(data), found)
        print(names.markdown(), flush=True)
        records += [*measured(data, found), *compared(data, key, found), *judged(data, found), *by_origin]
        for seed in range(options.seed + 1, options.seed + (1 if options.quick else SEEDS[key])):
            forms = [name for name in chosen(options) if name in SEEDED]
            records += compared(data, f"{key}, seed {seed}", answered(variants(forms, data, options, seed)))
    finish(records, options.json)


Contender = tuple[str, Scorer, Held]


def answered(contenders: Iterable[Contender]) -> dict[str, Outcome]:
    """Ask each about the files that are held for it."""
    return {
        name: outcome(held.files, model.score(held.files, held.known), held.packages)
        for name, model, held in contenders
    }


def contenders(data: Data, options: argparse.Namespace) -> Iterator[Contender]:
    """Give each model, and the files with its own vocabulary; what knows projects is asked with and without."""
    yield from variants(chosen(options), data, options, options.seed)
    if options.variants_only:
        return
    weights = options.weights / f"{data.key}.safetensors"
    if weights.exists():
        loaded = load_weights(weights)
        shipped, held = Model.of(loaded), again(data.held, loaded.card.vocabulary, data.lexicon)
        yield f"{SHIPPED}, without caches", RuntimeScorer(SHIPPED, shipped, data.spelling), held
        if TENSORS[0] in loaded.tensors:
            gate = Gate.of(loaded.tensors)
            whole = MixtureScorer(SHIPPED, shipped, gate, lexicon=data.lexicon, spelling=data.spelling)
            yield from ((f"{SHIPPED}, {how}", whole, known) for how, known in _settings(held))
    share = min(1.0, NGRAM_TOKENS / sum(map(len, data.train)))
    ngram = Ngram(data.train[: max(1, round(share * len(data.train)))], data.spelling)
    for peer, model in (NGRAM, ngram), (Ppm.name, Ppm(data.train)), (RecentWords.name, RecentWords()):
        yield from ((f"{peer}, {how}", model, known) for how, known in _settings(data.held))


def chosen(options: argparse.Namespace) -> Sequence[str]:
    """Return the variants that are asked for."""
    if options.models is not None:
        return options.models
    return QUICK if options.quick else (*VARIANTS, CHARACTER)


def variants(names: Sequence[str], data: Data, options: argparse.Namespace, seed: int) -> Iterator[Contender]:
    """Train each, or read it where it is trained already."""
    for name in names:
        yield name, scorer(name, data, cpu_s=options.cpu_s or (12 if options.quick else 300), seed=seed), data.held


def _settings(held: Held) -> Iterator[tuple[str, Held]]:
    yield "cold", replace(held, known=[[] for _ in held.files])
    yield "package", held


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="JavaScript, fewer files, 12 s of training, 8,000 tokens")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", default=None, choices=("js", "py", "cpp"))
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--cpu-s", type=float, help="of training, a model")
    parser.add_argument("--tokens", type=int, default=60_000)
    parser.add_argument("--models", nargs="*", metavar="VARIANT", help="of " + ", ".join((*VARIANTS, CHARACTER)))
    parser.add_argument("--variants-only", action="store_true", help="not the model that ships, not the 6-grams")
    parser.add_argument("--weights", type=Path, default=FOLDER, help="a folder of models, instead of those that ship")
    options = parser.parse_args()
    options.language = options.language or (["js"] if options.quick else ["js", "py", "cpp"])
    return options


def table(key: str, found: dict[str, Outcome], split: str) -> Table:
    """A row a model."""
    rows = tuple((name, *_cells(one)) for name, one in found.items())
    kinds = ["percent"] * 4 + ["number"] * 3
    columns = [Column(name=name, kind=kind) for name, kind in zip(COLUMNS, kinds, strict=True)]
    tokens = len(next(iter(found.values())).rank)
    return Table(
        columns=(Column(name="model"), *columns), rows=rows, notes=(f"{key}, {tokens:,} tokens of {split} packages",)
    )


def _cells(one: Outcome) -> tuple[float, ...]:
    """Return the figures in the order of COLUMNS; what makes no list of suggestions has bits alone."""
    f = figures(one)
    if not one.confidence.any():
        return (*([np.nan] * 4), f.bits_token, f.bits_char, np.nan)
    return (f.top1, f.top5, f.names_top1, f.names_top5, f.bits_token, f.bits_char, f.calibration)


def asked(data: Data) -> str:
    """Return the question, and whose packages it is about."""
    return f"{QUESTION}, {data.split} packages"


def measured(data: Data, found: dict[str, Outcome]) -> list[Record]:
    """Keep every figure of the table."""
    return [
        figure(asked(data), f"{data.key}: {name}", metric, value, n=len(one.rank), better=_better(metric))
        for name, one in found.items()
        for metric, value in zip(COLUMNS, _cells(one), strict=True)
        if np.isfinite(value)
    ]


def _better(metric: str) -> str:
    return "higher" if "top" in metric else "lower"


def compared(data: Data, label: str, found: dict[str, Outcome]) -> list[Record]:
    """Compare ours with each of the others: first suggestions (by how many points) and bits."""
    if OURS not in found:
        return []
    records = []
    for name, other in found.items():
        if name == OURS or name.startswith(
            (SHIPPED, NGRAM, Ppm.name, RecentWords.name)
        ):  # these learned from more, or know more
            continue
        ours, n = found[OURS], len(other.rank)
        top1 = paired(ours.rank == 0, other.rank == 0, ours.package)
        bits = paired(ours.bits, other.bits, ours.package)
        case = f"{label}: {OURS} against {name}"
        if name != CHARACTER:
            print(f"{case}: {100 * top1.mean:+.2f} points of top-1 [{100 * top1.low:+.2f}, {100 * top1.high:+.2f}]")
            records.append(
                _record(asked(data), case, "top-1", name, (figures(ours).top1, figures(other).top1), (top1, n))
            )
        print(f"{case}: {bits.mean:+.3f} bits a token [{bits.low:+.3f}, {bits.high:+.3f}]", flush=True)
        pair = (figures(ours).bits_token, figures(other).bits_token)
        records.append(_record(asked(data), case, "bits/token", name, pair, (bits, n)))
    return records


def judged(data: Data, found: dict[str, Outcome]) -> list[Record]:
    """Hold the model that ships, with its project known, against the bars."""
    if (ours := found.get(f"{SHIPPED}, package")) is None:
        return []
    n = len(ours.rank)
    case = f"{data.key}: {SHIPPED}, package"
    records = [
        figure(asked(data), case, metric, value, n=n, better=_better(metric), bar=BARS[data.key][metric])
        for metric, value in zip(COLUMNS, _cells(ours), strict=True)
        if metric in BARS[data.key]
    ]
    for peer, points in (f"{NGRAM}, package", 7.5), ("LSTM alone", 15.0):
        if (theirs := found.get(peer)) is not None:
            better = 100 * paired(ours.rank == 0, theirs.rank == 0, ours.package).mean
            records.append(figure(asked(data), f"{case}, above {peer}", "points of top-1", better, n=n, bar=points))
    for r in records:
        print(f"{r.case}: {r.metric} {r.ours:.4g}, bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}", flush=True)
    return records


def _record(
    question: str, case: str, metric: str, peer: str, values: Sequence[float], spread: tuple[Difference, int]
) -> Record:
    """One figure; the ratio says how many times better, its spread follows from that of the difference."""
    (ours, theirs), (difference, n) = values, spread
    lower = metric.startswith("bits")
    ends = [theirs / (theirs + d) if lower else (theirs + d) / theirs for d in (difference.low, difference.high)]
    return Record(
        question=question, case=case, metric=metric, ours=ours, peer=peer, theirs=theirs,
        ratio=theirs / ours if lower else ours / theirs, better="lower" if lower else "higher", bar=None, holds=None,
        n=n, low=min(ends), high=max(ends),
    )  # fmt: skip


if __name__ == "__main__":
    main()
