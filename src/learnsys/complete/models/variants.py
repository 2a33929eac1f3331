"""The models of the comparison: what reads the sequence, with or without the tree, with or without copying.

All but the character model have the same embeddings, vocabulary, head and pointer, and nearly as many parameters in
what reads (`READING`, within a twentieth), so that a difference is one of form.
"""

from collections.abc import Mapping
from typing import Final, final

import msgspec

from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.models.gpt import GPT
from learnsys.complete.models.mingru import MinGRU
from learnsys.core.errors import UnknownName

READING: Final = 848_000  # parameters of LSTMs, blocks and the head's matrix, about
BOTH: Final = Sizes()


@final
class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A form of the backbone: its sizes, what reads the sequence (an LSTM if nothing is said), in how many layers."""

    title: str
    sizes: Sizes
    core: str = ""
    layers: int = 0

    def make(self, words: int, parts: int) -> Backbone:
        """Make the model, weights drawn at random."""
        match self.core:
            case "gpt":
                return Backbone(words, parts, self.sizes, GPT(self.sizes.sequence, self.layers))
            case "mingru":
                return Backbone(words, parts, self.sizes, MinGRU(self.sizes.width, self.sizes.sequence, self.layers))
            case _:
                return Backbone(words, parts, self.sizes)


def _sized(sequence: int, stack: int, *, pointer: int = BOTH.pointer) -> Sizes:
    return msgspec.structs.replace(BOTH, sequence=sequence, stack=stack, pointer=pointer)


VARIANTS: Final[Mapping[str, Variant]] = {
    "both": Variant(title="sequence LSTM ++ stack LSTM", sizes=BOTH),
    "sequence": Variant(title="sequence LSTM", sizes=_sized(388, 0)),
    "tree": Variant(title="stack LSTM", sizes=_sized(0, 288)),
    "gpt": Variant(title="GPT blocks", sizes=_sized(128, 0), core="gpt", layers=4),
    "mingru": Variant(title="minGRU", sizes=_sized(416, 0), core="mingru", layers=3),
    "both, no pointer": Variant(title="sequence ++ stack, no pointer", sizes=_sized(256, 192, pointer=0)),
    "LSTM alone": Variant(title="sequence LSTM, no pointer", sizes=_sized(388, 0, pointer=0)),
}
CHARACTERS: Final = Variant(title="character LSTM", sizes=Sizes(width=64, sequence=400, stack=0, pointer=0))


def variant(name: str) -> Variant:
    """Return the variant called ``name``.

    Raises
    ------
    UnknownName
        If there is none; the known ones are listed.
    """
    if name not in VARIANTS:
        raise UnknownName.of("variant", name, VARIANTS)
    return VARIANTS[name]


def reading(model: Backbone) -> int:
    """Count the parameters that read: all but the embeddings, biases over words, and the pointer."""
    return sum(p.numel() for name, p in model.named_parameters() if name.startswith(("sequence.", "stack.", "head.")))
