"""The talk's plan in its pure form: a program as events of its syntax tree, a node opens, a leaf stands, a node closes.

The same backbone reads the events of finished trees, its stack LSTM on the syntax tree instead of brackets: ancestors
flow down, finished siblings flow up. The probability of a token is that of its event times those of the nodes that open
and close before it, so that bits compare with models of tokens; its rank is among tokens, the nodes around it given,
which is more than a cursor knows.
"""

from collections.abc import Sequence
from typing import Final, final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from learnsys.complete.data.encode import SLOTS, Encoded
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import START, UNKNOWN, Vocabulary
from learnsys.complete.lexing.events import Action, events, node_types
from learnsys.complete.models.backbone import Backbone
from learnsys.complete.models.scorer import Spelling, columns_of, spread_of
from learnsys.complete.score.types import SHOWN, Scored
from learnsys.complete.train.streams import chunks, stream

CHUNK: Final = 256
LEAST: Final = 1e-12


def with_events(vocabulary: Vocabulary) -> Vocabulary:
    """Add a word for each node type that opens, and one for what closes."""
    opened = tuple(_opened(kind) for kind in node_types(vocabulary.language))
    return Vocabulary(language=vocabulary.language, words=(*vocabulary.words, *opened, _CLOSED), parts=vocabulary.parts)


def by_event(file: Encoded, vocabulary: Vocabulary, lexicon: Lexicon) -> tuple[Encoded, NDArray[np.int64]]:
    """Turn a file into the events of its tree.

    Parameters
    ----------
    file : Encoded
        With n tokens.
    vocabulary : Vocabulary
        That `with_events` made of the file's own.
    lexicon : Lexicon
        Learns the words of events.

    Returns
    -------
    events : Encoded
        Of the m events.
    leaves : (n,) int64
        The event of each token.
    """
    found = events(file.tokens.text, vocabulary.language)
    kinds = node_types(vocabulary.language)
    leaf = found.leaves >= 0
    places = np.flatnonzero(leaf)
    others = zip(found.actions[~leaf].tolist(), found.types[~leaf].tolist(), strict=True)
    marks = [_CLOSED if action == Action.CLOSE else _opened(kinds[kind]) for action, kind in others]
    words, names = np.zeros(len(found), np.int32), np.zeros(len(found), np.int32)
    words[places], names[places] = file.words, file.names
    words[~leaf] = [vocabulary.word_ids[mark] for mark in marks]
    names[~leaf] = lexicon.ids(marks)
    parts = np.zeros((len(found), SLOTS), np.int32)
    parts[places] = file.parts
    after = np.minimum(np.searchsorted(places, np.arange(len(found))), len(places) - 1)  # the token that comes next
    encoded = msgspec.structs.replace(
        file, words=words, parts=parts, names=names, lines=file.lines[after], nesting=found.nesting
    )
    return encoded, places


@final
class EventScored(msgspec.Struct, frozen=True, kw_only=True):
    """Answers for a file of n tokens and m events.

    Attributes
    ----------
    tokens : Scored
        As of `EventScorer.score`.
    actions : (m,) bool
        Whether the likeliest action, opening a node, a leaf or closing, is right.
    opened : (m,) bool
        Whether a node opens.
    types : (m,) bool
        Whether a node opens and its type is the likeliest of those that could.
    """

    tokens: Scored
    actions: NDArray[np.bool_]
    opened: NDArray[np.bool_]
    types: NDArray[np.bool_]


@final
class EventScorer:
    """A backbone of events as the harness sees it.

    Parameters
    ----------
    name : str
        What tables call it.
    model : Backbone
        Trained on files that `by_event` made.
    vocabulary : Vocabulary
        With the words of events.
    lexicon : Lexicon
        Of the files.
    spelling : callable
        Probability of the spelling of a word that has no number.
    """

    def __init__(
        self, name: str, model: Backbone, vocabulary: Vocabulary, lexicon: Lexicon, spelling: Spelling
    ) -> None:
        self._name, self._model, self._spelling = name, model.eval(), spelling
        self._vocabulary, self._lexicon = vocabulary, lexicon
        known = vocabulary.word_ids
        self._nodes = known[_opened(node_types(vocabulary.language)[0])], known[_CLOSED]  # words from and to

    @property
    def name(self) -> str:
        """What tables call it."""
        return self._name

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files``; ``known`` is not looked at."""
        return [one.tokens for one in self.events(files)]

    def events(self, files: Sequence[Encoded]) -> list[EventScored]:
        """Answer for every event of ``files``."""
        with torch.no_grad():
            return [self._file(file) for file in files]

    def _file(self, file: Encoded) -> EventScored:
        made, leaves = by_event(file, self._vocabulary, self._lexicon)
        written = [self._lexicon.words[name] for name in made.names]
        columns = columns_of(made.names, written, self._vocabulary.word_ids)
        parts, state, at = [], self._model.start(1), 0
        for chunk in chunks([stream([made])], length=CHUNK):
            answers, state = self._model.answers(chunk, state)
            true = columns[chunk.target_name[:, 0]]
            spread = spread_of(answers, columns, len(self._vocabulary.words))
            p = self._p(spread, true, written[at : at + len(true)])
            parts.append((p.double().log(), *self._actions(spread, true), *self._listed(spread, true)))
            at += len(true)
        logs, actions, opened, types, rank, sure = (torch.cat(values).numpy() for values in zip(*parts, strict=True))
        sums = np.concatenate([[0.0], np.cumsum(logs)])
        log_p = np.diff(sums[np.concatenate([[0], leaves + 1])])
        tokens = Scored(
            p=np.exp(np.maximum(log_p, np.log(LEAST))).astype(np.float32), rank=rank[leaves].astype(np.uint8),
            confidence=sure[leaves].astype(np.float32),
        )  # fmt: skip
        return EventScored(tokens=tokens, actions=actions, opened=opened, types=types)

    def _actions(self, spread: Tensor, true: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return whether the action is the likeliest, whether a node opens, and of the likeliest type."""
        first, closed = self._nodes
        opening = spread[:, first:closed]
        masses = torch.stack([opening.sum(1), spread[:, closed]], 1)
        sums = torch.cat([spread.sum(1, keepdim=True) - masses.sum(1, keepdim=True), masses], 1)
        opened = (true >= first) & (true < closed)
        return sums.argmax(1) == opened + 2 * (true == closed), opened, opened & (opening.argmax(1) + first == true)

    def _listed(self, spread: Tensor, true: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rank of the event among tokens, and the share of the likeliest of them; overwrites ``spread``."""
        spread[:, [UNKNOWN, START]] = 0.0
        spread[:, self._nodes[0] : self._nodes[1] + 1] = 0.0
        shown = spread.gather(1, true[:, None])[:, 0]
        rank = (spread > shown[:, None]).sum(1).masked_fill(shown <= 0, SHOWN).clamp(max=SHOWN)
        return rank, spread.amax(1) / spread.sum(1).clamp(min=LEAST)

    def _p(self, spread: Tensor, true: Tensor, written: Sequence[str]) -> Tensor:
        """Return the probability of each event, with the spelling of words that have no number."""
        known = self._vocabulary.word_ids
        spelled = torch.tensor([0.0 if word in known else self._spelling(word) for word in written])
        return (spread.gather(1, true[:, None])[:, 0] * (true != UNKNOWN) + spread[:, UNKNOWN] * spelled).clamp(
            min=LEAST
        )


def _opened(kind: str) -> str:
    return f"\0open {kind}"


_CLOSED: Final = "\0close"
