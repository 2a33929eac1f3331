"""What completion saves whom types: files of unseen packages are written key by key, and the list is accepted from.

The model that ships, through a `Session`, as an editor has it: the package's other files lie in a folder that the
session has read; the file begins empty. White space is typed for nothing. Of each token, the list of five is asked for
before its first character and after each one that is typed; the token is accepted, for one key, as soon as it is in
the list, and typed to its end if it never is. Saved is the share of the tokens' characters that need no key.

A sign right behind a word is never in the list, as the word might go on: it is typed, and counts as nothing saved. So
how often the list is right is told of the other tokens alone.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from _data import corpora, sampled

from _harness import Record, figure, finish, machine
from learnsys.complete import Session
from learnsys.complete.corpus.stored import read
from learnsys.complete.corpus.types import Source
from learnsys.complete.languages import LANGUAGES
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.types import Kind
from learnsys.complete.runtime.shipped import FOLDER
from learnsys.complete.session import OpenFile

QUESTION = "keystrokes saved"
SHOWN = 5
SAVED = {"js": 0.47}


@dataclass
class Count:
    """Sums over tokens: how many, their characters, keys, and those among the first and the five suggestions."""

    tokens: int = 0
    chars: int = 0
    keys: int = 0
    first: int = 0
    shown: int = 0
    reciprocal: float = 0.0

    def add(self, chars: int, keys: int, rank: int) -> None:
        """Count a token; ``rank`` is its place in the list before its first character, SHOWN if it is not there."""
        self.tokens, self.chars, self.keys = self.tokens + 1, self.chars + chars, self.keys + keys
        self.first, self.shown = self.first + (rank == 0), self.shown + (rank < SHOWN)
        self.reciprocal += 1 / (1 + rank) if rank < SHOWN else 0.0

    @property
    def saved(self) -> float:
        """Share of characters that need no key."""
        return 1 - self.keys / self.chars


@dataclass
class Counts:
    """All tokens, those that are no punctuation, and identifiers."""

    all: Count = field(default_factory=Count)
    wordlike: Count = field(default_factory=Count)
    names: Count = field(default_factory=Count)


def main() -> None:
    """Write files, count keys."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 tokens a language, the same bars")
    parser.add_argument("--seed", type=int, default=0, help="nothing here is drawn at random")
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", default=None, choices=tuple(LANGUAGES))
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--models", type=Path, default=FOLDER, help="a folder of models, instead of those that ship")
    options = parser.parse_args()
    print(machine())
    records: list[Record] = []
    for key in options.language or LANGUAGES:
        began = time.process_time()
        sources = read(corpora() / f"{key}.parquet", options.split)
        found = written(key, sources, options.models, 1_000 if options.quick else options.tokens)
        print(f"{key}, {options.split} packages, {time.process_time() - began:.0f} CPU s", flush=True)
        records += judged(key, options.split, found)
    finish(records, options.json)


def written(key: str, sources: tuple[Source, ...], models: Path, total: int) -> Counts:
    """Write sampled files of all packages, one after the other."""
    found = Counts()
    chosen: dict[str, list[Source]] = {}
    for source in sampled(sources, key, total):
        chosen.setdefault(source.package, []).append(source)
    for package, files in chosen.items():
        with TemporaryDirectory() as folder:
            for source in sources:
                if source.package == package:
                    place = Path(folder) / source.path
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_text(source.text, "utf-8", newline="")
            session = Session(folder, key, {key: models / f"{key}.safetensors"})
            session.index()
            for source in files:
                file = session.open(Path(folder) / source.path, "")
                write(file, source.text, found)
                file.close()
        print(f"  {package}: {found.all.tokens:,} tokens, saved {found.all.saved:.1%}", file=sys.stderr, flush=True)
    return found


def write(file: OpenFile, text: str, found: Counts) -> None:
    """Write a file whose text is empty, token by token."""
    target, at = tokens(text, file.language), 0
    for word, start, kind in zip(target.words, target.starts.tolist(), target.kinds.tolist(), strict=True):
        file.edit(at, at, text[at:start])
        rank = place(file, start, word)
        typed = 0
        while typed < len(word) - 1 and (rank if not typed else place(file, start + typed, word)) >= SHOWN:
            file.edit(start + typed, start + typed, word[typed])
            typed += 1
        keys = typed + 1  # the list's, or the last character
        found.all.add(len(word), keys, rank)
        if kind != Kind.SIGN:
            found.wordlike.add(len(word), keys, rank)
        if kind == Kind.NAME:
            found.names.add(len(word), keys, rank)
        at = start + len(word)
        file.edit(start + typed, start + typed, word[typed:])


def place(file: OpenFile, offset: int, word: str) -> int:
    """Return the place of ``word`` in the list at a cursor, SHOWN if it is not there."""
    items = [item.text for item in file.suggest(offset, SHOWN).items]
    return items.index(word) if word in items else SHOWN


def judged(key: str, split: str, found: Counts) -> list[Record]:
    """Say what was saved, against the bar."""
    records, question = [], f"{QUESTION}, {split} packages"
    for what, own in ("all tokens", found.all), ("without punctuation", found.wordlike), ("identifiers", found.names):
        bar = SAVED.get(key) if own is found.all else None
        case = f"{key}: {what}"
        records.append(figure(question, case, "keystrokes saved", own.saved, n=own.tokens, bar=bar))
        if own is not found.all:
            records += [
                figure(question, case, metric, value / own.tokens, n=own.tokens)
                for metric, value in (("top-1", own.first), ("top-5", own.shown), ("MRR of five", own.reciprocal))
            ]
    for r in records:
        verdict = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
        print(f"{r.case}: {r.metric} {r.ours:.4f}{verdict}", flush=True)
    return records


if __name__ == "__main__":
    main()
