"""The model of names at run time, in numpy: the same sums as `models.namer`, without PyTorch."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.vocabulary import Vocabulary
from learnsys.complete.names.candidates import Candidate
from learnsys.complete.names.encode import Asked, encode
from learnsys.complete.names.features import Described
from learnsys.complete.names.spelling import words_of
from learnsys.complete.names.vocabulary import NameVocabulary
from learnsys.complete.runtime.weights import Card, Weights, load_weights
from learnsys.core.errors import BadFile

SHIPPED: Final = Path(__file__).parents[1] / "weights"
TASK: Final = "names"

Floats = NDArray[np.float32]


@final
class Ranked(msgspec.Struct, frozen=True):
    """A name, its probability, and the candidate that it is (None: a known name that nothing near suggests)."""

    name: str
    p: float
    candidate: Candidate | None


@final
class Ranker:
    """A trained model of names.

    Parameters
    ----------
    vocabulary : NameVocabulary
        What has a number.
    tensors : dict of str to array
        As `models.namer.Namer` names them.
    """

    def __init__(self, vocabulary: NameVocabulary, tensors: dict[str, Floats]) -> None:
        self.vocabulary = vocabulary
        self.tensors = tensors
        parts = [[vocabulary.part_ids.get(word, 0) for word in words_of(name)] or [0] for name in vocabulary.names]
        own = np.array([tensors["part"][ids].mean(0) for ids in parts], np.float32)
        self.names: Floats = tensors["name"] + own

    def rank(
        self, file: Sequence[Described], asked: Sequence[Sequence[Candidate]], *, n: int = 5
    ) -> list[tuple[list[Ranked], float]]:
        """Return the ``n`` likeliest names of each symbol, and the probability of the name it has (0: out of reach)."""
        encoded = encode(file, asked, self.vocabulary)
        logits, pulls = self.scores(encoded)
        answers, begin = [], 0
        for i, own in enumerate(asked):
            answers.append(self._answer(file[i].symbol.name, logits[i], own, pulls[begin : begin + len(own)], n))
            begin += len(own)
        return answers

    def scores(self, asked: Asked) -> tuple[Floats, Floats]:
        """Return the logits of known names, (n, names), what is near left out, and what each candidate adds, (m,).

        For a candidate that is no known name the latter is its whole logit.
        """
        t = self.tensors
        h = self._state(asked)
        mine = h[asked.owners]
        sources = _sums(t["source"][asked.sources], asked.source_offsets)
        pulls = (sources * mine).sum(1) + _sums(t["source_bias"][asked.sources][:, None], asked.source_offsets)[:, 0]
        pulls += asked.numbers @ t["number"] + ((asked.numbers @ t["number_by"]) * mine).sum(1)
        parts = _sums(t["part"][asked.parts], asked.part_offsets) / np.diff(asked.part_offsets)[:, None]
        pulls += np.where(asked.known < 0, (parts * mine).sum(1) + t["new_bias"], 0)
        return h @ self.names.T + t["name_bias"], pulls

    def _state(self, asked: Asked) -> Floats:
        t = self.tensors
        weights = np.exp(t["feature_weight"][asked.features])[:, None]
        bag = _sums(t["feature"][asked.features] * weights, asked.feature_offsets)
        h: Floats = bag / np.sqrt(_sums(weights, asked.feature_offsets) + 1e-6)
        h += np.maximum(h @ t["inner"].T + t["inner_bias"], 0) @ t["outer"].T
        return h

    def _answer(
        self, name: str, logits: Floats, own: Sequence[Candidate], pulls: Floats, n: int
    ) -> tuple[list[Ranked], float]:
        ids, names = self.vocabulary.name_ids, self.vocabulary.names
        near = {ids[c.name]: c for c in own if c.name in ids}
        scores = np.concatenate([logits, [pull for c, pull in zip(own, pulls, strict=True) if c.name not in ids]])
        fresh = [c for c in own if c.name not in ids]
        for c, pull in zip(own, pulls, strict=True):
            if c.name in ids:
                scores[ids[c.name]] += pull
        p = np.exp(scores - scores.max())
        p /= p.sum()
        ranked = [
            Ranked(names[j], float(p[j]), near.get(j))
            if j < len(names)
            else Ranked(fresh[j - len(names)].name, float(p[j]), fresh[j - len(names)])
            for j in np.argsort(-p, kind="stable")[:n].tolist()
        ]
        at = ids.get(name, next((len(names) + j for j, c in enumerate(fresh) if c.name == name), -1))
        return ranked, float(p[at]) if at >= 0 else 0.0


def _sums(rows: Floats, offsets: NDArray[np.int64]) -> Floats:
    """Sum the rows of each segment; an empty one gives zeros."""
    total = np.zeros((len(offsets) - 1, rows.shape[1]), np.float32)
    filled = np.flatnonzero(np.diff(offsets))
    if len(filled):
        total[filled] = np.add.reduceat(rows, offsets[filled], axis=0)
    return total


def as_weights(vocabulary: NameVocabulary, tensors: dict[str, Floats], **told: object) -> Weights:
    """Put a model into the form of a file; ``told`` are further fields of its card."""
    card = Card(
        task=TASK, vocabulary=Vocabulary(language=vocabulary.language, words=vocabulary.names, parts=vocabulary.parts),
        lists={"features": vocabulary.features, "sources": vocabulary.sources},
        sizes={"width": tensors["name"].shape[1], "hidden": len(tensors["inner"])},
    )  # fmt: skip
    idf = np.array(vocabulary.idf, np.float32)
    return Weights(card=msgspec.structs.replace(card, **told), tensors={**tensors, "idf": idf})


def load_names(path: Path | str) -> Ranker:
    """Read a model of names.

    Raises
    ------
    BadFile
        If the file is missing, damaged or no model of names.
    """
    weights = load_weights(path, TASK)
    card = weights.card
    vocabulary = NameVocabulary(
        language=card.vocabulary.language, names=card.vocabulary.words, parts=card.vocabulary.parts,
        features=card.lists.get("features", ()), sources=card.lists.get("sources", ()),
        idf=tuple(weights.tensors["idf"].tolist()),
    )  # fmt: skip
    if len(vocabulary.features) != len(weights.tensors["feature"]):
        raise BadFile.unreadable(path, "its features do not fit its tensors")
    return Ranker(vocabulary, weights.tensors)


@cache
def shipped_names(language: str) -> Ranker:
    """Return the model of names that ships for a language.

    Raises
    ------
    BadFile
        If none ships.
    """
    return load_names(SHIPPED / f"{language}-names.safetensors")
