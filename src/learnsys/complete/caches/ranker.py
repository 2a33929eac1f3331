# Numba has no types for its decorators.
# mypy: disable-error-code="untyped-decorator"
"""The likeliest candidates weighed once more, each by what is known of it alone.

The gate believes an expert at all of what it says or at none of it; which of the candidates is right shows in how they
compare: by how many contexts each is backed, how long ago it stood in the file and how often. The ranker shares the
probability of the first RANKED among them anew, ``p_c ~ p_c exp(w . relu(C f_c + G h + b))``, f_c what is known of
candidate c and h the gate's hidden layer; nothing is taken from the others or given to them.
"""

from collections.abc import Mapping
from typing import Any, Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.caches.contexts import KINDS
from learnsys.complete.compiled import jit
from learnsys.core.errors import BadFile

RANKED: Final = 24
ABOUT: Final = 12  # features of a candidate
HIDDEN: Final = 32
RECENT: Final = 4096  # tokens of the file that are looked at
TENSORS: Final = ("ranker.candidate", "ranker.place", "ranker.bias", "ranker.out")

Arrays = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


@final
class Ranker(msgspec.Struct, frozen=True, kw_only=True):
    """Weights: ``candidate`` (R, ABOUT), ``place`` (R, the gate's hidden units), ``bias`` (R,), ``out`` (R,)."""

    candidate: NDArray[np.float32]
    place: NDArray[np.float32]
    bias: NDArray[np.float32]
    out: NDArray[np.float32]

    @classmethod
    def of(cls, tensors: Mapping[str, NDArray[np.float32]]) -> Self | None:
        """Take a ranker out of a model file's tensors, if it has one.

        Raises
        ------
        BadFile
            If it is for other features than these.
        """
        if not all(name in tensors for name in TENSORS):
            return None
        found = cls(**{name.removeprefix("ranker."): np.ascontiguousarray(tensors[name]) for name in TENSORS})
        units, features = found.candidate.shape
        if features != ABOUT or not units == len(found.place) == len(found.bias) == len(found.out):
            raise BadFile(
                f"the model's ranker is for {features} features and {units} units, not {ABOUT} and {len(found.out)}",
                next="train it again: learnsys complete train",
            )
        return found

    @classmethod
    def none(cls, hidden: int) -> Self:
        """Return a ranker that leaves every candidate what it has, behind a gate of ``hidden`` units."""
        nothing = np.zeros(0, np.float32)
        return cls(
            candidate=np.zeros((0, ABOUT), np.float32), place=np.zeros((0, hidden), np.float32),
            bias=nothing, out=nothing,
        )  # fmt: skip

    @property
    def arrays(self) -> Arrays:
        """The weights as kernels take them."""
        return self.candidate, self.place, self.bias, self.out

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights by their names in a model file."""
        return dict(zip(TENSORS, self.arrays, strict=True))


@jit()
def describe(candidates: Any, order: NDArray[np.intp], file: Any, about: NDArray[np.float32]) -> None:
    """Write the features of the candidates at ``order`` into ``about`` (RANKED, ABOUT).

    ``candidates`` are (ids, shares (n, EXPERTS), p); ``file`` is (tokens, how many of them there are).
    """
    ids, shares, p = candidates
    names, t = file
    begin = max(t - RECENT, 0)
    for r in range(len(order)):
        c = order[r]
        own, name = shares[c], ids[c]
        last, count = -1, 0
        for i in range(begin, t):
            if names[i] == name:
                last = i
                count += 1
        row = about[r]
        row[0] = np.log(max(p[c], np.float32(1e-8))) / 5
        row[1] = np.log(1.0 + r) / 3
        row[2] = np.log(own[0] + 1e-4) / 4
        for side in range(2):
            highest, total, backing = np.float32(0), np.float32(0), 0
            for e in range(1 + side * KINDS, 1 + (side + 1) * KINDS):
                highest = max(highest, own[e])
                total += own[e]
                backing += 1 if own[e] > 0 else 0
            row[3 + side] = np.log(highest + 1e-3) / 3
            row[5 + side] = backing / KINDS
            row[7 + side] = total / KINDS
        row[9] = 1.0 if last < 0 else 0.0
        row[10] = 0.0 if last < 0 else np.log(1.0 + t - last) / 8
        row[11] = np.log(1.0 + count) / 6


@jit(fastmath={"reassoc", "contract"})
def rank(about: Any, order: NDArray[np.intp], hidden: Any, ranker: Any, p: NDArray[np.float32]) -> None:
    """Share the probability of the candidates at ``order`` anew; ``hidden`` is what the gate's hidden layer shows."""
    candidate, place, bias, out = ranker
    units, m = len(bias), len(order)
    if units == 0 or m < 2:
        return
    base, score = bias.copy(), np.empty(m, np.float32)
    for u in range(units):
        for j in range(len(hidden)):
            base[u] += place[u, j] * hidden[j]
    before, highest = np.float32(0), np.float32(-1e30)
    for r in range(m):
        before += p[order[r]]
        total = np.log(max(p[order[r]], np.float32(1e-30)))
        for u in range(units):
            h = base[u]
            for j in range(ABOUT):
                h += candidate[u, j] * about[r, j]
            total += out[u] * max(h, np.float32(0))
        score[r] = total
        highest = max(highest, total)
    after = np.float32(0)
    for r in range(m):
        score[r] = np.exp(score[r] - highest)
        after += score[r]
    for r in range(m):
        p[order[r]] = before * score[r] / after
