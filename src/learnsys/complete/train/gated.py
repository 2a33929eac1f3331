"""A trained backbone gets its gate and ranker: learned on packages that were not trained on, kept in the same file.

Where there are none, it gets those of the model that ships for its language: what they weigh are probabilities, ranks,
counts and distances, whatever words the backbone has numbers for.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.scorer import MixtureScorer, Observed
from learnsys.complete.corpus.types import Source
from learnsys.complete.data.encode import Encoded, encode
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import SPECIAL
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.shipped import shipped_gate
from learnsys.complete.runtime.weights import Weights
from learnsys.complete.score.spelling import Spelling
from learnsys.complete.train.fit import Notice
from learnsys.complete.train.gate import fit_gate
from learnsys.complete.train.ranker import fit_ranker

EACH: Final = 45_000  # tokens of a package
ALL: Final = 220_000  # of all packages together
LEAST: Final = 10_000
LONGEST: Final = 20_000  # tokens of a file
COLD: Final = 0.2  # of the files are seen as the only ones of their project


def gated_on(
    weights: Weights, sources: Sequence[Source], *, seed: int = 0, notice: Notice = lambda share, note: None
) -> tuple[Weights, int]:
    """Return ``weights`` with a gate and a ranker learned on ``sources``, and how many tokens these have.

    Where they have fewer than `LEAST`, too few to tell whom to believe, it is the gate of the model that ships, if one
    does for this language, and 0 is told.

    Parameters
    ----------
    weights : Weights
        Of the backbone.
    sources : sequence of Source
        Of packages that it was not trained on.
    seed : int
        Of which files, and of the first weights.
    notice : callable
        Told (share of the work, what happens).
    """
    lexicon, packages = Lexicon(), defaultdict[str, list[Encoded]](list)
    for source in sources:
        file = encode(source.text, weights.card.vocabulary, lexicon)
        if 1 < len(file) < LONGEST:
            packages[source.package].append(file)
    total = sum(len(file) for files in packages.values() for file in files)
    if total < LEAST:
        shipped = shipped_gate(weights.card.vocabulary.language)
        return (weights if shipped is None else _with(weights, shipped)), 0
    each = min(EACH, ALL // len(packages))
    return gated(weights, packages, lexicon, tokens=each, seed=seed, notice=notice), total


def gated(
    weights: Weights,
    packages: Mapping[str, Sequence[Encoded]],
    lexicon: Lexicon,
    *,
    tokens: int = EACH,
    seed: int = 0,
    notice: Notice = lambda share, note: None,
) -> Weights:
    """Return ``weights`` with a gate and a ranker in them.

    Parameters
    ----------
    weights : Weights
        Of the backbone.
    packages : mapping
        Files of the validation split by package, encoded with ``lexicon`` and the vocabulary of ``weights``.
    tokens : int
        Of each package, at most about so many are learned from.
    seed : int
        Of which files, and of the first weights.
    notice : callable
        Told (share of the work, what happens).

    Raises
    ------
    InputError
        If there are too few tokens.
    """
    notice(0.0, "learning whom to believe")
    plain = _observed(weights, Gate.plain(), packages, lexicon, (tokens, seed))
    gate = fit_gate(plain, seed=seed)
    notice(0.5, "learning which of the likeliest is right")
    # What the ranker sees is what the trained gate makes of the same files: they have to be read again.
    ranker = fit_ranker(_observed(weights, gate, packages, lexicon, (tokens, seed)), gate, seed=seed)
    return _with(weights, msgspec.structs.replace(gate, ranker=ranker))


def _with(weights: Weights, gate: Gate) -> Weights:
    return msgspec.structs.replace(weights, tensors=weights.tensors | gate.tensors())


def _observed(
    weights: Weights, gate: Gate, packages: Mapping[str, Sequence[Encoded]], lexicon: Lexicon, which: tuple[int, int]
) -> list[Observed]:
    """Return what ``gate`` sees in some files of each package; ``which`` is how many tokens of each, and the seed."""
    tokens, seed = which
    rng = np.random.default_rng(seed)
    spelling = Spelling(weights.card.vocabulary.words[len(SPECIAL) :])
    scorer = MixtureScorer("", Model.of(weights), gate, lexicon=lexicon, spelling=spelling)
    observed = []
    for files in packages.values():
        taken = 0
        for i in rng.permutation(len(files)).tolist():
            if taken >= tokens:
                break
            others = () if rng.random() < COLD else [*files[:i], *files[i + 1 :]]
            observed += scorer.observe([files[i]], [others])
            taken += len(files[i])
    return observed
