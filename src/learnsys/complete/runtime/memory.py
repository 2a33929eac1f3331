"""What is learned of a project's files: in which contexts each token stood, and how often each name."""

from itertools import count
from typing import final

from learnsys.complete.caches.project import Project
from learnsys.complete.data.layout import lines
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.counts import Counts


@final
class ProjectMemory:
    """The files of one project in one language.

    Attributes
    ----------
    caches : Project
        Tokens in their contexts.
    counts : Counts
        Of names.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.caches = Project(lexicon)
        self.counts = Counts(lexicon)
        self._lexicon, self._keys = lexicon, count()

    def add(self, found: Tokens) -> object:
        """Learn a file; return what `remove` needs to take it back."""
        key = next(self._keys)
        self.caches.add(key, self._lexicon.ids(found.words), lines(found))
        return key, self.counts.add(found)

    def remove(self, learned: object) -> None:
        """Take back what was learned from a file."""
        assert isinstance(learned, tuple)
        key, counted = learned
        self.caches.remove(key)
        self.counts.remove(counted)
