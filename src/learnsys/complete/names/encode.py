"""Symbols and their candidate names as numbers: what a model of names is trained on and asked with.

Ragged lists are one array of values and one of offsets: the values of row i are ``values[offsets[i]:offsets[i + 1]]``.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.names.candidates import Candidate, candidates
from learnsys.complete.names.features import Described
from learnsys.complete.names.spelling import style_of, words_of
from learnsys.complete.names.votes import Votes

FEATURES: Final = 8192
NAMES: Final = 3072
PARTS: Final = 3072
SOURCES: Final = 640
NUMBERS: Final = 8  # figures of a candidate


@final
class NameVocabulary(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What has a number: features, whole names, parts of names, sources of candidates; and the weight of each feature.

    Number 0 of features, parts and sources is unknown; ``idf`` belongs to ``features``, that of an unknown one first.
    """

    language: str
    features: tuple[str, ...]
    idf: tuple[float, ...]
    names: tuple[str, ...]
    parts: tuple[str, ...]
    sources: tuple[str, ...]

    @cached_property
    def feature_ids(self) -> dict[str, int]:
        """Number of each feature."""
        return {word: i for i, word in enumerate(self.features)}

    @cached_property
    def name_ids(self) -> dict[str, int]:
        """Number of each name."""
        return {word: i for i, word in enumerate(self.names)}

    @cached_property
    def part_ids(self) -> dict[str, int]:
        """Number of each part."""
        return {word: i for i, word in enumerate(self.parts)}

    @cached_property
    def source_ids(self) -> dict[str, int]:
        """Number of each source."""
        return {word: i for i, word in enumerate(self.sources)}

    def weight(self, feature: str) -> float:
        """Return the idf of a feature; what training never saw weighs most."""
        return self.idf[self.feature_ids.get(feature, 0)]


@final
class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Symbols with their candidates, n and m in number, as arrays.

    Attributes
    ----------
    features, feature_offsets : int32, (n + 1,) int64
        Numbers of known features.
    owners : (m,) int32
        The symbol of each candidate; candidates of a symbol follow each other.
    known : (m,) int32
        Number of the candidate among the known names, -1 if it is none.
    sources, source_offsets, parts, part_offsets : int32, (m + 1,) int64
        Where candidates come from, and their words.
    numbers : (m, NUMBERS) float32
        Votes and form of each candidate.
    """

    features: NDArray[np.int32]
    feature_offsets: NDArray[np.int64]
    owners: NDArray[np.int32]
    known: NDArray[np.int32]
    sources: NDArray[np.int32]
    source_offsets: NDArray[np.int64]
    parts: NDArray[np.int32]
    part_offsets: NDArray[np.int64]
    numbers: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.feature_offsets) - 1


def proposals(
    file: Sequence[Described], weight: Callable[[str], float], language: str, *, strict: bool = False
) -> list[list[Candidate]]:
    """Return the candidates of each symbol of a file, votes of the other symbols of the file among them."""
    names = [found.symbol.name for found in file]
    features = [found.features() for found in file]
    votes, style = Votes(names, features, weight=weight), style_of(names, language)
    beside: defaultdict[int, set[str]] = defaultdict(set)
    for found in file:
        if found.symbol.sort == "variable":
            beside[found.symbol.routine].add(found.symbol.name)
    asked = []
    for i, found in enumerate(file):
        symbol = found.symbol
        banned = symbol.name if strict or symbol.sort == "routine" else ""
        used = frozenset(beside[symbol.routine] - {symbol.name}) if symbol.sort == "variable" else frozenset()
        asked.append(candidates(found, votes.ask(features[i], but=i, banned=banned), style=style, used=used))
    return asked


def encode(file: Sequence[Described], asked: Sequence[Sequence[Candidate]], vocabulary: NameVocabulary) -> Asked:
    """Turn symbols and their candidates into numbers."""
    flat = [(i, candidate) for i, own in enumerate(asked) for candidate in own]
    features, feature_offsets = _ragged([_known(vocabulary.feature_ids, found.features()) for found in file])
    sources, source_offsets = _ragged([_known(vocabulary.source_ids, c.sources) or [0] for _, c in flat])
    parts, part_offsets = _ragged([[vocabulary.part_ids.get(word, 0) for word in c.words] or [0] for _, c in flat])
    return Asked(
        features=features, feature_offsets=feature_offsets, sources=sources, source_offsets=source_offsets,
        parts=parts, part_offsets=part_offsets, owners=np.array([i for i, _ in flat], np.int32),
        known=np.array([vocabulary.name_ids.get(c.name, -1) for _, c in flat], np.int32),
        numbers=np.array([_numbers(c) for _, c in flat], np.float32).reshape(-1, NUMBERS),
    )  # fmt: skip


def _known(ids: dict[str, int], words: Iterable[str]) -> list[int]:
    return [ids[word] for word in words if word in ids]


def _numbers(candidate: Candidate) -> tuple[float, ...]:
    vote, words = candidate.vote, len(candidate.words)
    told = (vote.best, math.log1p(vote.total), math.log1p(vote.count), 1.0) if vote else (0.0, 0.0, 0.0, 0.0)
    return (*told, float(candidate.used), float(words == 1), float(words >= 3), float(len(candidate.name) == 1))


def _ragged(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return np.array([value for row in rows for value in row], np.int32), offsets


def learn_names(
    files: Sequence[tuple[str, Sequence[Described]]], language: str, *, features: int = FEATURES, names: int = NAMES,
    parts: int = PARTS, sources: int = SOURCES,
) -> NameVocabulary:  # fmt: skip
    """Choose what has a number: what most packages have, then what is most frequent.

    Parameters
    ----------
    files : sequence of (package, symbols of a file)
        Of the training packages.
    language : str
        Key of the language.
    features, names, parts, sources : int
        Most of each.
    """
    feature_counts, name_counts, part_counts = _Counts(), _Counts(), _Counts()
    total = 0
    for package, file in files:
        for found in file:
            total += 1
            feature_counts.add(found.features(), package)
            name_counts.add([found.symbol.name], package)
            part_counts.add(words_of(found.symbol.name), package)
    kept = feature_counts.widest(features - 1)
    idf = [math.log(total / (1 + feature_counts.counts[f])) for f in kept]
    known = NameVocabulary(
        language=language, features=("", *kept), idf=(math.log(total / 2), *(round(w, 2) for w in idf)),
        names=tuple(name_counts.widest(names)), parts=("", *part_counts.widest(parts - 1)), sources=("",),
    )  # fmt: skip
    found_sources: Counter[str] = Counter()
    for _, file in files[:: max(1, len(files) // 400)]:
        for own in proposals(file, known.weight, language):
            for candidate in own:
                found_sources.update(candidate.sources)
    return msgspec.structs.replace(known, sources=("", *(s for s, _ in found_sources.most_common(sources - 1))))


class _Counts:
    """How often something occurs, and in which packages."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.packages: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, words: Iterable[str], package: str) -> None:
        for word in words:
            self.counts[word] += 1
            self.packages[word].add(package)

    def widest(self, most: int) -> list[str]:
        """Return what two packages have or more, the widest first."""
        wide = [word for word in self.counts if len(self.packages[word]) > 1]
        return sorted(wide, key=lambda word: (-len(self.packages[word]), -self.counts[word], word))[:most]
