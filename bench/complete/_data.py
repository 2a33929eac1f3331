"""Corpora as the comparisons read them: encoded training files, and a fixed sample of tokens of unseen packages.

The corpora are those of ``learnsys complete corpus build``, found as LANGUAGE.parquet in ``$LEARNSYS_CORPORA``.
"""

import os
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from learnsys.complete.corpus.stored import read, read_manifest
from learnsys.complete.corpus.types import Source, Split
from learnsys.complete.data.encode import Encoded, Lexicon, encode_tokens
from learnsys.complete.data.vocabulary import Vocabulary, learn_vocabulary
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.score.spelling import Spelling

SAMPLE = 60_000  # tokens
RARE = 3  # files: words of so few are what spelling learns from


@dataclass(frozen=True)
class Held:
    """Files of unseen packages, the package of each, and all the other files of that package."""

    files: list[Encoded]
    packages: list[str]
    known: list[list[Encoded]]


@dataclass(frozen=True)
class Data:
    """One language: what models learn from, and what all of them share."""

    key: str
    split: Split
    digest: str
    vocabulary: Vocabulary
    lexicon: Lexicon
    train: list[Encoded]
    spelling: Spelling
    held: Held


def corpora() -> Path:
    """The folder of the corpora."""
    place = os.environ.get("LEARNSYS_CORPORA")
    if place is None:
        sys.exit("set LEARNSYS_CORPORA to the folder of js.parquet, py.parquet and cpp.parquet: see docs/benchmarks.md")
    return Path(place)


def load(key: str, split: Split, *, sample: int = SAMPLE, share: float = 1.0) -> Data:
    """Read a corpus; ``share`` of the training files in an order that no name rules."""
    path = corpora() / f"{key}.parquet"
    sources = shuffled(read(path, "train"))
    found = [(s.package, tokens(s.text, key)) for s in sources[: max(1, round(share * len(sources)))]]
    found = [(package, one) for package, one in found if len(one) > 1]
    vocabulary, lexicon = learn_vocabulary(found), Lexicon()
    train = [encode_tokens(one, vocabulary, lexicon) for _, one in found]
    files: dict[str, int] = {}
    for _, one in found:
        for word in set(one.words):
            files[word] = files.get(word, 0) + 1
    return Data(
        key=key, split=split, digest=read_manifest(path).sha256, vocabulary=vocabulary, lexicon=lexicon, train=train,
        spelling=Spelling(word for word, count in files.items() if count <= RARE),
        held=_held(read(path, split), vocabulary, lexicon, sample),
    )  # fmt: skip


def sampled(sources: tuple[Source, ...], key: str, sample: int) -> list[Source]:
    """Take a file of each package in turn, none with over an eighth of ``sample``, until there are so many tokens."""
    small: dict[str, list[tuple[Source, int]]] = {}
    for s in shuffled(sources):
        n = len(tokens(s.text, key))
        if 1 < n <= sample / 8:
            small.setdefault(s.package, []).append((s, n))
    files, total = [], 0
    for turn in range(max(map(len, small.values()))):
        for own in small.values():
            if turn < len(own) and total < sample:
                files.append(own[turn][0])
                total += own[turn][1]
    return files


def _held(sources: tuple[Source, ...], vocabulary: Vocabulary, lexicon: Lexicon, sample: int) -> Held:
    """Encode a sample, and all else of its packages."""
    encoded: dict[str, list[Encoded]] = {}
    files, packages = [], []
    wanted = {(s.package, s.path) for s in sampled(sources, vocabulary.language, sample)}
    for s in shuffled(sources):
        file = encode_tokens(tokens(s.text, vocabulary.language), vocabulary, lexicon)
        if len(file) > 1:
            encoded.setdefault(s.package, []).append(file)
            if (s.package, s.path) in wanted:
                files.append(file)
                packages.append(s.package)
    order = sorted(range(len(files)), key=lambda i: packages[i])  # so that what is known changes little between files
    files, packages = [files[i] for i in order], [packages[i] for i in order]
    known = [
        [other for other in encoded[package] if other is not file]
        for file, package in zip(files, packages, strict=True)
    ]
    return Held(files=files, packages=packages, known=known)


def again(held: Held, vocabulary: Vocabulary, lexicon: Lexicon) -> Held:
    """Turn the same files into arrays with another vocabulary."""
    made = {
        id(file): encode_tokens(file.tokens, vocabulary, lexicon)
        for file in [*held.files, *(other for known in held.known for other in known)]
    }
    return Held(
        files=[made[id(file)] for file in held.files], packages=held.packages,
        known=[[made[id(other)] for other in known] for known in held.known],
    )  # fmt: skip


def texts(key: str, files: int, seed: int) -> list[str]:
    """Texts of 5 to 40 kB of validation packages, for those who type in them."""
    sources = shuffled(read(corpora() / f"{key}.parquet", "valid"), str(seed))
    return [s.text for s in sources if 5_000 <= len(s.text) <= 40_000][:files]


def shuffled(sources: tuple[Source, ...], seed: str = "") -> list[Source]:
    """Order sources as no name rules."""
    return sorted(sources, key=lambda s: sha256(f"{seed}{s.package}/{s.path}".encode()).digest())
