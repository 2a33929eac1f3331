"""Tokens of the lexicon with their probabilities, and the best of them that go on from what is typed."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import SPECIAL, UNKNOWN, Vocabulary
from learnsys.complete.runtime.answer import Answer
from learnsys.complete.runtime.step import Floats, Ints

LETTERS: Final = 20  # a letter that is typed leaves one in so many of the words that no part of the model knows
_LAST: Final = "\U0010ffff"


@final
class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Probabilities of the next token.

    Attributes
    ----------
    names, p : (m,) int32, float32
        Different tokens of the lexicon.
    unknown : float
        Of all others together.
    """

    names: Ints
    p: Floats
    unknown: float

    def best(self, lexicon: Sequence[str], prefix: str, n: int) -> list[tuple[int, float]]:
        """Return the names of the ``n`` likeliest tokens that go on from ``prefix``, and p given that it is typed."""
        fits, p = self.names, self.p
        if prefix:
            fit = [i for i, name in enumerate(fits.tolist()) if _goes_on(lexicon[name], prefix)]
            fits, p = fits[fit], p[fit]
        total = float(p.sum()) + self.unknown * float(LETTERS) ** -len(prefix)
        few = np.argpartition(-p, n)[:n] if len(p) > n else np.arange(len(p))
        order = few[np.argsort(-p[few], kind="stable")]
        return [(int(fits[i]), float(p[i]) / max(total, 1e-30)) for i in order if p[i] > 0]


@final
class Words:
    """The words of a vocabulary as tokens of a lexicon, found by how they begin."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon) -> None:
        special = len(SPECIAL)
        self.names: NDArray[np.int32] = np.append(
            np.full(special, -1, np.int32), lexicon.ids(vocabulary.words[special:])
        ).astype(np.int32)
        order = sorted(range(special, len(vocabulary.words)), key=vocabulary.words.__getitem__)
        self._order = np.array(order, np.intp)
        self._sorted = [vocabulary.words[i] for i in order]

    def begin(self, prefix: str) -> NDArray[np.intp]:
        """Return the numbers of the words that begin with ``prefix``."""
        low = bisect_left(self._sorted, prefix)
        return self._order[low : bisect_left(self._sorted, prefix + _LAST, low)]

    def spread(self, given: Answer, prefix: str) -> Spread:
        """Add up the vocabulary and what is copied; words that do not begin with ``prefix`` may be left out."""
        total, fresh = given.vocabulary.copy(), given.words == UNKNOWN
        np.add.at(total, given.words[~fresh], given.mass[~fresh])
        fits = self.begin(prefix)
        return Spread(
            names=np.concatenate([self.names[fits], given.names[fresh]]),
            p=np.concatenate([total[fits], given.mass[fresh]]), unknown=float(given.vocabulary[UNKNOWN]),
        )  # fmt: skip


def _goes_on(word: str, prefix: str) -> bool:
    return len(word) > len(prefix) and word.startswith(prefix)
