"""The composer of routine names at run time, in numpy: the same sums as `models.composer`, and a beam over them."""

from collections.abc import Mapping, Sequence
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.names.slots import (
    BEGIN,
    END,
    STEPS,
    UNKNOWN,
    Filled,
    Numbers,
    PartVocabulary,
    fill,
    read,
    spell,
)
from learnsys.complete.names.spelling import Style
from learnsys.complete.names.usage import Fact

BEAM: Final = 8
SURPRISE: Final = 5.0  # nats that a word costs which is neither known nor near
_TOGETHER: Final = 64  # routines whose names are composed at once
_LEAST: Final = 1e-9
_NEVER: Final = -1e4

Floats = NDArray[np.float32]


@final
class _Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Slots of n routines as vectors, (n, SLOTS, width), which of them are filled, what they write, the first state."""

    slots: Floats
    keys: Floats
    copy_keys: Floats
    seen: NDArray[np.bool_]
    words: Numbers
    start: Floats


@final
class _Step(msgspec.Struct, frozen=True, kw_only=True):
    """What follows b beginnings of each routine: logits of known words, attention of copies, and between the two."""

    state: Floats
    context: Floats
    logits: Floats
    copied: Floats
    gate: Floats


@final
class Composer:
    """A trained composer.

    Parameters
    ----------
    language : str
        Key of its language.
    vocabulary : PartVocabulary
        What has a number.
    tensors : mapping of str to array
        As `models.composer.Composer` names them.
    """

    def __init__(self, language: str, vocabulary: PartVocabulary, tensors: Mapping[str, Floats]) -> None:
        self.language = language
        self.vocabulary = vocabulary
        self.tensors = tensors

    def compose(self, asked: Sequence[Sequence[Fact]], style: Style, *, beam: int = BEAM) -> list[list[str]]:
        """Return some names for each routine from its slots, the likeliest first."""
        return [
            names
            for a in range(0, len(asked), _TOGETHER)
            for names in self._beam(fill(asked[a : a + _TOGETHER], self.vocabulary), style, beam)
        ]

    def scores(self, asked: Sequence[Fact], names: Sequence[str]) -> Floats:
        """Return the log-probability of writing each of some names of one routine."""
        filled = fill([asked], self.vocabulary)
        told = spell(names, filled.fresh * len(names), self.vocabulary)
        told = told[:, : int((told >= 0).sum(1).max(initial=0))]
        memory, known = self._memory(filled), len(self.vocabulary.parts)
        state = np.repeat(memory.start[:, None], len(names), 1)
        context, last = np.zeros((1, len(names), memory.slots.shape[2]), np.float32), np.full((1, len(names)), BEGIN)
        total = np.zeros(len(names), np.float32)
        for now in told.T:
            step = self._step(memory, state, context, last)
            own = _log_softmax(step.logits[0])
            write = np.where((now >= 0) & (now < known), own[np.arange(len(now)), now.clip(0, known - 1)], _NEVER)
            copy = np.log((step.copied[0] * (memory.words == now[:, None])).sum(1) + _LEAST)
            p = np.logaddexp(write - _softplus(-step.gate[0]), copy - _softplus(step.gate[0]))
            total += np.where(now >= 0, p - SURPRISE * (now == UNKNOWN), 0.0).astype(np.float32)
            state, context, last = step.state, step.context, now[None]
        return total

    def _beam(self, filled: Filled, style: Style, beam: int) -> list[list[str]]:
        memory, n = self._memory(filled), len(filled.fresh)
        state = np.repeat(memory.start[:, None], beam, 1)
        context, last = np.zeros((n, beam, memory.slots.shape[2]), np.float32), np.full((n, beam), BEGIN)
        score = np.full((n, beam), -np.inf, np.float32)
        score[:, 0] = 0
        begun: list[list[tuple[int, ...]]] = [[()] * beam for _ in range(n)]
        ended: list[dict[str, float]] = [{} for _ in range(n)]
        rows = np.arange(n)[:, None]
        for at in range(STEPS):
            step = self._step(memory, state, context, last)
            logs = score[:, :, None] + np.log(_mixed(step, memory.words) + 1e-12)
            for i, own in enumerate(begun) if at else ():
                for b, words in enumerate(own):
                    name = read([_word(self.vocabulary, filled.fresh[i], word) for word in words], style)
                    ended[i][name] = max(ended[i].get(name, -np.inf), float(logs[i, b, END]))
            logs[:, :, [UNKNOWN, BEGIN, END]] = -np.inf
            ways = logs.reshape(n, -1)
            best = np.argpartition(-ways, beam, axis=1)[:, :beam]
            score, source, last = ways[rows, best], best // logs.shape[2], best % logs.shape[2]
            begun = [[(*begun[i][source[i, b]], int(last[i, b])) for b in range(beam)] for i in range(n)]
            state, context = step.state[rows, source], step.context[rows, source]
        return [sorted((name for name in own if name), key=lambda name: -own[name])[:beam] for own in ended]

    def _memory(self, filled: Filled) -> _Memory:
        t, roles = self.tensors, filled.roles
        seen = roles > 0
        slots = t["part"][filled.parts] * t["role_gain"][roles] + t["role"][roles]
        weights = (np.exp(t["role_weight"][roles]) * seen)[..., None]
        mean = (slots * weights).sum(1) / np.sqrt(weights.sum(1) + 1e-6)
        start = np.tanh(self._linear("outer", np.maximum(self._linear("inner", mean), 0)))
        return _Memory(
            slots=slots, keys=self._linear("key", slots), copy_keys=self._linear("copy_key", slots), seen=seen,
            words=filled.words, start=start,
        )  # fmt: skip

    def _step(self, memory: _Memory, state: Floats, context: Floats, last: Numbers) -> _Step:
        t, known = self.tensors, len(self.vocabulary.parts)
        before = t["part"][last.clip(0, known - 1)] * (last < known)[..., None]
        x = np.concatenate([before, context], -1) @ t["cell.weight_ih"].T + t["cell.bias_ih"]
        y = state @ t["cell.weight_hh"].T + t["cell.bias_hh"]
        size = state.shape[-1]
        reset, keep = (_sigmoid(x[..., a : a + size] + y[..., a : a + size]) for a in (0, size))
        state = (1 - keep) * np.tanh(x[..., 2 * size :] + reset * y[..., 2 * size :]) + keep * state
        context = _attention(self._linear("query", state), memory.keys, memory.seen) @ memory.slots
        both = np.concatenate([state, context], -1)
        return _Step(
            state=state, context=context, logits=self._linear("out", both) @ t["part"].T + t["part_bias"],
            copied=_attention(self._linear("copy_query", state), memory.copy_keys, memory.seen),
            gate=self._linear("gate", both)[..., 0],
        )  # fmt: skip

    def _linear(self, name: str, x: Floats) -> Floats:
        y: Floats = x @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]
        return y


def _mixed(step: _Step, words: Numbers) -> Floats:
    """Return the probability of each word, known or copied, (n, b, known + SLOTS)."""
    n, b, known = step.logits.shape
    p = np.zeros((n, b, known + words.shape[1]), np.float32)
    p[..., :known] = np.exp(_log_softmax(step.logits)) * _sigmoid(step.gate)[..., None]
    copied = step.copied * _sigmoid(-step.gate)[..., None]
    for j in range(words.shape[1]):
        i = np.flatnonzero(words[:, j] >= 0)
        p[i, :, words[i, j]] += copied[i, :, j]
    return p


def _word(vocabulary: PartVocabulary, fresh: tuple[str, ...], word: int) -> str:
    known = len(vocabulary.parts)
    return vocabulary.parts[word] if word < known else fresh[word - known] if word - known < len(fresh) else ""


def _attention(query: Floats, keys: Floats, seen: NDArray[np.bool_]) -> Floats:
    scores = query @ keys.transpose(0, 2, 1) * keys.shape[2] ** -0.5
    return np.exp(_log_softmax(np.where(seen[:, None], scores, _NEVER).astype(np.float32)))


def _log_softmax(x: Floats) -> Floats:
    x = x - x.max(-1, keepdims=True)
    y: Floats = x - np.log(np.exp(x).sum(-1, keepdims=True))
    return y


def _softplus(x: Floats) -> Floats:
    return np.logaddexp(np.float32(0), x)


def _sigmoid(x: Floats) -> Floats:
    return np.exp(-_softplus(-x))
