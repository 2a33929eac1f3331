"""The model of names at run time, in numpy: the same sums as `models.namer`, without PyTorch.

For routines a composer has its say too: what the ranker gives to names that the project does not have, it shares out
anew, by the product of both, among these names and those that it composes.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.vocabulary import Vocabulary
from learnsys.complete.names.candidates import Candidate
from learnsys.complete.names.composer import Composer
from learnsys.complete.names.encode import Asked, encode
from learnsys.complete.names.features import Described
from learnsys.complete.names.slots import PartVocabulary, slots
from learnsys.complete.names.spelling import Style, style_of, words_of
from learnsys.complete.names.usage import Fact
from learnsys.complete.names.vocabulary import NameVocabulary
from learnsys.complete.runtime.weights import Card, Weights, load_weights
from learnsys.core.errors import BadFile

SHIPPED: Final = Path(__file__).parents[1] / "weights"
TASK: Final = "names"
PREFIX: Final = "composer."  # of its tensors in the file
_SHORT: Final = 16  # names of the ranker that the composer weighs
_FRESH: Final = -5.0  # log-probability that the ranker is taken to give to a name that only the composer has
_LEAST: Final = 1e-9

Floats = NDArray[np.float32]


@final
class Ranked(msgspec.Struct, frozen=True):
    """A name, its probability, and the candidate that it is (None: a known name that nothing near suggests).

    ``composed`` tells that only the composer has it, ``weighed`` that the composer had a say in its probability, which
    is then surer than it is right.
    """

    name: str
    p: float
    candidate: Candidate | None
    composed: bool = False
    weighed: bool = False


Answer = tuple[list[Ranked], float]


@final
class Ranker:
    """A trained model of names.

    Parameters
    ----------
    vocabulary : NameVocabulary
        What has a number.
    tensors : dict of str to array
        As `models.namer.Namer` names them.
    composer : Composer, optional
        Of names of routines; without it they are ranked as variables are.
    """

    def __init__(
        self, vocabulary: NameVocabulary, tensors: dict[str, Floats], composer: Composer | None = None
    ) -> None:
        self.vocabulary = vocabulary
        self.composer = composer
        self.tensors = tensors
        parts = [[vocabulary.part_ids.get(word, 0) for word in words_of(name)] or [0] for name in vocabulary.names]
        own = np.array([tensors["part"][ids].mean(0) for ids in parts], np.float32)
        self.names: Floats = tensors["name"] + own

    def rank(
        self,
        file: Sequence[Described],
        asked: Sequence[Sequence[Candidate]],
        *,
        n: int = 5,
        only: Sequence[int] | None = None,
    ) -> list[Answer]:
        """Return the ``n`` likeliest names of each symbol, and the probability of the name it has (0: out of reach).

        With ``only`` the symbols of a file that have these indices are answered for, which is faster.
        """
        style = style_of([found.symbol.name for found in file], self.vocabulary.language)
        if only is not None:
            file, asked = [file[i] for i in only], [asked[i] for i in only]
        encoded = encode(file, asked, self.vocabulary)
        logits, pulls = self.scores(encoded)
        answers, begin = [], 0
        for i, own in enumerate(asked):
            most = max(n, _SHORT) if self.composer and file[i].symbol.sort == "routine" else n
            answers.append(self._answer(file[i].symbol.name, logits[i], own, pulls[begin : begin + len(own)], most))
            begin += len(own)
        return composed(self.composer, file, answers, style, n) if self.composer else answers

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

    def _answer(self, name: str, logits: Floats, own: Sequence[Candidate], pulls: Floats, n: int) -> Answer:
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


def composed(
    composer: Composer, file: Sequence[Described], answers: Sequence[Answer], style: Style, n: int
) -> list[Answer]:
    """Let a composer change the answers for routines; return the ``n`` likeliest names of all symbols."""
    routines = [i for i, found in enumerate(file) if found.symbol.sort == "routine"]
    facts = [slots(file[i]) for i in routines]
    changed = list(answers)
    for i, own, names in zip(routines, facts, composer.compose(facts, style), strict=True):
        changed[i] = _shared(composer, own, answers[i], names, file[i].symbol.name, n)
    return changed


def _shared(
    composer: Composer, facts: Sequence[Fact], answer: Answer, names: Sequence[str], name: str, n: int
) -> Answer:
    """Share out what names outside the project have among them and composed ``names``; ``name`` is the true one."""
    ranked, p = answer
    kept = [r for r in ranked if r.candidate is not None and r.candidate.project is not None]
    rest = [r for r in ranked if r not in kept and words_of(r.name)]
    told = {r.name for r in ranked}
    rest += [Ranked(new, math.exp(_FRESH), None, composed=True) for new in names if new not in told]
    if not rest:
        return ranked[:n], p
    scores = composer.scores(facts, [*(r.name for r in rest), name])
    logs = scores + np.log(np.array([*(r.p for r in rest), p or math.exp(_FRESH)]) + _LEAST)
    shares = np.exp(logs - logs[:-1].max())
    shares *= max(1.0 - sum(r.p for r in kept), _LEAST) / shares[:-1].sum()
    rest = [msgspec.structs.replace(r, p=float(share), weighed=True) for r, share in zip(rest, shares, strict=False)]
    best = sorted([*kept, *rest], key=lambda r: -r.p)
    own = next((r.p for r in best if r.name == name), float(min(shares[-1], 1.0)) if words_of(name) else p)
    return best[:n], own


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


def with_composer(weights: Weights, words: PartVocabulary, tensors: Mapping[str, Floats]) -> Weights:
    """Put a composer beside a model of names, for one file."""
    lists = {**weights.card.lists, "words": words.parts, "roles": words.roles}
    card = msgspec.structs.replace(weights.card, lists=lists)
    return Weights(card=card, tensors={**weights.tensors, **{PREFIX + name: t for name, t in tensors.items()}})


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
    own = {name.removeprefix(PREFIX): t for name, t in weights.tensors.items() if name.startswith(PREFIX)}
    rest = {name: t for name, t in weights.tensors.items() if not name.startswith(PREFIX)}
    words = PartVocabulary(parts=card.lists.get("words", ()), roles=card.lists.get("roles", ()))
    return Ranker(vocabulary, rest, Composer(vocabulary.language, words, own) if own else None)


@cache
def shipped_names(language: str) -> Ranker:
    """Return the model of names that ships for a language.

    Raises
    ------
    BadFile
        If none ships.
    """
    return load_names(SHIPPED / f"{language}-names.safetensors")
