"""How likely names are at the places of a file, from what stands before them and from the token behind."""

from collections.abc import Sequence
from typing import Final, final

import numpy as np

from learnsys.complete.data.encode import Encoded
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import UNKNOWN
from learnsys.complete.runtime.answer import Answer, answer
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.state import Reading, Tape, run
from learnsys.complete.runtime.step import WINDOW, Floats, Ints

FAR: Final = 0.01  # of p(unknown): a word without a number that is not near
LEAST: Final = 1e-9


@final
class Surprise:
    """A file that is read once, and asked about any of its places.

    Parameters
    ----------
    model : Model
        Of its language.
    file : Encoded
        By the model's vocabulary.
    lexicon : Lexicon
        That it was encoded with.
    """

    def __init__(self, model: Model, file: Encoded, lexicon: Lexicon) -> None:
        self._model, self._file, self._lexicon = model, file, lexicon
        self._tape, self._reading = Tape.of(file), Reading(model)
        self._reading.follow(self._tape, len(file), same=0)

    def p(self, t: int, words: Sequence[str], *, behind: bool) -> dict[str, float]:
        """Return how likely each of ``words`` is at token ``t``, taking in the token ``behind`` it if asked."""
        row, here = self._reading.after(self._tape, t), slice(max(t - WINDOW, 0), t)
        keys = self._reading.keys[here], self._tape.words[here], self._tape.names[here]
        output = self._output(row, t)
        given = answer(self._model, output, *keys)
        likely = {word: self._of(given, word) for word in words}
        if behind and t + 1 < len(self._file):
            return {word: p * self._then(t, word, row, output, keys) for word, p in likely.items()}
        return likely

    def _then(self, t: int, word: str, row: Floats, output: Floats, keys: tuple[Floats, Ints, Ints]) -> float:
        """Return the probability of the token behind token ``t``, if that is ``word``."""
        file, model = self._file, self._model
        names = self._lexicon.ids([word])
        codes = self._lexicon.codes(model.vocabulary)
        words = codes.words(names)
        x = model.inputs(words, codes.parts(names), file.lines[t : t + 1])
        after = run(model, row[None], x, np.array([[0], [0], [-1]], np.int32))[0]
        longer = (
            np.concatenate([keys[0], model.keys(x, output[None])]),
            np.append(keys[1], words), np.append(keys[2], names),
        )  # fmt: skip
        return self._of(answer(model, self._output(after, t + 1), *longer), file.tokens.words[t + 1])

    def _output(self, row: Floats, t: int) -> Floats:
        states = self._reading.states(row[None])
        output: Floats = self._model.outputs(states, self._file.lines[t : t + 1])[0]
        return output

    def _of(self, given: Answer, word: str) -> float:
        name = self._lexicon.ids([word])
        number = int(self._lexicon.codes(self._model.vocabulary).words(name)[0])
        copied = float(given.mass[given.names == name[0]].sum())
        if number == UNKNOWN:
            return max(copied, float(given.vocabulary[UNKNOWN]) * FAR, LEAST)
        return max(float(given.vocabulary[number]) + copied, LEAST)
