"""A trained backbone as the harness sees it: probability, rank and confidence of each token of a file.

Probabilities of equal words add up, however they come about: from the vocabulary and from each place to copy from.
"""

from collections.abc import Callable, Sequence
from typing import Final, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from learnsys.complete.data.encode import Encoded
from learnsys.complete.data.vocabulary import START, UNKNOWN, Vocabulary
from learnsys.complete.models.backbone import Answers, Backbone
from learnsys.complete.score.types import SHOWN, Scored
from learnsys.complete.train.streams import chunks, stream

CHUNK: Final = 256
LEAST: Final = 1e-12

Spelling = Callable[[str], float]


@final
class ModelScorer:
    """A backbone with the words of its vocabulary and of the file's own past; projects are nothing to it.

    Parameters
    ----------
    name : str
        What tables call it.
    model : Backbone
        Trained.
    vocabulary : Vocabulary
        Its words.
    spelling : callable
        Probability of a word's spelling, for those that have no number: multiplies p(unknown).
    """

    def __init__(self, name: str, model: Backbone, vocabulary: Vocabulary, spelling: Spelling) -> None:
        self._name, self._model, self._spelling = name, model.eval(), spelling
        self._words = vocabulary.word_ids

    @property
    def name(self) -> str:
        """What tables call it."""
        return self._name

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files`` from what stands before it; ``known`` is not looked at."""
        with torch.no_grad():
            return [self._file(file) for file in files]

    def _file(self, file: Encoded) -> Scored:
        columns = columns_of(file.names, file.tokens.words, self._words)
        parts, state = [], self._model.start(1)
        at = 0
        for chunk in chunks([stream([file])], length=CHUNK):
            answers, state = self._model.answers(chunk, state)
            length = len(chunk.words)
            words = file.tokens.words[at : at + length]
            parts.append(
                self._judged(spread_of(answers, columns, len(self._words)), columns[chunk.target_name[:, 0]], words)
            )
            at += length
        p, rank, confidence = (np.concatenate(values) for values in zip(*parts, strict=True))
        return Scored(p=p.astype(np.float32), rank=rank.astype(np.uint8), confidence=confidence.astype(np.float32))

    def _judged(self, spread: Tensor, true: Tensor, words: Sequence[str]) -> tuple[NDArray[np.float32], ...]:
        """Return p, rank and confidence of the tokens ``true`` (columns); ``spread`` is (T, columns)."""
        unknown = spread[:, UNKNOWN].clone()
        spread[:, [UNKNOWN, START]] = 0.0  # neither is a suggestion
        shown = spread.gather(1, true[:, None])[:, 0]
        rank = (spread > shown[:, None]).sum(1).masked_fill(shown <= 0, SHOWN).clamp(max=SHOWN)
        spelled = torch.tensor([0.0 if word in self._words else self._spelling(word) for word in words])
        p = (shown + unknown * spelled).clamp(min=LEAST)
        return p.numpy(), rank.numpy(), spread.amax(1).numpy()


def columns_of(names: NDArray[np.int32], words: Sequence[str], known: dict[str, int]) -> Tensor:
    """Return the column of each name of the lexicon that stands here: its number in ``known``, or one of its own."""
    columns = torch.full((int(names.max()) + 1,), -1)
    fresh = len(known)
    for name, word in zip(names.tolist(), words, strict=True):
        if columns[name] < 0:
            number = known.get(word)
            columns[name] = fresh if number is None else number
            fresh += number is None
    return columns


def spread_of(answers: Answers, columns: Tensor, words: int) -> Tensor:
    """Add up the probability of each column, (T, columns)."""
    found = torch.zeros(answers.words.shape[0], max(words, int(columns.max()) + 1))
    found[:, :words] = answers.words[:, 0]
    names = answers.names[:, 0]
    there = names >= 0
    return found.index_add_(1, columns[names[there]], answers.copied[0][:, there])
