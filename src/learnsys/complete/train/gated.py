"""A trained backbone gets its gate: learned on packages that were not trained on, and kept in the same file."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.scorer import MixtureScorer
from learnsys.complete.data.encode import Encoded
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import SPECIAL
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.weights import Weights
from learnsys.complete.score.spelling import Spelling
from learnsys.complete.train.gate import fit_gate

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
    """Return ``weights`` with a gate in them.

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
    rng = np.random.default_rng(seed)
    spelling = Spelling(weights.card.vocabulary.words[len(SPECIAL) :])
    scorer = MixtureScorer("", Model.of(weights), Gate.plain(), lexicon=lexicon, spelling=spelling)
    observed = []
    for files in packages.values():
        taken = 0
        for i in rng.permutation(len(files)).tolist():
            if taken >= tokens:
                break
            others = () if rng.random() < COLD else [*files[:i], *files[i + 1 :]]
            observed += scorer.observe([files[i]], [others])
            taken += len(files[i])
    gate = fit_gate(observed, seed=seed)
    return msgspec.structs.replace(weights, tensors=weights.tensors | gate.tensors())
