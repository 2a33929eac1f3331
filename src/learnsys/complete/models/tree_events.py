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

    @property
    def name(self) -> str:
        """What tables call it."""
        return self._name

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files``; ``known`` is not looked at."""
        with torch.no_grad():
            return [self._file(file) for file in files]

    def _file(self, file: Encoded) -> Scored:
        made, leaves = by_event(file, self._vocabulary, self._lexicon)
        written = [self._lexicon.words[name] for name in made.names]
        columns = columns_of(made.names, written, self._vocabulary.word_ids)
        first = self._vocabulary.word_ids[_opened(node_types(self._vocabulary.language)[0])]
        closed = self._vocabulary.word_ids[_CLOSED]
        ps, ranks, sure, state, at = [], [], [], self._model.start(1), 0
        for chunk in chunks([stream([made])], length=CHUNK):
            answers, state = self._model.answers(chunk, state)
            spread = spread_of(answers, columns, len(self._vocabulary.words))
            true = columns[chunk.target_name[:, 0]]
            ps.append(self._p(spread, true, written[at : at + len(true)]))
            spread[:, [UNKNOWN, START]] = 0.0
            spread[:, first : closed + 1] = 0.0
            shown = spread.gather(1, true[:, None])[:, 0]
            ranks.append((spread > shown[:, None]).sum(1).masked_fill(shown <= 0, SHOWN).clamp(max=SHOWN))
            sure.append(spread.amax(1) / spread.sum(1).clamp(min=LEAST))
            at += len(true)
        sums = np.concatenate([[0.0], np.cumsum(np.log(torch.cat(ps).double().numpy()))])
        log_p = np.diff(sums[np.concatenate([[0], leaves + 1])])
        return Scored(
            p=np.exp(np.maximum(log_p, np.log(LEAST))).astype(np.float32),
            rank=torch.cat(ranks).numpy()[leaves].astype(np.uint8),
            confidence=torch.cat(sure).numpy()[leaves].astype(np.float32),
        )

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
