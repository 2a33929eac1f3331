# Numba has no types for its decorators.
# mypy: disable-error-code="untyped-decorator"
"""Where each context occurred before: chains of places, the latest first.

One array of tokens, and for each kind of context a link from each place to the place before it with an equal context.
To add a token writes one link a kind; to forget the last token takes them back: that is all an edit costs. A hash
table holds the beginning of each chain; chains whose contexts fall on the same place of the table are told apart by
the hashes, which are kept.
"""

from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.caches.contexts import KINDS
from learnsys.complete.compiled import jit

DEAD: Final = -1  # token of a place that is no more


@final
class Occurrences:
    """Tokens in their contexts, to be looked up; of one file, or of all others of a project.

    Parameters
    ----------
    capacity : int
        Places to begin with; there is room for more as they come.
    most : int, optional
        Beyond which nobody will go, so that no more room is made in advance.

    Attributes
    ----------
    names : (capacity,) int32
        The tokens; `DEAD` where a file was removed.
    hashes : (capacity, KINDS) uint32
        Their contexts.
    link : (capacity, KINDS) int32
        The place before with an equal context, -1 at the end of a chain.
    head : (KINDS, slots) int32
        The latest place of each chain.
    n : int
        Places in use.
    """

    def __init__(self, capacity: int = 1024, most: int | None = None) -> None:
        self.n, self._most = 0, most
        self._allot(capacity)

    def _allot(self, capacity: int) -> None:
        self.names = np.empty(capacity, np.int32)
        self.hashes = np.empty((capacity, KINDS), np.uint32)
        self.link = np.empty((capacity, KINDS), np.int32)
        self.head = np.full((KINDS, 1 << max(int(np.ceil(np.log2(capacity))), 4)), -1, np.int32)

    @property
    def arrays(self) -> tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]]:
        """The places as kernels take them: names, hashes, link, head."""
        return self.names, self.hashes, self.link, self.head

    def add(self, names: NDArray[np.int32], hashes: NDArray[np.uint32]) -> int:
        """Add tokens (n,) in their contexts (n, KINDS); return the place of the first."""
        begin, end = self.n, self.n + len(names)
        if end > len(self.names):
            old = (self.names[:begin], self.hashes[:begin])
            more = 2 * len(self.names) if self._most is None else min(2 * len(self.names), self._most)
            self._allot(max(end, more))
            self.n = 0
            self.add(*old)
        self.names[begin:end], self.hashes[begin:end] = names, hashes
        _add(self.hashes, self.link, self.head, begin, end)
        self.n = end
        return begin

    def forget(self, n: int) -> None:
        """Take back all places from ``n`` on, as if they had never been added."""
        _forget(self.hashes, self.link, self.head, n, self.n)
        self.n = n

    def remove(self, begin: int, end: int) -> None:
        """Let places in the middle no longer speak: those of a file that was deleted, or is open elsewhere."""
        self.names[begin:end] = DEAD


@jit()
def _slot(h: Any, head: NDArray[np.int32]) -> Any:
    """Return the place of a context in the table of its kind."""
    return (np.uint64(h) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & np.uint64(head.shape[1] - 1)


@jit()
def link_one(hashes: NDArray[np.uint32], link: NDArray[np.int32], head: NDArray[np.int32], t: int) -> None:
    """Put place ``t`` at the beginning of its chains."""
    for kind in range(hashes.shape[1]):
        at = _slot(hashes[t, kind], head)
        link[t, kind] = head[kind, at]
        head[kind, at] = t


@jit()
def _add(hashes: NDArray[np.uint32], link: NDArray[np.int32], head: NDArray[np.int32], begin: int, end: int) -> None:
    for t in range(begin, end):
        link_one(hashes, link, head, t)


@jit()
def _forget(hashes: NDArray[np.uint32], link: NDArray[np.int32], head: NDArray[np.int32], begin: int, end: int) -> None:
    for t in range(end - 1, begin - 1, -1):
        for kind in range(hashes.shape[1]):
            head[kind, _slot(hashes[t, kind], head)] = link[t, kind]


@jit()
def followers(
    store: tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]],
    query: tuple[int, Any], most: int, out: NDArray[np.int32],
) -> int:  # fmt: skip
    """Write the tokens that stood in a context (kind, hash), the latest first, into ``out``; return how many.

    ``store`` is (names, hashes, link, head). At most ``most`` are found, and at most 8 * most places looked at.
    """
    names, hashes, link, head = store
    kind, h = query
    place = head[kind, _slot(h, head)]
    found = 0
    for _ in range(8 * most):
        if place < 0 or found == most:
            break
        if hashes[place, kind] == h and names[place] != DEAD:
            out[found] = names[place]
            found += 1
        place = link[place, kind]
    return found
