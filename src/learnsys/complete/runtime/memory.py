"""What is learned of a project's files: contexts of each token, how often each name stands there, white space."""

from itertools import count
from typing import Final, NamedTuple, final

from learnsys.complete.caches.project import Project
from learnsys.complete.data.layout import lines
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.counts import Counts
from learnsys.complete.style.shipped import shipped_counts
from learnsys.complete.style.spaces import Spaces

CACHED: Final = 160_000  # tokens whose contexts are kept, some 30 MB; of files beyond only the names are known
NEAR: Final = 40_000  # more, for files that are open
STYLED: Final = 30_000  # tokens from which white space is learned: those of the files that changed last


@final
class _Learned(NamedTuple):
    key: int
    counted: object
    styled: Tokens | None
    whole: bool


@final
class ProjectMemory:
    """The files of one project in one language.

    Parameters
    ----------
    lexicon : Lexicon
        Numbers all tokens.
    key : str
        The language.

    Attributes
    ----------
    lexicon : Lexicon
        As given.
    caches : Project
        Tokens in their contexts.
    counts : Counts
        Of names.
    spaces : Spaces
        White space, that of training included.
    partly : int
        Files of which only the names are known.
    """

    def __init__(self, lexicon: Lexicon, key: str) -> None:
        self.caches = Project(lexicon, CACHED + NEAR)
        self.counts = Counts(lexicon)
        self.spaces = Spaces(shipped_counts(key))
        self.partly = 0
        self.lexicon, self._keys, self._styled = lexicon, count(), 0

    def add(self, found: Tokens, *, near: bool = False) -> object:
        """Learn a file, with the room for those that are open if it is ``near``; return what `remove` needs."""
        key, styled = next(self._keys), found if self._styled + len(found) <= STYLED else None
        if styled is not None:
            self._style(styled, 1)
        whole = len(found) <= self.caches.room - (0 if near else NEAR)
        if whole:  # the words of others that are no names need no number
            self.caches.add(key, self.lexicon.ids(found.words), lines(found))
        self.partly += not whole
        return _Learned(key, self.counts.add(found), styled, whole)

    def remove(self, learned: object) -> None:
        """Take back what was learned from a file."""
        assert isinstance(learned, _Learned)
        self.caches.remove(learned.key)
        self.counts.remove(learned.counted)
        self.partly -= not learned.whole
        if learned.styled is not None:
            self._style(learned.styled, -1)

    def _style(self, found: Tokens, times: int) -> None:
        self.spaces.read(found, times)
        self._styled += times * len(found)
