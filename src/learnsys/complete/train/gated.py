"""A trained backbone gets its gate and ranker: learned on packages that were not trained on, kept in the same file."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.scorer import MixtureScorer, Observed
from learnsys.complete.data.encode import Encoded
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import SPECIAL
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.weights import Weights
from learnsys.complete.score.spelling import Spelling
from learnsys.complete.train.gate import fit_gate
from learnsys.complete.train.ranker import fit_ranker

TOKENS: Final = 45_000  # of each package
COLD: Final = 0.2  # of the files are seen as the only ones of their project


def gated(
    weights: Weights,
    packages: Mapping[str, Sequence[Encoded]],
    lexicon: Lexicon,
    *,
    tokens: int = TOKENS,
    seed: int = 0,
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

    Raises
    ------
    InputError
        If there are too few tokens.
    """
    plain = _observed(weights, Gate.plain(), packages, lexicon, (tokens, seed))
    gate = fit_gate(plain, seed=seed)
    ranker = fit_ranker(_observed(weights, gate, packages, lexicon, (tokens, seed)), gate, seed=seed)
    gate = msgspec.structs.replace(gate, ranker=ranker)
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
