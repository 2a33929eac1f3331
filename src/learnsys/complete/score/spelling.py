"""How a word is spelled that no part of a model knows: characters one after the other, backing off to shorter contexts.

An interpolated character n-gram after Witten & Bell 1991, learned from the rare words of training, since new words look
like rare ones. All models share it, so that their bits compare.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, final

ORDER: Final = 5  # characters before, at most
END: Final = "\0"
_UNIFORM: Final = 2.0**-12  # of a character never seen
LONGEST: Final = 60  # characters of a word that are looked at in training


@final
class Spelling:
    """Probability of a word's characters and its end.

    Parameters
    ----------
    words : iterable of str
        To learn from, each once.

    Examples
    --------
    >>> spelling = Spelling(["readFile", "readLine", "writeFile", "writeLine"])
    >>> spelling("readLines") > spelling("sdaeLinre")
    True
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for word in words:
            text = END + word[:LONGEST] + END
            for at in range(1, len(text)):
                for begin in range(max(0, at - ORDER), at + 1):
                    self._counts[text[begin:at]][text[at]] += 1
        self._totals = {context: (sum(counts.values()), len(counts)) for context, counts in self._counts.items()}
        self._one = lru_cache(100_000)(self._character)

    def __call__(self, word: str) -> float:
        """Return the probability of ``word``, > 0 but for words of hundreds of characters."""
        text, p = END + word + END, 1.0
        for at in range(1, len(text)):
            p *= self._one(text[max(0, at - ORDER) : at], text[at])
        return p

    def _character(self, context: str, character: str) -> float:
        """Mix what followed this context with what followed the shorter ones."""
        shorter = self._one(context[1:], character) if context else _UNIFORM
        if context not in self._totals:
            return shorter
        total, kinds = self._totals[context]
        return (self._counts[context][character] + kinds * shorter) / (total + kinds)
