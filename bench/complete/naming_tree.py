"""Does a Tree-LSTM with flow in both directions name better than a bag of facts, or beside it?

The tree model reads the statements around each occurrence, the name masked: child-sum upwards, then down (Tai et al.
2015); the states at the masked leaves are averaged. The bag is the model that ships. Both end in the same layer over
known and copied names. Same symbols, same CPU seconds of training each, one language; files only, no project.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
import torch
from _data import corpora, shuffled
from naming import scores
from torch import Tensor, nn
from torch.nn import functional as F

from _harness import Record, finish, machine
from learnsys.complete.corpus.stored import read
from learnsys.complete.lexing.subtokens import subtokens
from learnsys.complete.models.namer import Namer
from learnsys.complete.models.tree_lstm import BothWays
from learnsys.complete.names.candidates import Candidate
from learnsys.complete.names.encode import encode
from learnsys.complete.names.features import Described, describe
from learnsys.complete.names.flat import Flat, flat
from learnsys.complete.names.proposals import proposals
from learnsys.complete.names.vocabulary import NameVocabulary, learn_names

WIDTH, USES, NODES, LEVELS = 64, 5, 40, 6  # of states; occurrences, nodes and ancestors that are read
BUCKETS, MASKED = 4096, 1
BATCH, RATE = 128, 3e-3


@dataclass(frozen=True)
class Forest:
    """Statements around the occurrences of a symbol: parents, node kinds, words (bucket numbers), and masked leaves."""

    parents: list[int]
    kinds: list[int]
    words: list[list[int]]
    masked: list[int]


@dataclass(frozen=True)
class Row:
    """A symbol with its candidates and its trees."""

    found: Described
    own: Sequence[Candidate]
    forest: Forest


def bucket(word: str) -> int:
    """Number of a word, of few buckets."""
    return 2 + sum(ord(c) * 31**i for i, c in enumerate(word[:12])) % (BUCKETS - 2)


def forest(tree: Flat, found: Described) -> Forest:
    """Read the statement around each occurrence, the symbol's own leaves masked."""
    own, made = set(found.symbol.occurrences), Forest([], [], [], [])
    for i in found.symbol.occurrences[:USES]:
        top = i
        for _ in range(LEVELS):
            above = tree.parents[top]
            if above < 0 or tree.last[above] - above > NODES or "statement" in tree.types[top]:
                break
            top = above
        base, inside = len(made.parents), range(top, min(tree.last[top], top + NODES) + 1)
        for node in inside:
            made.parents.append(base + tree.parents[node] - top if node > top else -1)
            made.kinds.append(bucket(tree.types[node] + tree.fields[node]))
            if node in own:
                made.masked.append(len(made.words))
                made.words.append([MASKED])
            else:
                made.words.append([bucket(p) for p in subtokens(tree.spelled(node))[:4]] if tree.is_leaf(node) else [0])
        if not made.masked:
            made.masked.append(base)
    return made


class TreeNamer(nn.Module):
    """The layer over names fed by trees, by the bag, or by both."""

    def __init__(self, vocabulary: NameVocabulary, kind: str) -> None:
        super().__init__()
        self.kind, self.vocabulary = kind, vocabulary
        self.namer = Namer(vocabulary, width=WIDTH)
        self.node, self.word = nn.Embedding(BUCKETS, WIDTH), nn.EmbeddingBag(BUCKETS, WIDTH, mode="mean")
        self.tree, self.out = BothWays(WIDTH, WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, rows: Sequence[Row]) -> tuple[Tensor, Tensor]:
        """Return scores of all names (n, names + most), and the column of each true one, -1 out of reach."""
        asked = encode([r.found for r in rows], [r.own for r in rows], self.vocabulary)
        h: Tensor | float = 0.0
        if self.kind != "bag":
            h = self.out(self.states(rows))
        if self.kind != "tree":
            features, offsets = (torch.from_numpy(a).long() for a in (asked.features, asked.feature_offsets[:-1]))
            h = h + self.namer.state(features, offsets)
        logits, extra, places = self.namer.ranked(h, asked)
        columns, begin = [], 0
        for r in rows:
            at = next((j for j, c in enumerate(r.own) if c.name == r.found.symbol.name), -1)
            known = self.vocabulary.name_ids.get(r.found.symbol.name, -1)
            columns.append(int(places[begin + at]) if at >= 0 else known)
            begin += len(r.own)
        return torch.cat([logits, extra], 1), torch.tensor(columns)

    def states(self, rows: Sequence[Row]) -> Tensor:
        """Return the mean state of the masked leaves of each symbol, (n, 2 WIDTH)."""
        parents, kinds, words, masked, owners = [], [], [], [], []
        for n, r in enumerate(rows):
            base = len(parents)
            parents += [p + base if p >= 0 else -1 for p in r.forest.parents]
            kinds += r.forest.kinds
            words += r.forest.words
            masked += [m + base for m in r.forest.masked]
            owners += [n] * len(r.forest.masked)
        starts = torch.tensor([0, *(len(w) for w in words)]).cumsum(0)[:-1]
        x = self.node(torch.tensor(kinds)) + self.word(torch.tensor([w for own in words for w in own]), starts)
        states, owner = self.tree(x, torch.tensor(parents))[torch.tensor(masked)], torch.tensor(owners)
        counts = torch.bincount(owner, minlength=len(rows)).clamp(min=1)[:, None]
        return states.new_zeros(len(rows), 2 * WIDTH).index_add(0, owner, states) / counts


def rows(key: str, split: str, symbols: int, vocabulary: NameVocabulary | None) -> tuple[list[Row], NameVocabulary]:
    """Describe files of a split until there are so many symbols; learn a vocabulary if there is none."""
    files, total = [], 0
    for source in shuffled(read(corpora() / f"{key}.parquet", split)):
        if total >= symbols:
            break
        tree = flat(source.text, key)
        files.append((source.package, tree, describe(tree)))
        total += len(files[-1][2])
    vocabulary = vocabulary or learn_names([(package, file) for package, _, file in files], key)
    made = []
    for _, tree, file in files:
        for found, own in zip(file, proposals(file, vocabulary.weight, key), strict=True):
            if found.symbol.local or found.symbol.sort == "routine":
                made.append(Row(found, own, forest(tree, found)))
    return made, vocabulary


def fit(model: TreeNamer, made: Sequence[Row], cpu_s: float, seed: int) -> int:
    """Train for some CPU seconds; return the symbols seen."""
    optimiser, rng = torch.optim.Adam(model.parameters(), lr=RATE), np.random.default_rng(seed)
    began, seen = time.process_time(), 0
    while (spent := time.process_time() - began) < cpu_s:
        for group in optimiser.param_groups:
            group["lr"] = RATE * max(0.05, 1 - spent / cpu_s)
        scored, columns = model([made[i] for i in rng.integers(0, len(made), BATCH)])
        known = torch.nonzero(columns >= 0).flatten()
        loss = F.cross_entropy(scored[known], columns[known])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        seen += BATCH
    return seen


def named(model: TreeNamer, made: Sequence[Row]) -> list[str]:
    """Return the likeliest name of each symbol."""
    found, names = [], model.vocabulary.names
    model.eval()
    with torch.no_grad():
        for a in range(0, len(made), BATCH):
            part = made[a : a + BATCH]
            for r, j in zip(part, model(part)[0].argmax(1).tolist(), strict=True):
                fresh = [c.name for c in r.own if c.name not in model.vocabulary.name_ids]
                found.append(names[j] if j < len(names) else fresh[j - len(names)])
    return found


def main() -> None:
    """Train the three and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few symbols, 12 s of training each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", default="js", choices=("js", "py", "cpp"))
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--cpu-s", type=float, default=120.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(machine())
    quick = options.quick
    made, vocabulary = rows(options.language, "train", 4_000 if quick else 30_000, None)
    asked, _ = rows(options.language, options.split, 1_500 if quick else 8_000, vocabulary)
    told = {}
    for kind in ("bag", "tree", "both"):
        torch.manual_seed(options.seed)
        model = TreeNamer(vocabulary, kind)
        seen = fit(model, made, 12.0 if quick else options.cpu_s, options.seed)
        names = named(model, asked)
        told[kind] = {
            sort: scores(
                [n for n, r in zip(names, asked, strict=True) if r.found.symbol.sort == sort],
                [r.found.symbol.name for r in asked if r.found.symbol.sort == sort],
            )
            for sort in ("variable", "routine")
        }
        for sort, figures in told[kind].items():
            print(f"{kind:5s} {sort:8s} exact {figures['exact'].mean():.3f}, F1 {figures['F1'].mean():.3f}, "
                  f"n={len(figures['F1'])}, {seen} symbols seen", flush=True)  # fmt: skip
    records = [
        _record(options.language, sort, metric, told["bag"][sort][metric], peer, told[peer][sort][metric])
        for sort in ("variable", "routine") for metric in ("exact", "F1") for peer in ("tree", "both")
    ]  # fmt: skip
    finish(records, options.json)


def _record(key: str, sort: str, metric: str, ours: np.ndarray, peer: str, theirs: np.ndarray) -> Record:
    ratio = float(ours.mean() / max(theirs.mean(), 1e-9))
    return Record(
        question="naming by trees",
        case=f"{key} {sort}s",
        metric=metric,
        ours=float(ours.mean()),
        peer=peer,
        theirs=float(theirs.mean()),
        ratio=ratio,
        better="higher",
        bar=None,
        holds=None,
        n=len(ours),
        low=ratio,
        high=ratio,
    )


if __name__ == "__main__":
    main()
