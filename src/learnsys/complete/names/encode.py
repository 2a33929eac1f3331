"""Symbols and their candidate names as numbers: what a model of names is trained on and asked with.

Ragged lists are one array of values and one of offsets: the values of row i are ``values[offsets[i]:offsets[i +
1]]``.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.names.candidates import Candidate
from learnsys.complete.names.features import Described
from learnsys.complete.names.vocabulary import NameVocabulary
from learnsys.complete.names.votes import Vote

NUMBERS: Final = 12  # figures of a candidate


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


def encode(file: Sequence[Described], asked: Sequence[Sequence[Candidate]], vocabulary: NameVocabulary) -> Asked:
    """Turn symbols and their candidates into numbers."""
    flat = [(i, candidate) for i, own in enumerate(asked) for candidate in own]
    features, feature_offsets = _ragged([_known(vocabulary.feature_ids, found.features) for found in file])
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
    words = len(candidate.words)
    return (
        *_told(candidate.vote),
        *_told(candidate.project),
        float(candidate.used),
        float(words == 1),
        float(words >= 3),
        float(len(candidate.name) == 1),
    )


def _told(vote: Vote | None) -> tuple[float, float, float, float]:
    return (vote.best, math.log1p(vote.total), math.log1p(vote.count), 1.0) if vote else (0.0, 0.0, 0.0, 0.0)


def _ragged(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return np.array([value for row in rows for value in row], np.int32), offsets
