"""The character model: the same backbone, its tokens characters, as the talk's char-LSTM.

Each token is written out and followed by a mark that ends it, so that probabilities of its characters multiply to that
of the token, and bits compare with those of models of whole tokens. It makes no list of suggestions.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, final

import msgspec
import numpy as np
import torch

from learnsys.complete.data.encode import SLOTS, Encoded
from learnsys.complete.data.vocabulary import SPECIAL, UNKNOWN, Vocabulary
from learnsys.complete.lexing.types import Nesting
from learnsys.complete.models.backbone import Backbone
from learnsys.complete.score.types import SHOWN, Scored
from learnsys.complete.train.streams import chunks, stream

END: Final = "\0"  # of a token
CHARACTERS: Final = 256
LEAST: Final = 1e-30
CHUNK: Final = 1024
_UNSEEN: Final = 2.0**-12  # of a character that has no number


def alphabet(files: Iterable[Encoded], language: str) -> Vocabulary:
    """Choose the commonest characters."""
    counts: Counter[str] = Counter()
    for file in files:
        for word in file.tokens.words:
            counts.update(word)
    kept = [character for character, _ in counts.most_common(CHARACTERS - len(SPECIAL) - 1)]
    return Vocabulary(language=language, words=(*SPECIAL, END, *kept), parts=SPECIAL)


def by_character(file: Encoded, letters: Vocabulary) -> Encoded:
    """Write the tokens of a file out; it has no lines, no parts and no tree."""
    text = "".join(word + END for word in file.tokens.words)
    words = np.fromiter((letters.word_ids.get(character, UNKNOWN) for character in text), np.int32, len(text))
    nothing = np.full(len(text), -1, np.int32)
    nesting = Nesting(previous=np.arange(-1, len(text) - 1, dtype=np.int32), child=nothing, depth=nothing + 1)
    return msgspec.structs.replace(
        file, words=words, parts=np.zeros((len(text), SLOTS), np.int32), names=words,
        lines=np.zeros(len(text), np.uint8), nesting=nesting,
    )  # fmt: skip


@final
class CharacterScorer:
    """A backbone of characters as the harness sees it.

    Parameters
    ----------
    name : str
        What tables call it.
    model : Backbone
        Trained on files that `by_character` made; without a pointer.
    letters : Vocabulary
        Its characters.
    """

    def __init__(self, name: str, model: Backbone, letters: Vocabulary) -> None:
        self._name, self.model, self.letters = name, model.eval(), letters

    @property
    def name(self) -> str:
        """What tables call it."""
        return self._name

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files`` from what stands before it; ``known`` is not looked at."""
        with torch.no_grad():
            return [self._file(file) for file in files]

    def _file(self, file: Encoded) -> Scored:
        written, state, parts = by_character(file, self.letters), self.model.start(1), []
        for chunk in chunks([stream([written])], length=CHUNK):
            answers, state = self.model.answers(chunk, state)
            target = torch.as_tensor(chunk.target[:, 0]).long()
            p = answers.words[:, 0].gather(1, target[:, None])[:, 0]
            parts.append(torch.where(target == UNKNOWN, p * _UNSEEN, p).clamp(min=LEAST).log())
        ends = np.cumsum([len(word) + 1 for word in file.tokens.words])
        sums = np.concatenate([[0.0], np.cumsum(torch.cat(parts).double().numpy())])
        log_p = np.diff(sums[np.concatenate([[0], ends])])
        n = len(file)
        return Scored(
            p=np.exp(np.maximum(log_p, np.log(LEAST))).astype(np.float32), rank=np.full(n, SHOWN, np.uint8),
            confidence=np.zeros(n, np.float32),
        )  # fmt: skip
