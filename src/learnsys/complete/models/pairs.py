"""Neural Code Completion: one LSTM over the pairs (N, T) of a syntax tree, N a node with its place, T its token.

Nodes come in depth-first order; N is the node's type with two bits, whether it has a child and whether it has a sibling
to its right, from which the tree follows. The next N is predicted from the pairs so far, the next T from these and the
next N. A token that has no number is "unknown": where that is likeliest the model denies to answer (Liu et al. 2017,
"Neural Code Completion", sections 3 and 4).

As all models of the comparison it also reads sub-tokens, and looks at whether the next token stands on a new line.
"""

from collections.abc import Sequence
from math import log
from typing import Final, final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from learnsys.complete.data.encode import SLOTS, Encoded
from learnsys.complete.data.vocabulary import START, UNKNOWN, Vocabulary
from learnsys.complete.lexing.events import events, node_types, pairs
from learnsys.complete.lexing.types import Nesting
from learnsys.complete.models.backbone import LINES, SPELLED
from learnsys.complete.models.scorer import LEAST, Spelling
from learnsys.complete.models.softmax import log_softmax_at
from learnsys.complete.models.stack import SequenceLSTM
from learnsys.complete.score.types import SHOWN, Scored
from learnsys.complete.train.streams import Chunk, chunks, stream

CHUNK: Final = 512
EMPTY: Final = START  # the terminal of an inner node

Carried = tuple[Tensor, Tensor]


def by_pair(file: Encoded, vocabulary: Vocabulary) -> tuple[Encoded, NDArray[np.int64]]:
    """Turn a file of n tokens into its pairs: ``names`` are N, ``words`` are T.

    Returns
    -------
    nodes : Encoded
        Of the m nodes.
    leaves : (n,) int64
        The node of each token.
    """
    found = pairs(events(file.tokens.text, vocabulary.language))
    m, places = len(found), np.flatnonzero(found.leaves >= 0)
    words, parts = np.full(m, EMPTY, np.int32), np.zeros((m, SLOTS), np.int32)
    words[places], parts[places] = file.words, file.parts
    after = np.minimum(np.searchsorted(places, np.arange(m)), len(places) - 1)  # the token that comes next
    nothing = np.full(m, -1, np.int32)
    row = Nesting(previous=np.arange(-1, m - 1, dtype=np.int32), child=nothing, depth=nothing + 1)
    made = msgspec.structs.replace(
        file, words=words, parts=parts, names=found.nonterminals.astype(np.int32), lines=file.lines[after], nesting=row
    )
    return made, places


@final
class PairLSTM(nn.Module):
    """The model.

    Parameters
    ----------
    vocabulary : Vocabulary
        Its words and parts; its language says which N there are.
    width, size : int
        Of embeddings, of the LSTM.
    """

    def __init__(self, vocabulary: Vocabulary, *, width: int = 128, size: int = 388) -> None:
        super().__init__()
        self.kinds = 4 * len(node_types(vocabulary.language))
        self.word = nn.Parameter(torch.randn(len(vocabulary.words), width) * width**-0.5)
        self.part = nn.Parameter(torch.randn(len(vocabulary.parts), width) * width**-0.5)
        self.kind = nn.Parameter(torch.randn(self.kinds + 1, width) * width**-0.5)  # the last stands before a file
        self.next_line = nn.Parameter(torch.zeros(LINES, width))
        self.sequence = SequenceLSTM(width, size)
        self.kind_head, self.word_head = nn.Linear(size, width), nn.Linear(size + width, width)
        self.kind_bias = nn.Parameter(torch.zeros(self.kinds))
        self.word_bias = nn.Parameter(torch.zeros(len(vocabulary.words)))

    def start(self, batch: int) -> Carried:
        """Return the state before the first chunk."""
        return self.sequence.start(batch)

    def forward(self, chunk: Chunk, state: Carried) -> tuple[Tensor, Tensor, Carried]:
        """Return log p of each next pair (T, B), which count, and the state after the chunk."""
        (of_kind, of_word), state = self._outputs(chunk, state)
        kind, word = _long(chunk.target_name).clamp(min=0), _long(chunk.target)
        log_kind = log_softmax_at(of_kind, self.kind[:-1], self.kind_bias, kind)
        log_word = log_softmax_at(of_word, self.word, self.word_bias, word) + (word == UNKNOWN) * log(SPELLED)
        return log_kind + log_word * (word != EMPTY), torch.from_numpy(chunk.counts), state

    def answers(self, chunk: Chunk, state: Carried) -> tuple[Tensor, Tensor, Carried]:
        """Return the probability of every next N (T, B, kinds), of every T behind the true N, and the state."""
        (of_kind, of_word), state = self._outputs(chunk, state)
        kinds = (of_kind @ self.kind[:-1].t() + self.kind_bias).softmax(-1)
        return kinds, (of_word @ self.word.t() + self.word_bias).softmax(-1), state

    def _outputs(self, chunk: Chunk, state: Carried) -> tuple[tuple[Tensor, Tensor], Carried]:
        parts = _long(chunk.parts)
        mean = F.embedding_bag(parts.reshape(-1, parts.shape[-1]), self.part, mode="mean", padding_idx=UNKNOWN)
        kind = F.embedding(_long(chunk.names) % (self.kinds + 1), self.kind)  # -1 is the last
        x = F.embedding(_long(chunk.words), self.word) + mean.view(kind.shape) + kind
        begins = _long(chunk.begin) == torch.arange(len(x))[:, None] + chunk.start
        h, state = self.sequence(F.dropout(x, 0.1, self.training), state, begins)
        h, line = F.dropout(h, 0.1, self.training), F.embedding(_long(chunk.target_line), self.next_line)
        following = F.embedding(_long(chunk.target_name).clamp(min=0), self.kind)
        of_word = self.word_head(torch.cat([h, following], -1))
        return (torch.tanh(self.kind_head(h) + line), torch.tanh(of_word + line)), state


@final
class PairScored(msgspec.Struct, frozen=True, kw_only=True):
    """Answers for a file of n tokens and m nodes.

    Attributes
    ----------
    tokens : Scored
        ``p`` of a token is the product of those of all N since the token before it, and of T; ``rank`` is among
        tokens behind the true N, the unknown left out.
    nodes : (m,) bool
        Whether the likeliest N is right.
    denied : (n,) bool
        Whether "unknown" is the likeliest T.
    """

    tokens: Scored
    nodes: NDArray[np.bool_]
    denied: NDArray[np.bool_]


def score_pairs(
    model: PairLSTM, files: Sequence[Encoded], vocabulary: Vocabulary, spelling: Spelling
) -> list[PairScored]:
    """Answer for every node of ``files`` from the pairs before it."""
    model.eval()
    with torch.no_grad():
        return [_score(model, file, vocabulary, spelling) for file in files]


def _score(model: PairLSTM, file: Encoded, vocabulary: Vocabulary, spelling: Spelling) -> PairScored:
    made, leaves = by_pair(file, vocabulary)
    log_kind, nodes, words, state = [], [], [], model.start(1)
    for chunk in chunks([stream([made])], length=CHUNK):
        of_kind, of_word, state = model.answers(chunk, state)
        true = _long(chunk.target_name)
        log_kind.append(of_kind[:, 0].gather(1, true).clamp(min=LEAST).log()[:, 0])
        nodes.append((of_kind[:, 0].argmax(1) == true[:, 0]).numpy())
        words.append(of_word[chunk.target[:, 0] != EMPTY, 0])
    p, target = torch.cat(words), _long(file.words)
    denied = (p.argmax(1) == UNKNOWN).numpy()
    unknown = p[:, UNKNOWN].clone()
    p[:, [UNKNOWN, EMPTY]] = 0.0
    shown = p.gather(1, target[:, None])[:, 0]
    spelled = [
        spelling(word) if number == UNKNOWN else 0.0 for word, number in zip(file.tokens.words, file.words, strict=True)
    ]
    log_word = (shown + unknown * torch.tensor(spelled)).clamp(min=LEAST).log().double().numpy()
    sums = np.concatenate([[0.0], np.cumsum(torch.cat(log_kind).double().numpy())])
    log_p = np.diff(sums[np.concatenate([[0], leaves + 1])]) + log_word
    rank = (p > shown[:, None]).sum(1).masked_fill(shown <= 0, SHOWN).clamp(max=SHOWN)
    tokens = Scored(
        p=np.exp(np.maximum(log_p, log(LEAST))).astype(np.float32), rank=rank.numpy().astype(np.uint8),
        confidence=p.amax(1).numpy(),
    )  # fmt: skip
    return PairScored(tokens=tokens, nodes=np.concatenate(nodes), denied=denied)


def _long(array: object) -> Tensor:
    return torch.as_tensor(array).long()
