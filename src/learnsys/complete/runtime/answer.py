"""What the backbone says of the next token: the vocabulary's probabilities and what is copied from the file."""

from typing import Final, final

import msgspec
import numpy as np

from learnsys.complete.data.vocabulary import UNKNOWN
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.state import Reading, Tape
from learnsys.complete.runtime.step import WINDOW, Floats, Ints, attend, buckets, merge, softmax

_BUCKETS: Final = buckets()


@final
class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The distribution over the next token.

    Attributes
    ----------
    vocabulary : (V,) float32
        Probability of each word, the share that is copied taken off; at `UNKNOWN` that of all others together.
    words, names, mass, last : (u,)
        The different tokens of the window: numbers in vocabulary and lexicon, the probability of copying each, and the
        token of the file where each stands last.
    share : float
        What is copied, all in all.
    """

    vocabulary: Floats
    words: Ints
    names: Ints
    mass: Floats
    last: Ints
    share: float

    def total(self) -> Floats:
        """Return the probability of each copied token (u,), with what the vocabulary gives it."""
        total: Floats = self.mass + np.where(self.words == UNKNOWN, 0, self.vocabulary[self.words])
        return total

    def p(self, word: int, name: int) -> float:
        """Return the probability of a token; of one that no part knows, that of all unknown ones."""
        copied = float(self.mass[self.names == name].sum())
        if word == UNKNOWN:
            return copied or float(self.vocabulary[UNKNOWN])
        return float(self.vocabulary[word]) + copied


def answer(model: Model, output: Floats, keys: Floats, words: Ints, names: Ints) -> Answer:
    """Ask what comes next.

    Parameters
    ----------
    model : Model
        That is asked.
    output : (D,)
        Of the state at the cursor.
    keys, words, names : (n, K), (n,), (n,)
        Of the file's tokens so far; the last `WINDOW` count.
    """
    vocabulary = model.word @ output + model.bias
    softmax(vocabulary)
    n, first = len(keys), max(len(keys) - WINDOW, 0)
    if not n or not keys.shape[1]:
        none = np.zeros(0, np.int32)
        return Answer(vocabulary=vocabulary, words=none, names=none, mass=np.zeros(0, np.float32), last=none, share=0.0)
    pointer = model.pointer
    share = float(1 / (1 + np.exp(-(pointer.gate @ output + pointer.gate_bias))))
    mass = attend(pointer.query @ output, keys[first:], pointer.distance, _BUCKETS) * np.float32(share)
    found_words, found_names, found_mass, last = merge(mass, words[first:], names[first:])
    vocabulary *= np.float32(1 - share)
    return Answer(
        vocabulary=vocabulary, words=found_words, names=found_names, mass=found_mass, last=last + np.int32(first),
        share=share,
    )  # fmt: skip


def ask(reading: Reading, tape: Tape, line: int, n: int | None = None) -> Answer:
    """Ask for the token after the first ``n``, or after all that are read, if it stands on ``line``."""
    n = reading.n if n is None else n
    return answer(reading.model, reading.output(tape, n, line), reading.keys[:n], tape.words[:n], tape.names[:n])
