"""The model at work as a `Roller`: all that `suggest` asks, behind tokens that are only thought of."""

from typing import Final, Self, final

import numpy as np

from learnsys.complete.caches.mixture import NOTHING, Ahead
from learnsys.complete.runtime.branch import Branch
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.spread import Spread

LEAST: Final = 1e-9


@final
class Rolling:
    """A branch of a document, and the words that can come next.

    Parameters
    ----------
    branch : Branch
        Where it stands.
    sources : Sources
        What knows the words; its caches have followed the document to where the branch begins.
    ahead : Ahead
        The tokens of the branch: contexts for the caches, which count only what stands in the document.
    """

    def __init__(self, branch: Branch, sources: Sources, ahead: Ahead = NOTHING) -> None:
        self._branch, self._sources, self._ahead = branch, sources, ahead

    def top(self, gap: str, k: int, prefix: str = "") -> list[tuple[str, float]]:
        """Return the ``k`` likeliest tokens after ``gap`` that begin with ``prefix``, and their p."""
        words = self._sources.lexicon.words
        return [(words[name], p) for name, p, _ in self._sources.words.best(self._spread(gap, prefix), prefix, k)]

    def advance(self, word: str, kind: int, gap: str) -> Self:
        """Return the model behind one token more."""
        names, lines = self._ahead
        line = np.array([self._branch.line(gap)], np.uint8)
        name = self._sources.lexicon.ids([word])
        return type(self)(
            self._branch.push(word, kind, gap), self._sources,
            (np.concatenate([names, name]), np.concatenate([lines, line])),
        )  # fmt: skip

    def finished(self, gap: str, word: str) -> float:
        """Return the probability that the token typed so far is a whole one, not the beginning of a longer one."""
        name, spread = self._sources.lexicon.id(word), self._spread(gap, word)
        whole = float(spread.p[spread.names == name].sum())
        return whole / max(self._sources.words.mass(spread, word), LEAST)

    def _spread(self, gap: str, prefix: str) -> Spread:
        return self._sources.spread(self._branch.ask(gap), self._branch.line(gap), prefix, self._ahead)
