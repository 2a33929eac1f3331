# Numba has no types for its decorators.
# mypy: disable-error-code="untyped-decorator"
"""A whole file at once: for each token what the model said of it before it came, and its best suggestions.

The steps are those of typing; heads, vocabulary and pointer are done for many tokens together.
"""

from collections.abc import Callable, Sequence
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.compiled import jit
from learnsys.complete.data.encode import Encoded
from learnsys.complete.data.vocabulary import START, UNKNOWN
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.state import Reading, Tape, links_of, run, states_of
from learnsys.complete.runtime.step import WINDOW, Floats, Ints, buckets, entropy, merge, softmax
from learnsys.complete.score.types import SHOWN, Scored

BEST: Final = 16
BLOCK: Final = 128
LEAST: Final = 1e-12
_BUCKETS: Final = buckets()


@final
class Readout(msgspec.Struct, frozen=True, kw_only=True):
    """What the model said at each of the n tokens of a file.

    Tokens are *columns*: the number of a word in the vocabulary; for others the vocabulary's size plus the number of
    its name in the lexicon.

    Attributes
    ----------
    p : (n,) float32
        Of the token that stands there; 0 if no part of the model knows it.
    unknown : (n,) float32
        Of all words together that have no number and are not in the window.
    rank : (n,) uint8
        Tokens that were likelier, at most `SHOWN`.
    best, best_p : (n, BEST) int32, float32
        The likeliest columns and their probabilities, in order; -1 and 0 where there are no more.
    entropy : (n,) float32
        Of the whole distribution, in bits.
    share : (n,) float32
        What is copied, all in all.
    """

    p: Floats
    unknown: Floats
    rank: NDArray[np.uint8]
    best: Ints
    best_p: Floats
    entropy: Floats
    share: Floats


def read_file(model: Model, file: Encoded) -> Readout:
    """Read a file from its beginning."""
    n, pointer = len(file), model.pointer
    x, _, outputs = outputs_of(model, file)
    keys = model.keys(x, outputs)
    queries = outputs @ pointer.query.T
    shares = (1 / (1 + np.exp(-(outputs @ pointer.gate + np.float32(pointer.gate_bias))))).astype(np.float32)
    shares[: 1 if len(pointer.query) else n] = 0
    found = Readout(
        p=np.zeros(n, np.float32), unknown=np.zeros(n, np.float32), rank=np.zeros(n, np.uint8),
        best=np.full((n, BEST), -1, np.int32), best_p=np.zeros((n, BEST), np.float32),
        entropy=np.zeros(n, np.float32), share=shares,
    )  # fmt: skip
    for begin in range(0, n, BLOCK):
        here, window = slice(begin, min(begin + BLOCK, n)), slice(max(begin - WINDOW, 0), min(begin + BLOCK, n))
        _judge(
            begin - window.start, outputs[here] @ model.word.T + model.bias, queries[here] @ keys[window].T,
            shares[here], (file.words[window], file.names[window]), (pointer.distance, _BUCKETS),
            (found.p[here], found.unknown[here], found.entropy[here], found.rank[here]),
            (found.best[here], found.best_p[here]),
        )  # fmt: skip
    return found


def outputs_of(model: Model, file: Encoded) -> tuple[Floats, Floats, Floats]:
    """Return x (n, D) of the tokens, the states before them (n, width) and the outputs (n, D) that predict them."""
    start = Reading(model).row(-1)[None]
    x = model.inputs(file.words, file.parts, file.lines)
    rows = run(model, start, x, links_of(Tape.of(file), 0, len(file), np.array([-1])))
    before = np.concatenate([start, rows[:-1]])
    return x, before, model.outputs(states_of(model, before), file.lines)


@jit()
def _judge(
    first: int,
    vocabulary: Floats,
    scores: Floats,
    shares: Floats,
    tokens: tuple[Ints, Ints],
    places: tuple[Floats, NDArray[np.intp]],
    found: tuple[Floats, Floats, Floats, NDArray[np.uint8]],
    best: tuple[Ints, Floats],
) -> None:
    """Judge the tokens of a block; ``scores`` (B, P) are those of the P window tokens, of which ``first`` are before.

    ``vocabulary`` (B, V) holds logits and is overwritten.
    """
    words, names = tokens
    p, unknown, bits, rank = found
    size = vocabulary.shape[1]
    for b in range(len(shares)):
        t, row, share = first + b, vocabulary[b], shares[b]
        softmax(row)
        row *= np.float32(1) - share
        unknown[b] = row[UNKNOWN]
        row[UNKNOWN], row[START] = 0, 0
        others = np.zeros(0, np.float32)
        other_names = np.zeros(0, np.int32)
        if share > 0:
            low = max(t - WINDOW, 0)
            mass = scores[b, low:t].copy()
            for i in range(low, t):
                mass[i - low] += places[0][places[1][t - i]]
            softmax(mass)
            got_words, got_names, got, _ = merge(mass, words[low:t], names[low:t])
            got *= share
            for i in range(len(got)):
                if got_words[i] != UNKNOWN:
                    row[got_words[i]] += got[i]
            others, other_names = got[got_words == UNKNOWN], got_names[got_words == UNKNOWN]
        if words[t] != UNKNOWN:
            p[b] = row[words[t]]
        else:
            for i in range(len(others)):
                if other_names[i] == names[t]:
                    p[b] = others[i]
        rank[b] = _rank(row, others, p[b])
        bits[b] = entropy(row) + entropy(others) + entropy(unknown[b : b + 1])
        _best(row, np.arange(size), best[0][b], best[1][b])
        _best(others, other_names + np.int64(size), best[0][b], best[1][b])


@jit()
def _rank(row: Floats, others: Floats, p: float) -> int:
    """Count what is likelier than ``p``, up to what is shown; a token of no probability is not shown."""
    return SHOWN if p <= 0 else min(int((row > p).sum() + (others > p).sum()), SHOWN)


@jit()
def _best(p: Floats, columns: NDArray[np.int64], best: Ints, best_p: Floats) -> None:
    """Put the likeliest of ``p`` into the ordered list; equal ones stay behind those that are there."""
    last = len(best_p) - 1
    for j in range(len(p)):
        if p[j] > best_p[last]:
            at = last
            while at > 0 and best_p[at - 1] < p[j]:
                best_p[at], best[at] = best_p[at - 1], best[at - 1]
                at -= 1
            best_p[at], best[at] = p[j], columns[j]


@final
class RuntimeScorer:
    """A model at work as the harness sees it, without caches; projects are nothing to it.

    Parameters
    ----------
    name : str
        What tables call it.
    model : Model
        Trained.
    spelling : callable
        Probability of a word's spelling, for those that have no number: multiplies p(unknown).
    """

    def __init__(self, name: str, model: Model, spelling: Callable[[str], float]) -> None:
        self._name, self._model, self._spelling = name, model, spelling

    @property
    def name(self) -> str:
        """What tables call it."""
        return self._name

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files`` from what stands before it; ``known`` is not looked at."""
        return [self._file(file) for file in files]

    def _file(self, file: Encoded) -> Scored:
        found = read_file(self._model, file)
        spelled = [
            0.0 if number else self._spelling(word)
            for number, word in zip(file.words.tolist(), file.tokens.words, strict=True)
        ]
        p = np.maximum(found.p + found.unknown * np.array(spelled, np.float32), np.float32(LEAST))
        return Scored(p=p, rank=found.rank, confidence=found.best_p[:, 0].copy())
