"""How often each word stands in a project: who shares the probability of words that the model has no number for."""

from bisect import bisect_left, insort
from typing import Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.types import Kind, Tokens
from learnsys.complete.runtime.spread import ORIGINS, Spread
from learnsys.complete.runtime.step import Ints

MOST: Final = 64
SEEN: Final = 0.6
"""Of the words that nothing near knows, so many are names that stand elsewhere in the project. By count on validation
packages it is a third of all and half of the names; names there take fewer bits with .6 than with .3."""
_LAST: Final = "\U0010ffff"


@final
class _Counted(NamedTuple):
    names: Ints
    times: NDArray[np.int64]


@final
class Counts:
    """Names of a project's files with their numbers of occurrences; a `Memory`.

    Parameters
    ----------
    lexicon : Lexicon
        Numbers the words.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._counts = np.zeros(1024, np.int64)
        self._total = 0
        self._sorted: list[str] = []  # every word that was ever counted

    def add(self, found: Tokens) -> object:
        """Count the names of a file."""
        names = self._lexicon.ids(
            word for word, kind in zip(found.words, found.kinds.tolist(), strict=True) if kind == Kind.NAME
        )
        different, times = np.unique(names, return_counts=True)
        self._grow(int(different.max(initial=0)) + 1)
        for word in (self._lexicon.words[name] for name in different.tolist()):
            at = bisect_left(self._sorted, word)
            if at == len(self._sorted) or self._sorted[at] != word:
                insort(self._sorted, word)
        self._counts[different] += times
        self._total += len(names)
        return _Counted(different, times)

    def remove(self, learned: object) -> None:
        """Count the names of a file no longer."""
        assert isinstance(learned, _Counted)
        self._counts[learned.names] -= learned.times
        self._total -= int(learned.times.sum())

    def share(self, spread: Spread, prefix: str) -> Spread:
        """Share p(unknown) among words that ``spread`` does not have and that begin with ``prefix``, by their counts.

        The most frequent `MOST` of them come in; what is left of p(unknown) stays.
        """
        if not self._total:
            return spread
        there = np.zeros(len(self._counts), np.bool_)
        there[spread.names[spread.names < len(there)]] = True
        names = self._beginning(prefix)
        names = names[~there[names] & (self._counts[names] > 0)]
        if len(names) > MOST:
            names = names[np.argpartition(-self._counts[names], MOST)[:MOST]]
        p = (spread.unknown * SEEN * self._counts[names] / self._total).astype(np.float32)
        theirs = np.full(len(names), ORIGINS.index("project"), np.uint8)
        return spread.more(names, p, theirs, unknown=spread.unknown - float(p.sum()))

    def _beginning(self, prefix: str) -> Ints:
        if not prefix:
            return np.flatnonzero(self._counts).astype(np.int32)
        low = bisect_left(self._sorted, prefix)
        return self._lexicon.ids(self._sorted[low : bisect_left(self._sorted, prefix + _LAST, low)])

    def _grow(self, n: int) -> None:
        if n > len(self._counts):
            more: NDArray[np.int64] = np.zeros(max(n, 2 * len(self._counts)) - len(self._counts), np.int64)
            self._counts = np.concatenate([self._counts, more])
