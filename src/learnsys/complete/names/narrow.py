"""A smaller model of names from a trained one: what is least widely used loses its number."""

from typing import Final

import msgspec
import numpy as np

from learnsys.complete.names.ranker import Ranker, as_weights
from learnsys.complete.names.spelling import words_of
from learnsys.complete.runtime.weights import Weights

FEATURES: Final = 4096
NAMES: Final = 2048
PARTS: Final = 2048


def narrowed(
    model: Ranker, *, features: int = FEATURES, names: int = NAMES, parts: int = PARTS, **told: object
) -> Weights:
    """Keep the most widely used features, names and parts of a trained model.

    Names that stay keep their logits: what their parts lose is added to them.

    Parameters
    ----------
    model : Ranker
        The trained model.
    features, names, parts : int
        How many stay.
    **told
        Further fields of the card.
    """
    old, t = model.vocabulary, model.tensors
    small = msgspec.structs.replace(
        old, features=old.features[:features], idf=old.idf[:features], names=old.names[:names], parts=old.parts[:parts]
    )
    ids, kept = small.part_ids, t["part"][:parts]
    means = np.array([kept[[ids.get(word, 0) for word in words_of(name)] or [0]].mean(0) for name in small.names])
    tensors = {name: tensor for name, tensor in t.items() if name != "idf"}
    tensors |= {
        "feature": t["feature"][:features], "feature_weight": t["feature_weight"][:features], "part": kept,
        "name": (model.names[:names] - means).astype(np.float32), "name_bias": t["name_bias"][:names],
    }  # fmt: skip
    return as_weights(small, tensors, **told)
