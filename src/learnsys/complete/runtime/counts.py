"""How often each word stands in a project: who shares the probability of words that the model has no number for."""

from bisect import bisect_left, insort
from typing import Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.types import Kind, Tokens
from learnsys.complete.runtime.spread import Spread
from learnsys.complete.runtime.step import Ints

MOST: Final = 64
SEEN: Final = 0.6  # of the words that have no number and are not near in the file, so many stand in the project
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

    def share(self, spread: Spread, prefix: str) -> tuple[Spread, Ints]:
        """Share p(unknown) among words that ``spread`` does not have and that begin with ``prefix``, by their counts.

        Returns
        -------
        spread : Spread
            With the most frequent `MOST` of them; what is left of p(unknown) stays.
        names : (k,) int32
            Those that came in.
        """
        if not self._total:
            return spread, np.zeros(0, np.int32)
        names = self._beginning(prefix)
        names = names[~np.isin(names, spread.names)]
        if len(names) > MOST:
            names = names[np.argpartition(-self._counts[names], MOST)[:MOST]]
        names = names[self._counts[names] > 0]
        p = (spread.unknown * SEEN * self._counts[names] / max(self._total, 1)).astype(np.float32)
        return Spread(
            names=np.concatenate([spread.names, names]), p=np.concatenate([spread.p, p]),
            unknown=spread.unknown - float(p.sum()),
        ), names  # fmt: skip

    def _beginning(self, prefix: str) -> Ints:
        if not prefix:
            return np.flatnonzero(self._counts).astype(np.int32)
        low = bisect_left(self._sorted, prefix)
        return self._lexicon.ids(self._sorted[low : bisect_left(self._sorted, prefix + _LAST, low)])

    def _grow(self, n: int) -> None:
        if n > len(self._counts):
            more: NDArray[np.int64] = np.zeros(max(n, 2 * len(self._counts)) - len(self._counts), np.int64)
            self._counts = np.concatenate([self._counts, more])
