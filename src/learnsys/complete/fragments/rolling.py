"""The model at work as a `Roller`: vocabulary, copies from the file, and the project's words."""

from typing import Final, Self, final

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.runtime.branch import Branch
from learnsys.complete.runtime.counts import Counts
from learnsys.complete.runtime.spread import Words

LEAST: Final = 1e-9


@final
class Rolling:
    """A branch of a document, and the words that can come next.

    Parameters
    ----------
    branch : Branch
        Where it stands.
    words : Words
        Of the model's vocabulary.
    counts : Counts
        Of the project.
    lexicon : Lexicon
        Numbers all of them.
    """

    def __init__(self, branch: Branch, words: Words, counts: Counts, lexicon: Lexicon) -> None:
        self._branch, self._words, self._counts, self._lexicon = branch, words, counts, lexicon

    def top(self, gap: str, k: int, prefix: str = "") -> list[tuple[str, float]]:
        """Return the ``k`` likeliest tokens after ``gap`` that begin with ``prefix``, and their p."""
        spread = self._counts.share(self._words.spread(self._branch.ask(gap)), prefix)
        return [(self._lexicon.words[name], p) for name, p, _ in self._words.best(spread, prefix, k)]

    def advance(self, word: str, kind: int, gap: str) -> Self:
        """Return the model behind one token more."""
        return type(self)(self._branch.push(word, kind, gap), self._words, self._counts, self._lexicon)

    def finished(self, gap: str, word: str) -> float:
        """Return the probability that the token typed so far is a whole one, not the beginning of a longer one."""
        name = self._lexicon.id(word)
        spread = self._counts.share(self._words.spread(self._branch.ask(gap)), word)
        whole = float(spread.p[spread.names == name].sum())
        return whole / max(self._words.mass(spread, word), LEAST)
