"""A file as arrays: what every model of the room reads."""

from typing import final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.layout import lines
from learnsys.complete.data.lexicon import SLOTS, Lexicon
from learnsys.complete.data.vocabulary import Vocabulary
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.nesting import nesting
from learnsys.complete.lexing.types import Nesting, Tokens

__all__ = ["SLOTS", "Encoded", "Lexicon", "encode", "encode_tokens"]


@final
class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """The n tokens of one file as numbers.

    Attributes
    ----------
    tokens : Tokens
        As written.
    words : (n,) int32
        In the `Vocabulary`; 0 is unknown.
    parts : (n, SLOTS) int32
        Sub-tokens in the vocabulary; 0 where there is none or it is unknown.
    names : (n,) int32
        In the `Lexicon`: equal numbers are equal tokens.
    lines : (n,) uint8
        `Line` of each token.
    nesting : Nesting
        Tree of brackets and indents.
    """

    tokens: Tokens
    words: NDArray[np.int32]
    parts: NDArray[np.int32]
    names: NDArray[np.int32]
    lines: NDArray[np.uint8]
    nesting: Nesting

    def __len__(self) -> int:
        return len(self.words)


def encode(text: str, vocabulary: Vocabulary, lexicon: Lexicon) -> Encoded:
    """Read a text as arrays."""
    return encode_tokens(tokens(text, vocabulary.language), vocabulary, lexicon)


def encode_tokens(found: Tokens, vocabulary: Vocabulary, lexicon: Lexicon) -> Encoded:
    """Turn tokens into arrays; ``lexicon`` learns their words."""
    names = lexicon.ids(found.words)
    codes = lexicon.codes(vocabulary)
    return Encoded(
        tokens=found, words=codes.words(names), parts=codes.parts(names), names=names, lines=lines(found),
        nesting=nesting(found),
    )  # fmt: skip
