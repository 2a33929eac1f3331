# Numba has no types for its decorators.
# mypy: disable-error-code="untyped-decorator"
"""The whole model at a cursor: backbone, file and project side by side, weighed by the gate.

``Mixture(gate, lexicon, project)`` belongs to one open file. The editor's thread calls `observe` for each token in
order, `forget` to go back to the first n tokens after an edit, and `candidates` with what the backbone says:

>>> from learnsys.complete.data.lexicon import Lexicon
>>> lexicon = Lexicon()
>>> mixture = Mixture(Gate.plain(), lexicon, Project(lexicon))
>>> for name in lexicon.ids(["f", "(", "a", ")", ";", "f", "("]):
...     mixture.observe(name)
>>> found = mixture.candidates(Said.nothing())
>>> lexicon.words[found.ids[0]], ORIGINS[found.origins[0]]
('a', 'file')
"""

from typing import Any, Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.caches.contexts import COLUMNS, KINDS, marks, row, rows_from
from learnsys.complete.caches.gate import Gate, weigh
from learnsys.complete.caches.occurrences import Occurrences, link_one
from learnsys.complete.caches.project import Project
from learnsys.complete.caches.ranker import ABOUT, RANKED, describe, rank
from learnsys.complete.caches.voting import CANDIDATES, EXPERTS, FEATURES, FOUND, TOLD, table, votes
from learnsys.complete.compiled import jit
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.runtime.step import likeliest
from learnsys.complete.score.types import SHOWN
from learnsys.complete.types import Origin

LISTED: Final = 64
ORIGINS: Final[tuple[Origin, ...]] = ("model", "file", "project")
Ahead = tuple[NDArray[np.int32], NDArray[np.uint8]]  # numbers and lines of tokens that are only thought of
NOTHING: Final[Ahead] = (np.zeros(0, np.int32), np.zeros(0, np.uint8))


@final
class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the backbone says of the next token.

    Attributes
    ----------
    ids, p : (k,) int32, float32
        Lexicon's numbers and probabilities of its likeliest tokens, in order; p 0 where there are no more.
    unknown : float
        Probability of all words that it does not know.
    entropy : float
        Of all that it says, in bits.
    share : float
        What it copies, all in all.
    """

    ids: NDArray[np.int32]
    p: NDArray[np.float32]
    unknown: float
    entropy: float
    share: float

    @classmethod
    def nothing(cls) -> Self:
        """Return what no backbone says."""
        return cls(ids=np.zeros(2, np.int32), p=np.zeros(2, np.float32), unknown=1.0, entropy=0.0, share=0.0)


@final
class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """The likeliest tokens, in order: lexicon's numbers, probabilities, numbers in `ORIGINS`; the backbone's weight.

    p of a token that is none of them: ``weight`` times what the backbone gives it.
    """

    ids: NDArray[np.int32]
    p: NDArray[np.float32]
    origins: NDArray[np.uint8]
    weight: float


@final
class Mixture:
    """Backbone, caches and gate for one open file.

    Parameters
    ----------
    gate : Gate
        Of the model.
    lexicon : Lexicon
        That numbers all tokens.
    project : Project
        All other files; shared, only read.
    """

    def __init__(self, gate: Gate, lexicon: Lexicon, project: Project) -> None:
        self._gate, self._project = gate, project
        self._signs = marks(lexicon)
        self._file = Occurrences()
        self._names, self._lines = np.zeros(1024, np.int32), np.zeros(1024, np.uint8)
        self._layout = np.full((1025, COLUMNS), -1, np.int32)
        self._layout[0, 1] = 0
        self._scratch = Scratch()

    def __len__(self) -> int:
        return self._file.n

    def observe(self, name: int, line: int = 0) -> None:
        """Take in the next token, which stands on ``line``."""
        self.extend(np.array([name], np.int32), np.array([line], np.uint8))

    def extend(self, names: NDArray[np.int32], lines: NDArray[np.uint8]) -> None:
        """Take in the next tokens (n,), on their lines (n,)."""
        self._file.add(names, self._write(names, lines))

    def _write(self, names: NDArray[np.int32], lines: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Write tokens behind those taken in; return their contexts."""
        begin, end = self._file.n, self._file.n + len(names)
        if end > len(self._names):
            more = max(end, 2 * len(self._names)) - len(self._names)
            self._names = np.concatenate([self._names, np.zeros(more, np.int32)])
            self._lines = np.concatenate([self._lines, np.zeros(more, np.uint8)])
            self._layout = np.concatenate([self._layout, np.full((more, COLUMNS), -1, np.int32)])
        self._names[begin:end], self._lines[begin:end] = names, lines
        contexts: NDArray[np.uint32] = rows_from(begin, end, self._names, self._lines, self._layout, self._signs)
        return contexts

    def forget(self, n: int) -> None:
        """Go back to the first ``n`` tokens."""
        self._file.forget(n)

    def candidates(self, said: Said, line: int = 0, ahead: Ahead = NOTHING) -> Candidates:
        """Return the likeliest next tokens, if the next stands on ``line``.

        Tokens ``ahead`` stand between those taken in and the next: it comes after them, but they have not occurred.
        """
        own = self._scratch
        if len(ahead[0]):
            self._write(*ahead)
        n_before = self._file.n + len(ahead[0])
        told = np.array([[said.unknown, said.entropy, said.share]], np.float32)
        stores = (self._file.arrays, self._project.arrays)
        n = _mix(
            self._query(n_before, line), (n_before, line, self._names), stores, (said.ids, said.p), told[0],
            self._gate.arrays, own.arrays,
        )  # fmt: skip
        order = np.argsort(-own.p[:n], kind="stable")[:LISTED]
        return Candidates(ids=own.ids[order], p=own.p[order], origins=own.origins[order], weight=float(own.share[0]))

    def _query(self, t: int, line: int) -> NDArray[np.uint32]:
        query = np.empty(KINDS, np.uint32)
        row(t, line, self._names, self._layout, query)
        return query


@final
class Scratch:
    """Room for one thread's answers."""

    def __init__(self) -> None:
        self.ids = np.empty(CANDIDATES, np.int32)
        self.shares = np.empty((CANDIDATES, EXPERTS), np.float32)
        self.features = np.zeros(FEATURES, np.float32)
        self.share = np.empty(EXPERTS, np.float32)
        self.p = np.empty(CANDIDATES, np.float32)
        self.origins = np.empty(CANDIDATES, np.uint8)
        self.arrays = (
            (table(), np.empty(FOUND, np.int32)), (self.ids, self.shares, self.features), self.share,
            (self.p, self.origins), np.zeros((RANKED, ABOUT), np.float32),
        )  # fmt: skip


@jit()
def _mix(query: Any, place: Any, stores: Any, backbone: Any, told: Any, gate: Any, scratch: Any) -> int:
    """Fill p and origin of all candidates; return how many there are.

    ``place`` is (how many tokens stand before, on which line the next one does, those before); ``told`` is unknown,
    entropy and share.
    """
    inner, out, share, (p, origins), about = scratch
    ids, shares, features = out
    t, line, names = place
    n = votes(query, stores, backbone, inner, out)
    _tell(features, backbone[1], told, t, line)
    hidden = weigh(features, gate[0], share)
    for c in range(n):
        file, project = np.float32(0), np.float32(0)
        for e in range(KINDS):
            file += share[1 + e] * shares[c, 1 + e]
            project += share[1 + KINDS + e] * shares[c, 1 + KINDS + e]
        model = share[0] * shares[c, 0]
        p[c] = model + file + project
        origins[c] = 0 if model >= max(file, project) else (1 if file >= project else 2)
    if len(gate[1][2]):
        order = likeliest(p[:n], RANKED)
        describe((ids, shares, p), order, (names, t), about)
        rank(about, order, hidden, gate[1], p)
    return int(n)


@jit()
def _tell(features: Any, p: Any, told: Any, t: int, line: int) -> None:
    """Write the last TOLD features: the backbone's surest and its lead, entropy, copying, the unknown, the place."""
    f = FEATURES - TOLD
    features[f], features[f + 1] = p[0], p[0] - p[1]
    features[f + 2], features[f + 3], features[f + 4] = told[1] / 4, told[2], told[0]
    features[f + 5] = np.log(1.0 + t) / 8
    for mark in range(1, 4):
        features[f + 5 + mark] = 1.0 if line == mark else 0.0


@jit()
def mix_file(file: Any, own: Any, project: Any, backbone: Any, gate: Any, scratch: Any, out: Any) -> None:
    """Answer for every token of a file, each from those before it.

    Parameters
    ----------
    file : names (n,), lines (n,), contexts (n, KINDS)
    own, project : stores
        ``own`` is empty, of n places, and filled.
    backbone : ids (n, k), p (n, k), told (n, 3), p of the token that stands there (n,)
    gate, scratch : arrays
    out : p (n,), rank (n,), confidence (n,), then what `Observed` has
        The latter of length 0 where nobody asks.
    """
    names, lines, hashes = file
    ids, best, told, p_true = backbone
    p, place, confidence, kept = out
    (found, shares, _), share, (mixed, _) = scratch[1], scratch[2], scratch[3]
    for t in range(len(names)):
        n = _mix(hashes[t], (t, lines[t], names), (own, project), (ids[t], best[t]), told[t], gate, scratch)
        if len(kept[0]):
            _keep(t, names, n, p_true[t], scratch, kept)
        rest, highest, mine, before = share[0] * p_true[t], np.float32(0), np.float32(-1), 0
        for c in range(n):
            highest = max(highest, mixed[c])
            if found[c] == names[t]:
                rest -= share[0] * shares[c, 0]  # left is what the backbone gives it beyond its list
                mine = mixed[c]
        p[t], confidence[t] = max(mine, np.float32(0)) + max(rest, np.float32(0)), highest
        for c in range(n):
            if mixed[c] > mine and found[c] != names[t]:
                before += 1
        place[t] = min(before, SHOWN) if mine >= 0 else SHOWN
        own[0][t], own[1][t] = names[t], hashes[t]
        link_one(own[1], own[2], own[3], t)


@jit()
def _keep(t: int, names: Any, n: int, p_true: Any, scratch: Any, kept: Any) -> None:
    """Keep what gate and ranker learn from token ``t``."""
    (found, shares, features), (mixed, _), about = scratch[1], scratch[3], scratch[4]
    kept_features, kept_shares, kept_about, kept_count, kept_right = kept
    kept_features[t] = features
    kept_shares[t] = 0
    kept_shares[t, 0] = p_true
    for c in range(n):
        if found[c] == names[t]:
            kept_shares[t, 1:] = shares[c, 1:]
    order = likeliest(mixed[:n], RANKED)
    describe((found, shares, mixed), order, (names, t), about)
    kept_about[t], kept_count[t], kept_right[t] = about, len(order), -1
    for r in range(len(order)):
        if found[order[r]] == names[t]:
            kept_right[t] = r
