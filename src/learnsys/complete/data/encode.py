"""A file as arrays: what every model of the room reads."""

from collections.abc import Iterable
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.layout import lines
from learnsys.complete.data.vocabulary import UNKNOWN, Vocabulary
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.nesting import nesting
from learnsys.complete.lexing.subtokens import subtokens
from learnsys.complete.lexing.types import Nesting, Tokens

SLOTS: Final = 5  # parts of a name that are looked at


@final
class Lexicon:
    """Numbers every token ever seen, so that copying and caches compare integers; it only grows."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._ids: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.words)

    def id(self, word: str) -> int:
        """Return the number of a word, a new one if it is new."""
        found = self._ids.get(word)
        if found is None:
            found = self._ids[word] = len(self.words)
            self.words.append(word)
        return found

    def ids(self, words: Iterable[str]) -> NDArray[np.int32]:
        """Return the numbers of words, shape (n,)."""
        return np.fromiter((self.id(word) for word in words), np.int32)


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
    words = np.fromiter((vocabulary.word_ids.get(word, UNKNOWN) for word in found.words), np.int32, len(found))
    parts = np.zeros((len(found), SLOTS), np.int32)
    for t, word in enumerate(found.words):
        for slot, part in enumerate(subtokens(word)[:SLOTS]):
            parts[t, slot] = vocabulary.part_ids.get(part, UNKNOWN)
    return Encoded(
        tokens=found,
        words=words,
        parts=parts,
        names=lexicon.ids(found.words),
        lines=lines(found),
        nesting=nesting(found),
    )
