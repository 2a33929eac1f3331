"""Statistics of the last hours of endless rows, in memory that depends on the window only.

Time is cut into blocks. Rows wait until every pair that begins in a block can be complete, that is for the largest lag
and the reach of the kernel; then the block's sums over pairs are computed and its rows forgotten, but for those that
later blocks look back to. A ring holds the sums of the last blocks: added up they are the sums of the window, and side
by side they are what the jackknife and random signs need. Means are removed at the end, from the cross sums.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.result import Result
from learnsys.series.estimate.types import Facts
from learnsys.series.sums import direct
from learnsys.series.sums.kernels import density, reach_s
from learnsys.series.sums.running import Rows
from learnsys.series.types import Floats, KernelSums, Samples, SumsSpec

PARTS: Final = ("ww", "xy", "xw", "wx")


@final
class Block(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of the pairs that begin in one block of time.

    Attributes
    ----------
    number : int
        The block covers the times from ``number`` times its length, after the origin.
    sums : KernelSums
        Of one block, with cross sums, of samples that were not centred.
    totals : ndarray, shape (3, D)
        Of the samples in the block: how many, their sum and the sum of their squares.
    span_s : ndarray, shape (2, D)
        The first and the last of their stamps; NaN for none.
    """

    number: int
    sums: KernelSums
    totals: Floats
    span_s: Floats


@final
class Ring:
    """A window that moves along with rows.

    Parameters
    ----------
    spec : SumsSpec
        Pairs, lags and one kernel; blocks and cross sums are of no account.
    ids : sequence of str
        The series; rows of others are passed over.
    every_s : float
        Length of a block.
    blocks : int
        How many the window holds.
    wait_s : float
        How much later than others a row may come and still be in every sum; a block is computed so much later.

    Attributes
    ----------
    late : int
        Rows that came after their block was computed, and were left out.
    """

    def __init__(self, spec: SumsSpec, ids: Sequence[str], *, every_s: float, blocks: int, wait_s: float = 0.0) -> None:
        if not every_s > 0:
            raise InputError(f"every_s is {every_s}, but must be more than 0", value=every_s, next="try 60")
        if blocks < 1:
            raise InputError.below("blocks", blocks, 1)
        self.ids, self.every_s = tuple(ids), every_s
        self.pairs = spec.numbered(len(self.ids))
        self.spec = msgspec.structs.replace(
            spec, blocks=1, cross=True, pairs=tuple((int(a), int(b) + len(self.ids)) for a, b in self.pairs)
        )
        tau, reach = spec.lags.values, max(reach_s(kernel) for kernel in spec.kernels)
        self.back_s, self.ahead_s = max(reach - tau[0], 0.0), max(reach + tau[-1], 0.0) + wait_s
        self.kept: deque[Block] = deque(maxlen=blocks)
        self.rows = np.zeros((3, 0))  # series, stamp, value
        self.next: int | None = None  # the block that is computed next
        self.late = 0

    def add(self, chunk: Rows, *, t0_ns: int = 0) -> tuple[Block, ...]:
        """Add rows, roughly in order of time, and give the blocks that are complete by them.

        Parameters
        ----------
        chunk : Rows
            Such as ``sources.types.Chunk``.
        t0_ns : int
            Origin of the blocks, in nanoseconds since 1970.
        """
        known = {name: d for d, name in enumerate(self.ids)}
        number = np.array([known.get(name, -1) for name in chunk.ids], float)
        rows = np.stack([number[chunk.codes], chunk.seconds(t0_ns), np.asarray(chunk.x, float)])
        rows = rows[:, rows[0] >= 0]
        if not rows.size:
            return ()
        if self.next is None:
            self.next = int(np.floor(rows[1].min() / self.every_s))
        late = rows[1] < self.next * self.every_s
        self.late += int(late.sum())
        self.rows = np.concatenate([self.rows, rows[:, ~late]], axis=1)
        ready = (
            int(np.floor((self.rows[1].max(initial=-np.inf) - self.ahead_s) / self.every_s)) if self.rows.size else 0
        )
        return tuple(self._close() for _ in range(self.next, ready))

    def sums(self) -> KernelSums:
        """The sums of the blocks in the window, side by side; of an odd number the oldest two are joined.

        The jackknife leaves out two at a time.
        """
        if not self.kept:
            raise InputError("no block is complete", value=0, next="add more rows")
        first = self.kept[0].sums
        parts: dict[str, Any] = {
            name: _even(np.concatenate([getattr(block.sums, name) for block in self.kept], axis=1)) for name in PARTS
        }
        return KernelSums(kernel=first.kernel, lags=first.lags, pairs=self.pairs, **parts)

    def facts(self) -> Facts:
        """What the blocks in the window tell of each series."""
        n, total, squares = np.sum([block.totals for block in self.kept], axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = total / n
            variance = np.maximum(squares / n - mean**2, 0.0)
        spans = np.stack([block.span_s for block in self.kept])
        return Facts(
            ids=self.ids, t0_ns=0, n=n.astype(np.int64), first_s=np.fmin.reduce(spans[:, 0]),
            last_s=np.fmax.reduce(spans[:, 1]), sum_w=n, sum_w2=n, mean=mean, variance=variance,
        )  # fmt: skip

    def result(self, statistic: Any) -> Result:
        """Let a statistic that is a function of sums over pairs make its result of the window."""
        made: Result = statistic.finish((self.sums(),), self.facts())
        return made

    def _close(self) -> Block:
        """Compute the next block, and forget what no later one looks back to."""
        assert self.next is not None
        first, last = self.next * self.every_s, (self.next + 1) * self.every_s
        order = np.lexsort((self.rows[1], self.rows[0]))
        self.rows = self.rows[:, order]
        inside = (self.rows[1] >= first) & (self.rows[1] < last)
        near = (self.rows[1] >= first - self.back_s) & (self.rows[1] < last + self.ahead_s)
        block = self._block(self.rows[:, inside], self.rows[:, near])
        self.kept.append(block)
        self.next += 1
        self.rows = self.rows[:, self.rows[1] >= last - self.back_s]
        return block

    def _block(self, inside: Floats, near: Floats) -> Block:
        """Pair the rows inside a block, as series of their own, with all that are near."""
        d = len(self.ids)
        codes = np.concatenate([inside[0], near[0] + d]).astype(np.int64)
        starts = np.searchsorted(codes, np.arange(2 * d + 1)).astype(np.int64)
        t, x = (np.concatenate([inside[k], near[k]]) for k in (1, 2))
        samples = Samples(ids=(*self.ids, *self.ids), t0_ns=0, t=t, x=x, w=np.ones_like(t), starts=starts)
        [sums] = direct.sums(samples, self.spec)
        own = codes[: inside.shape[1]]
        powers = (np.ones_like(inside[2]), inside[2], inside[2] ** 2)
        totals = np.stack([np.bincount(own, v, d) for v in powers]).astype(float)
        span = np.full((2, d), np.nan)
        some = totals[0] > 0
        span[:, some] = t[starts[:-1][:d][some]], t[starts[1:][:d][some] - 1]
        assert self.next is not None
        sums = msgspec.structs.replace(sums, pairs=self.pairs)
        return Block(number=self.next, sums=_without_self(sums, totals), totals=totals, span_s=span)


def _even(blocks: NDArray[np.floating]) -> NDArray[np.floating]:
    n = blocks.shape[1]
    return blocks if n == 1 or n % 2 == 0 else np.concatenate([blocks[:, :1] + blocks[:, 1:2], blocks[:, 2:]], axis=1)


def _without_self(sums: KernelSums, totals: Floats) -> KernelSums:
    """Take out the pairs of a sample with itself."""
    alone: NDArray[np.intp] = np.flatnonzero(sums.pairs[:, 0] == sums.pairs[:, 1])
    amounts = dict(zip(PARTS, (totals[0], totals[2], totals[1], totals[1]), strict=True))
    parts: dict[str, Any] = {}
    for name, amount in amounts.items():
        parts[name] = part = np.array(getattr(sums, name))
        for p in range(len(part)):
            part[p, 0, alone] -= amount[sums.pairs[alone, 0], None] * density(sums.kernel, -sums.lags.values, p)
    return msgspec.structs.replace(sums, **parts)
