"""The backbone: sequence LSTM and stack-LSTM side by side, a vocabulary and a pointer.

Which parts it has is a choice, so that the same code answers whether the tree helps the sequence ("sequence", "tree",
"both") and what copying gives.
"""

from math import log
from typing import Any, Final, Protocol, final

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from learnsys.complete.data.vocabulary import UNKNOWN
from learnsys.complete.models.pointer import WINDOW, Pointer
from learnsys.complete.models.softmax import log_softmax_at
from learnsys.complete.models.stack import SequenceLSTM, StackLSTM
from learnsys.complete.train.streams import Chunk

SPELLED: Final = 1e-3  # what spelling gives a word of no number, about; only training uses it
LINES: Final = 4
Carried = tuple[Tensor, ...]


class Core(Protocol):
    """What reads the sequence: an LSTM, or another in its place."""

    size: int

    def start(self, batch: int) -> Carried:
        """Return the state before the first chunk."""
        ...

    def __call__(self, x: Tensor, state: Any, begins: Tensor) -> tuple[Tensor, Carried]:
        """Run a chunk: x (T, B, inputs); begins (T, B), where a file begins. Return h (T, B, size) and the state."""
        ...


@final
class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """Widths of the backbone; a size of 0 leaves that part out."""

    width: int = 128
    sequence: int = 256
    stack: int = 192
    pointer: int = 64
    dropout: float = 0.1


@final
class State(msgspec.Struct, frozen=True, kw_only=True):
    """What goes from one chunk to the next, cut off from gradients: LSTM states and the pointer's window."""

    sequence: Carried | None
    stack: Carried | None
    x: Tensor  # (WINDOW, B, width)
    context: Tensor
    names: Tensor  # (WINDOW, B)
    last: Tensor  # (B, width), the output before the chunk


@final
class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Probabilities of words (T, B, V) and of places to copy from (B, T, P); names that stand there (P, B)."""

    words: Tensor
    copied: Tensor
    names: Tensor


@final
class Backbone(nn.Module):
    """Predict the next token from the words, the lines and the tree so far.

    Parameters
    ----------
    words, parts : int
        Sizes of the vocabulary.
    sizes : Sizes
        Widths of the parts.
    core : Core, optional
        Reads the sequence instead of an LSTM; ``sizes.sequence`` wide.
    """

    def __init__(self, words: int, parts: int, sizes: Sizes, core: Core | None = None) -> None:
        super().__init__()
        width = sizes.width
        self.sizes = sizes
        self.word = nn.Parameter(torch.randn(words, width) * width**-0.5)
        self.part = nn.Parameter(torch.randn(parts, width) * width**-0.5)
        self.line = nn.Parameter(torch.zeros(LINES, width))
        lstm = SequenceLSTM(width, sizes.sequence) if sizes.sequence and core is None else None
        self.sequence: Core | None = lstm or core
        self.stack = StackLSTM(width, sizes.stack) if sizes.stack else None
        self.head = nn.Linear(sizes.sequence + sizes.stack, width)
        self.next_line = nn.Parameter(torch.zeros(LINES, width))
        self.vocabulary_bias = nn.Parameter(torch.zeros(words))
        self.pointer = Pointer(width, sizes.pointer) if sizes.pointer else None

    def start(self, batch: int) -> State:
        """Return the state before the first chunk."""
        empty = torch.zeros(WINDOW, batch, self.sizes.width)
        return State(
            sequence=None if self.sequence is None else self.sequence.start(batch),
            stack=None if self.stack is None else self.stack.start(batch), x=empty, context=empty,
            names=torch.full((WINDOW, batch), -1), last=torch.zeros(batch, self.sizes.width),
        )  # fmt: skip

    def inputs(self, words: Tensor, parts: Tensor, lines: Tensor) -> Tensor:
        """Return x (..., width): the word, the mean of its parts, its line."""
        flat = parts.reshape(-1, parts.shape[-1])
        mean = F.embedding_bag(flat, self.part, mode="mean", padding_idx=UNKNOWN).view(*words.shape, -1)
        return F.embedding(words, self.word) + mean + F.embedding(lines, self.line)

    def forward(self, chunk: Chunk, state: State) -> tuple[Tensor, Tensor, State]:
        """Return log p of each target (T, B), which targets count, and the state after the chunk."""
        x = self.inputs(_long(chunk.words), _long(chunk.parts), _long(chunk.lines))
        outputs, sequence, stack = self._outputs(x, chunk, state)
        log_vocabulary = self._vocabulary(outputs, _long(chunk.target))
        window, log_copied = state, None
        if self.pointer is not None:
            window, log_copied = self._copied(x, outputs, chunk, state)
        log_p = log_vocabulary if log_copied is None else torch.logaddexp(log_vocabulary + log_copied[1], log_copied[0])
        after = msgspec.structs.replace(window, sequence=sequence, stack=stack, last=outputs[-1].detach())
        return log_p, torch.from_numpy(chunk.counts), after

    def _outputs(self, x: Tensor, chunk: Chunk, state: State) -> tuple[Tensor, Carried | None, Carried | None]:
        parts, sequence, stack = [], None, None
        dropped = F.dropout(x, self.sizes.dropout, self.training)
        if self.sequence is not None and state.sequence is not None:
            begins = _long(chunk.begin) == torch.arange(len(x))[:, None] + chunk.start
            h, sequence = self.sequence(dropped, state.sequence, begins)
            parts.append(h)
        if self.stack is not None and state.stack is not None:
            h, stack = self.stack(dropped, state.stack, _long(chunk.previous), _long(chunk.child), _long(chunk.keep))
            parts.append(h)
        joined = F.dropout(torch.cat(parts, -1), self.sizes.dropout, self.training)
        return torch.tanh(self.head(joined) + F.embedding(_long(chunk.target_line), self.next_line)), sequence, stack

    def _vocabulary(self, outputs: Tensor, target: Tensor) -> Tensor:
        """Return log of the vocabulary's probability; a word of no number costs its spelling too."""
        found = log_softmax_at(outputs, self.word, self.vocabulary_bias, target)
        return found + (target == UNKNOWN) * log(SPELLED)

    def _copied(self, x: Tensor, outputs: Tensor, chunk: Chunk, state: State) -> tuple[State, tuple[Tensor, Tensor]]:
        """Return the new window, log (copied mass of the target) and log (share that is not copied)."""
        assert self.pointer is not None
        after, attention, names = self._attention(self.pointer, (x, outputs), chunk, state)
        same = names.t()[:, None, :] == _long(chunk.target_name).t()[:, :, None]
        mass = (attention * same).sum(-1)
        none = (attention.sum(-1) < 0.5).t()  # nothing to copy from
        logit = self.pointer.copied(outputs)
        log_copy = (F.logsigmoid(logit) + mass.t().clamp(min=1e-12).log()).masked_fill(none, -60.0)
        log_rest = F.logsigmoid(-logit).masked_fill(none, 0.0)
        return after, (log_copy, log_rest)

    def _attention(
        self, pointer: Pointer, pair: tuple[Tensor, Tensor], chunk: Chunk, state: State
    ) -> tuple[State, Tensor, Tensor]:
        """Return the new window, attention (B, T, P) over the P places of window and chunk, and their names (P, B).

        Places of other files, later ones and those out of the window have none; where no place is left all is 0.
        """
        x, outputs = pair
        length = len(x)
        xs = torch.cat([state.x, x])
        contexts = torch.cat([state.context, state.last.unsqueeze(0), outputs[:-1]])
        names = torch.cat([state.names, _long(chunk.names)])
        keys = pointer.keys(xs, contexts).transpose(0, 1)
        at, places = torch.arange(length)[:, None] + WINDOW, torch.arange(WINDOW + length)
        scores = pointer.scores(outputs.transpose(0, 1), keys, at - places + 1)
        file = _long(chunk.begin).t()[:, :, None] - chunk.start + WINDOW  # place where the token's file begins
        open_ = (places <= at) & (places > at - WINDOW) & (places > file) & (names.t() >= 0)[:, None, :]
        attention = scores.masked_fill_(~open_, -1e4).softmax(-1) * open_.any(-1, keepdim=True)
        after = msgspec.structs.replace(
            state, x=xs[-WINDOW:].detach(), context=contexts[-WINDOW:].detach(), names=names[-WINDOW:]
        )
        return after, attention, names

    def answers(self, chunk: Chunk, state: State) -> tuple[Answers, State]:
        """Return the probability of every word and of every place to copy from, and the state after the chunk."""
        x = self.inputs(_long(chunk.words), _long(chunk.parts), _long(chunk.lines))
        outputs, sequence, stack = self._outputs(x, chunk, state)
        words = (outputs @ self.word.t() + self.vocabulary_bias).softmax(-1)
        if self.pointer is None:
            nothing = torch.zeros(x.shape[1], len(x), 0)
            found = Answers(words=words, copied=nothing, names=torch.zeros(0, x.shape[1], dtype=torch.long))
        else:
            state, attention, names = self._attention(self.pointer, (x, outputs), chunk, state)
            share = self.pointer.copied(outputs).sigmoid() * (attention.sum(-1).t() > 0.5)
            found = Answers(
                words=words * (1 - share)[:, :, None], copied=attention * share.t()[:, :, None], names=names
            )
        return found, msgspec.structs.replace(state, sequence=sequence, stack=stack, last=outputs[-1].detach())


def _long(array: object) -> Tensor:
    return torch.as_tensor(array).long()
