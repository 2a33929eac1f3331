"""A trained model as the arrays that the runtime works on."""

from typing import Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.caches.gate import Gate
from learnsys.complete.data.vocabulary import UNKNOWN, Vocabulary
from learnsys.complete.runtime.weights import Weights
from learnsys.core.errors import BadFile

Floats = NDArray[np.float32]


@final
class Recurrent(msgspec.Struct, frozen=True, kw_only=True):
    """Weights of an LSTM of width S: gates in the order input, forget, cell, output.

    ``weight_ih`` is (4S, D); ``weight_hh`` and ``weight_child`` are (S, 4S), their columns one after another the
    outputs, so that a step adds whole rows.
    """

    weight_ih: Floats
    weight_hh: Floats
    weight_child: Floats
    bias: Floats

    @property
    def size(self) -> int:
        """Width S of the state."""
        return len(self.weight_hh)


@final
class Pointing(msgspec.Struct, frozen=True, kw_only=True):
    """Weights of the pointer; the query's scale is in ``query`` already."""

    query: Floats
    key_context: Floats
    key_word: Floats
    distance: Floats
    gate: Floats
    gate_bias: float


@final
class Model(msgspec.Struct, frozen=True, kw_only=True):
    """The backbone without a training graph; parts that a model does not have are of width 0.

    Attributes
    ----------
    vocabulary : Vocabulary
        Words and parts with numbers.
    word, part, line, next_line : (_, D) float32
        Vectors of words, parts and lines.
    sequence, stack : Recurrent
        The LSTM along the sequence, and the one on the tree of brackets.
    head, head_bias : (D, H + G), (D,) float32
        From both states to an output.
    bias : (words,) float32
        Of the vocabulary.
    pointer : Pointing
        Copying from the file.
    gate : Gate or None
        Weighs backbone and caches; without it caches are not asked.
    """

    vocabulary: Vocabulary
    word: Floats
    part: Floats
    line: Floats
    next_line: Floats
    sequence: Recurrent
    stack: Recurrent
    head: Floats
    head_bias: Floats
    bias: Floats
    pointer: Pointing
    gate: Gate | None = None

    @classmethod
    def of(cls, weights: Weights) -> Self:
        """Take the tensors of a checkpoint.

        Raises
        ------
        BadFile
            If a tensor is missing, or of a shape that does not fit the vocabulary or the caches.
        """
        found, vocabulary = weights.tensors, weights.card.vocabulary
        name = f"a model with tensors of sha256 {weights.card.sha256[:16]}"
        try:
            model = cls(
                vocabulary=vocabulary, word=found["word"], part=found["part"], line=found["line"],
                next_line=found["next_line"], sequence=_recurrent(found, "sequence"), stack=_recurrent(found, "stack"),
                head=found["head.weight"], head_bias=found["head.bias"], bias=found["vocabulary_bias"],
                pointer=_pointing(found), gate=Gate.of(found) if "gate.hidden" in found else None,
            )  # fmt: skip
        except KeyError as error:
            raise BadFile.unreadable(name, f"it has no tensor {error}") from error
        words, parts = len(vocabulary.words), len(vocabulary.parts)
        states = model.sequence.size + model.stack.size
        if (len(model.word), len(model.part), len(model.bias), model.head.shape[1]) != (words, parts, words, states):
            raise BadFile.unreadable(name, "its tensors do not fit its vocabulary")
        return model

    @property
    def width(self) -> int:
        """Numbers of a state: h and c of both LSTMs."""
        return 2 * (self.sequence.size + self.stack.size)

    def inputs(self, words: NDArray[np.int32], parts: NDArray[np.int32], lines: NDArray[np.uint8]) -> Floats:
        """Return x (n, D): each token's word, the mean of its parts, its line."""
        known = parts != UNKNOWN
        total = (self.part[parts] * known[:, :, None]).sum(1)
        mean = total / np.maximum(known.sum(1), 1)[:, None].astype(np.float32)
        x: Floats = self.word[words] + mean + self.line[lines]
        return x

    def outputs(self, h: Floats, next_lines: NDArray[np.uint8]) -> Floats:
        """Return o (n, D) of states h (n, H + G) and the lines of the tokens that come next."""
        o: Floats = np.tanh(h @ self.head.T + self.head_bias + self.next_line[next_lines])
        return o

    def keys(self, x: Floats, contexts: Floats) -> Floats:
        """Return the pointer's keys (n, K) of places with words x that the outputs ``contexts`` predicted."""
        keys: Floats = x @ self.pointer.key_word.T + contexts @ self.pointer.key_context.T
        return keys


def _recurrent(found: dict[str, Floats], name: str) -> Recurrent:
    if f"{name}.bias" not in found:
        width = found["word"].shape[1]
        none = np.zeros((0, 0), np.float32)
        return Recurrent(
            weight_ih=np.zeros((0, width), np.float32), weight_hh=none, weight_child=none, bias=np.zeros(0, np.float32)
        )
    hidden = found[f"{name}.weight_hh"]
    child = found.get(f"{name}.weight_child", np.zeros_like(hidden))
    return Recurrent(
        weight_ih=found[f"{name}.weight_ih"], weight_hh=np.ascontiguousarray(hidden.T),
        weight_child=np.ascontiguousarray(child.T), bias=found[f"{name}.bias"],
    )  # fmt: skip


def _pointing(found: dict[str, Floats]) -> Pointing:
    width = found["word"].shape[1]
    none = np.zeros((0, width), np.float32)
    if "pointer.query" not in found:
        return Pointing(
            query=none, key_context=none, key_word=none, distance=np.zeros(16, np.float32),
            gate=np.zeros(width, np.float32), gate_bias=0.0,
        )  # fmt: skip
    query = found["pointer.query"]
    return Pointing(
        query=query * np.float32(len(query) ** -0.5), key_context=found["pointer.key_context"],
        key_word=found["pointer.key_word"], distance=found["pointer.distance"], gate=found["pointer.gate"],
        gate_bias=float(found["pointer.gate_bias"]),
    )  # fmt: skip
