"""From a trained backbone to the file that ships."""

import msgspec
from torch import Tensor

from learnsys.complete.data.vocabulary import Vocabulary
from learnsys.complete.models.backbone import Backbone
from learnsys.complete.runtime.weights import Card, Weights
from learnsys.complete.train.fit import Progress


def exported(model: Backbone, vocabulary: Vocabulary, *, at: Progress, corpus: str) -> Weights:
    """Return the tensors of ``model`` and a card that says how they came to be."""
    tensors: dict[str, Tensor] = dict(model.state_dict())
    sizes = {name: value for name, value in msgspec.structs.asdict(model.sizes).items() if name != "dropout"}
    return Weights(
        card=Card(
            vocabulary=vocabulary, sizes=sizes, corpus=corpus,
            training={"tokens": float(at.tokens), "cpu_s": round(at.cpu_s, 1), "bits": round(at.bits, 4)},
        ),
        tensors={name: tensor.detach().float().numpy() for name, tensor in tensors.items()},
    )  # fmt: skip
