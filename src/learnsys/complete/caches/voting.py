# Numba has no types for its decorators.
# mypy: disable-error-code="untyped-decorator"
"""What file, project and backbone say of the next token, side by side: candidates, each expert's share, and features.

An expert is one kind of context in one store (file or project), or the backbone's vocabulary, or its pointer. Each
gives its followers shares that fall with how long ago they stood there; how far an expert is to be believed is left
to the gate, which sees how often, how surely and how lately it was right to speak at all.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.complete.caches.contexts import KINDS
from learnsys.complete.caches.occurrences import followers
from learnsys.complete.compiled import jit

FOUND: Final = 24  # places looked at in a chain
DECAY: Final = 0.9  # share of a follower against that of the one after it
EXPERTS: Final = 1 + 2 * KINDS  # backbone, file, project
EACH: Final = 4  # features of an expert of a cache
TOLD: Final = 9  # features of the backbone and the place
FEATURES: Final = 2 * KINDS * EACH + TOLD
CANDIDATES: Final = 1024
_TABLE: Final = 4096

Store = tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]]


def table() -> NDArray[np.int32]:
    """Return an empty table for `votes`; it is empty again after each call."""
    return np.full(_TABLE, -1, np.int32)


@jit()
def _candidate(word: int, ids: NDArray[np.int32], shares: Any, n: int, own: NDArray[np.int32]) -> tuple[int, int]:
    """Return the place of a word among the candidates, a new one if it is new, and how many there are now."""
    at = (word * 40503) & (_TABLE - 1)
    while own[at] >= 0:
        if ids[own[at]] == word:
            return own[at], n
        at = (at + 1) & (_TABLE - 1)
    own[at] = n
    ids[n] = word
    shares[n, :] = 0.0
    return n, n + 1


@jit()
def votes(
    query: NDArray[np.uint32], stores: tuple[Store, Store],
    backbone: tuple[NDArray[np.int32], NDArray[np.float32]],
    scratch: tuple[NDArray[np.int32], NDArray[np.int32]],
    out: tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]],
) -> int:  # fmt: skip
    """Fill candidates (ids, shares (CANDIDATES, EXPERTS), features (FEATURES,)) and return how many there are.

    ``backbone`` holds the lexicon's numbers and the probabilities of its likeliest tokens, in order; places without
    one have p 0. ``scratch`` is a `table` and room for FOUND tokens.
    """
    ids, shares, features = out
    own, found = scratch
    features[: 2 * KINDS * EACH] = 0.0
    n = 0
    words, p = backbone
    for j in range(len(words)):
        if p[j] > 0:
            c, n = _candidate(words[j], ids, shares, n, own)
            shares[c, 0] += p[j]
    said = n > 0
    for side in range(2):
        for kind in range(KINDS):
            e = 1 + side * KINDS + kind
            m = followers(stores[side], (kind, query[kind]), FOUND, found)
            if m == 0:
                continue
            total, weight = 0.0, 1.0
            for _ in range(m):
                total += weight
                weight *= DECAY
            weight = 1.0 / total
            top, distinct = 0.0, 0
            for i in range(m):
                c, n = _candidate(found[i], ids, shares, n, own)
                if shares[c, e] == 0.0:
                    distinct += 1
                shares[c, e] += weight
                top = max(top, shares[c, e])
                weight *= DECAY
            f = EACH * (e - 1)
            features[f] = 0.3 + 0.3 * np.log(m)
            features[f + 1] = top
            features[f + 2] = distinct / m
            features[f + 3] = shares[0, e] if said else 0.0
    own[:] = -1
    return n
