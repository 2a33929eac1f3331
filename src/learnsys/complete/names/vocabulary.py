"""What has a number in a model of names: features, whole names, parts of names, sources of candidates."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final, final

import msgspec
import numpy as np

from learnsys.complete.names.features import Described
from learnsys.complete.names.proposals import proposals
from learnsys.complete.names.spelling import words_of

FEATURES: Final = 8192
NAMES: Final = 3072
PARTS: Final = 3072
SOURCES: Final = 640
_ASKED: Final = 120  # files that tell which sources there are


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
            feature_counts.add(found.features, package)
            name_counts.add([found.symbol.name], package)
            part_counts.add(words_of(found.symbol.name), package)
    kept = feature_counts.widest(features - 1)
    idf = [math.log(total / (1 + feature_counts.counts[f])) for f in kept]
    known = NameVocabulary(
        language=language,
        features=("", *kept),
        idf=tuple(np.array([math.log(max(total, 2) / 2), *idf], np.float16).tolist()),  # as it is stored
        names=tuple(name_counts.widest(names)),
        parts=("", *part_counts.widest(parts - 1)),
        sources=("",),
    )
    found_sources: Counter[str] = Counter()
    for _, file in files[:: max(1, len(files) // _ASKED)]:
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
        """Count words of a package."""
        for word in words:
            self.counts[word] += 1
            self.packages[word].add(package)

    def widest(self, most: int) -> list[str]:
        """Return what two packages have or more, the widest first."""
        wide = [word for word in self.counts if len(self.packages[word]) > 1]
        return sorted(wide, key=lambda word: (-len(self.packages[word]), -self.counts[word], word))[:most]
