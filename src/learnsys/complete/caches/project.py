"""All files of a project in their contexts, of which any can be added, taken back and put aside while it is open."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.caches.contexts import marks, rows
from learnsys.complete.caches.occurrences import DEAD, Occurrences

if TYPE_CHECKING:
    from learnsys.complete.caches.voting import Store
    from learnsys.complete.data.lexicon import Lexicon

MOST: Final = 1_500_000  # tokens; some 300 MB


@final
class Project:
    """Tokens of many files; the files added last are looked at first.

    Parameters
    ----------
    lexicon : Lexicon
        That numbers all tokens.
    most : int
        Tokens that are kept; files beyond are left out.
    """

    def __init__(self, lexicon: "Lexicon", most: int = MOST) -> None:
        self._signs = marks(lexicon)
        self._store = Occurrences(most=most)
        self._spans: dict[Hashable, tuple[int, int]] = {}
        self._most = most
        self._dead = 0

    def __len__(self) -> int:
        return self._store.n - self._dead

    def __contains__(self, key: Hashable) -> bool:
        return key in self._spans

    @property
    def arrays(self) -> "Store":
        """The places as kernels take them."""
        return self._store.arrays

    @property
    def room(self) -> int:
        """Tokens that can be added."""
        return self._most - len(self)

    def add(self, key: Hashable, names: NDArray[np.int32], lines: NDArray[np.uint8]) -> bool:
        """Add a file of tokens (n,) on their lines (n,), or put it in the place of what it was.

        Returns
        -------
        bool
            False if the project is full and the file is left out.
        """
        self.remove(key)
        if len(names) > self.room:
            return False
        if self._dead and self._store.n + len(names) > self._most:
            self._compact()
        begin = self._store.add(names, rows(names, lines, self._signs)[0])
        self._spans[key] = (begin, self._store.n)
        return True

    def remove(self, key: Hashable) -> None:
        """Take a file back; one that is not there is no matter."""
        begin, end = self._spans.pop(key, (0, 0))
        self._store.remove(begin, end)
        self._dead += end - begin
        if self._dead > max(len(self), 10_000):
            self._compact()

    def _compact(self) -> None:
        """Make the places anew, without those that no longer speak."""
        old, self._store, self._dead = self._store, Occurrences(max(len(self), 1024), self._most), 0
        for key, (begin, end) in list(self._spans.items()):
            at = self._store.add(old.names[begin:end], old.hashes[begin:end])
            self._spans[key] = (at, self._store.n)
        assert not (self._store.names[: self._store.n] == DEAD).any()
