"""Tokens of the lexicon with their probabilities and where each comes from; the best that go on from what is typed."""

from bisect import bisect_left
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.data.vocabulary import SPECIAL, UNKNOWN, Vocabulary
from learnsys.complete.runtime.answer import Answer
from learnsys.complete.runtime.step import Floats, Ints, likeliest
from learnsys.complete.types import Origin

ORIGINS: Final[tuple[Origin, ...]] = ("model", "file", "project")
BEGIN: Final = 20
GO_ON: Final = 4
"""Of the words that no part of the model knows, one in 20 begins with the letter that is typed, and each further letter
leaves one in 4. Fitted on names of validation packages with one to three letters typed, the rest of each package known:
where 20 for each letter takes 1.70 bits a name in JavaScript and 1.45 in Python, these take 1.59 and 1.31."""
SPACED: Final = 16  # more that are looked through, where those with white space are left out
_LAST: Final = "\U0010ffff"


@final
class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Probabilities of the next token.

    Attributes
    ----------
    names, p, origins : (m,) int32, float32, uint8
        Different tokens of the lexicon: first all words of the vocabulary in their order, then others; from where most
        of each probability comes, in `ORIGINS`.
    unknown : float
        Of all tokens that are not among them.
    """

    names: Ints
    p: Floats
    origins: NDArray[np.uint8]
    unknown: float

    def more(self, names: Ints, p: Floats, origins: NDArray[np.uint8], *, unknown: float) -> "Spread":
        """Return the spread with more tokens, that were not among these, and with what is left of ``unknown``."""
        return Spread(
            names=np.concatenate([self.names, names]).astype(np.int32), p=np.concatenate([self.p, p]),
            origins=np.concatenate([self.origins, origins]), unknown=unknown,
        )  # fmt: skip


@final
class Words:
    """The words of a vocabulary as tokens of a lexicon, found by how they begin."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon) -> None:
        words = vocabulary.words[len(SPECIAL) :]
        self.names = lexicon.ids(words)
        self._lexicon = lexicon
        self._places = {name: i for i, name in enumerate(self.names.tolist())}
        order = sorted(range(len(words)), key=words.__getitem__)
        self._order = np.array(order, np.intp)
        self._sorted = [words[i] for i in order]

    def begin(self, prefix: str) -> NDArray[np.intp]:
        """Return the places of the words that begin with ``prefix``."""
        low = bisect_left(self._sorted, prefix)
        return self._order[low : bisect_left(self._sorted, prefix + _LAST, low)]

    def place(self, name: int) -> int | None:
        """Return the place of a word among ``names``, None if it is not in the vocabulary."""
        return self._places.get(name)

    def spread(self, given: Answer) -> Spread:
        """Add up what the vocabulary gives and what is copied."""
        known = given.words != UNKNOWN
        copied = np.zeros_like(given.vocabulary)
        np.add.at(copied, given.words[known], given.mass[known])
        total = (given.vocabulary + copied)[len(SPECIAL) :]
        fresh, unknown = given.mass[~known], float(given.vocabulary[UNKNOWN])
        mostly = (2 * copied[len(SPECIAL) :] > total).astype(np.uint8)
        own = Spread(names=self.names, p=total, origins=mostly, unknown=unknown)
        return own.more(given.names[~known], fresh, np.ones(len(fresh), np.uint8), unknown=unknown)

    def best(self, spread: Spread, prefix: str, n: int, *, spaced: bool = True) -> list[tuple[int, float, Origin]]:
        """Return the ``n`` likeliest tokens that go on from ``prefix``: name, p given that it is typed, origin.

        Unless ``spaced``, those with white space in them are left out.
        """
        words, fit = self._lexicon.words, self._fit(spread, prefix)
        if prefix:
            fit = np.array([i for i in fit.tolist() if len(words[spread.names[i]]) > len(prefix)], np.intp)
        p = spread.p[fit]
        total = float(p.sum()) + spread.unknown * _begin_so(len(prefix))
        best = fit[likeliest(p, n if spaced else 2 * n + SPACED)].tolist()
        if not spaced:
            best = [i for i in best if not _has_space(words[spread.names[i]])][:n]
        return [(int(spread.names[i]), float(spread.p[i]) / total, ORIGINS[spread.origins[i]]) for i in best]

    def mass(self, spread: Spread, prefix: str) -> float:
        """Return the probability of all tokens that begin with ``prefix``, that one included."""
        return float(spread.p[self._fit(spread, prefix)].sum())

    def _fit(self, spread: Spread, prefix: str) -> NDArray[np.intp]:
        if not prefix:
            return np.arange(len(spread.p))
        v, words = len(self.names), self._lexicon.words
        others = [v + i for i, name in enumerate(spread.names[v:].tolist()) if words[name].startswith(prefix)]
        return np.concatenate([self.begin(prefix), np.array(others, np.intp)])


def _has_space(word: str) -> bool:
    """Tell whether a word is a part of a string; directives of C++ may have a space behind their sign."""
    return word[0] != "#" and any(map(str.isspace, word))


def _begin_so(letters: int) -> float:
    """Return the share of the words that nothing knows that go on from so many letters."""
    return 1 / (BEGIN * GO_ON ** (letters - 1)) if letters else 1.0
