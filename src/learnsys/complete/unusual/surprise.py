"""How likely names are at the places of a file, from what stands before them and from the token behind.

The file is read once, all places in blocks; what would come behind another name is worked out when it is asked.
"""

from collections.abc import Sequence
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.encode import Encoded
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import UNKNOWN
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.reader import outputs_of
from learnsys.complete.runtime.state import BLOCK, run, states_of
from learnsys.complete.runtime.step import WINDOW, Floats, Ints, attend, buckets

FAR: Final = 0.01  # of p(unknown): a word without a number that is not near
LEAST: Final = 1e-9
_BUCKETS: Final = buckets()


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
        x, self._before, self._outputs = outputs_of(model, file)
        self._keys = model.keys(x, self._outputs)
        self._total = np.zeros(len(file), np.float32)  # logarithm of the vocabulary's sum
        self._copied, self._written = np.zeros(len(file), np.float32), np.zeros(len(file), np.float32)
        for begin in range(0, len(file), BLOCK):
            self._read(begin, min(begin + BLOCK, len(file)))

    def bits(self) -> float:
        """Return the mean surprisal of the file's tokens; of a token without probability, that of all unknown ones."""
        unknown = self._file.words == UNKNOWN
        p = np.where(unknown & (self._copied > 0), self._copied, self._written + self._copied * ~unknown)
        return float(-np.log2(np.maximum(p, LEAST)).mean())

    def p(self, t: int, words: Sequence[str]) -> NDArray[np.float64]:
        """Return how likely each of ``words`` is at token ``t`` by what stands before, shape (words,)."""
        first = max(t - WINDOW, 0)
        return self._likely(self._outputs[t], self._total[t], self._keys[first:t], self._file.names[first:t], words)

    def then(self, t: int, words: Sequence[str]) -> NDArray[np.float64]:
        """Return how likely the token behind token ``t`` is if that is each of ``words``, (words,); 1 if none is."""
        file, model, first, n = self._file, self._model, max(t - WINDOW, 0), len(words)
        if t + 1 >= len(file):
            return np.ones(n)
        if list(words) == [file.tokens.words[t]] and self._flat(t):
            return np.array([self._as_it_is(t + 1)])
        names = self._lexicon.ids(words)
        codes = self._lexicon.codes(model.vocabulary)
        x = model.inputs(codes.words(names), codes.parts(names), file.lines[t : t + 1].repeat(n))
        after = run(model, self._before[t : t + 1], x, np.array([[0], [0], [-1]], np.int32).repeat(n, 1))
        outputs = model.outputs(states_of(model, after), file.lines[t + 1 : t + 2].repeat(n))
        totals = _total(outputs @ model.word.T + model.bias)
        keys, near = np.empty((t - first + 1, self._keys.shape[1]), np.float32), np.empty(t - first + 1, np.int32)
        keys[:-1], near[:-1] = self._keys[first:t], file.names[first:t]
        more, behind = model.keys(x, self._outputs[t : t + 1].repeat(n, 0)), [file.tokens.words[t + 1]]
        likely = np.empty(n)
        for i in range(n):
            keys[-1], near[-1] = more[i], names[i]
            likely[i] = self._likely(outputs[i], totals[i], keys[-WINDOW:], near[-WINDOW:], behind)[0]
        return likely

    def _flat(self, t: int) -> bool:
        """Whether token ``t`` goes on from the one before it, and closes no block."""
        tree = self._file.nesting
        return bool(tree.child[t] < 0 and tree.previous[t] == t - 1)

    def _as_it_is(self, t: int) -> float:
        """Return how likely token ``t`` is."""
        if self._file.words[t] == UNKNOWN:
            return float(max(self._copied[t], self._written[t] * FAR, LEAST))
        return float(max(self._written[t] + self._copied[t], LEAST))

    def _likely(
        self, output: Floats, total: np.float32, keys: Floats, near: Ints, words: Sequence[str]
    ) -> NDArray[np.float64]:
        """Return how likely words are by an output (D,), where tokens of ``keys`` and names ``near`` can be copied."""
        model, names = self._model, self._lexicon.ids(list(words))
        numbers = self._lexicon.codes(model.vocabulary).words(names)
        copied = np.zeros(len(words), np.float32)
        share = np.float32(0)
        if keys.size:
            share = _shares(model, output[None])[0]
            mass = attend(model.pointer.query @ output, keys, model.pointer.distance, _BUCKETS)
            copied = (near == names[:, None]) @ mass * share
        written = (1 - share) * np.exp(model.word[numbers] @ output + model.bias[numbers] - total)
        p = np.where(numbers == UNKNOWN, np.maximum(copied, written * FAR), written + copied).astype(np.float64)
        likely: NDArray[np.float64] = np.maximum(p, LEAST)
        return likely

    def _read(self, begin: int, end: int) -> None:
        """Work out how likely the tokens of a block are: by the vocabulary, and by copying."""
        model, file, low = self._model, self._file, max(begin - WINDOW, 0)
        here, window, outputs = slice(begin, end), slice(low, end), self._outputs[begin:end]
        scores = outputs @ model.word.T + model.bias
        written = scores[np.arange(end - begin), file.words[here]]
        self._total[here] = _total(scores)
        shares = np.zeros(end - begin, np.float32)
        if self._keys.size:
            shares = _shares(model, outputs) * (np.arange(begin, end) > 0)
            far = np.arange(begin, end)[:, None] - np.arange(low, end)
            looked = outputs @ model.pointer.query.T @ self._keys[window].T
            looked += model.pointer.distance[_BUCKETS[far.clip(0, WINDOW)]]
            looked[(far < 1) | (far > WINDOW)] = -np.inf
            if not begin:
                looked[0] = 0  # nothing stands before the first token, and its share is 0
            mass = np.exp(looked - looked.max(1, keepdims=True))
            same = file.names[window] == file.names[here][:, None]
            self._copied[here] = shares * (mass * same).sum(1) / mass.sum(1)
        self._written[here] = (1 - shares) * np.exp(written - self._total[here])


def _shares(model: Model, outputs: Floats) -> Floats:
    """Return which share is copied at outputs (n, D)."""
    shares: Floats = 1 / (1 + np.exp(-(outputs @ model.pointer.gate + np.float32(model.pointer.gate_bias))))
    return shares


def _total(scores: Floats) -> Floats:
    """Return the logarithm of the sum of exponentials of each row (n, V), which is overwritten."""
    top = scores.max(1)
    scores -= top[:, None]
    np.exp(scores, out=scores)
    total: Floats = top + np.log(scores.sum(1))
    return total
