"""Statistics of the last hours of endless rows, in memory that depends on the window only.

Time is cut into blocks, from 1970 on. Rows wait until every pair that begins in a block can be complete, that is for
the largest lag and the reach of the kernel; then the block's sums over pairs are computed and its rows forgotten, but
for those that later blocks look back to. A ring holds the sums of the last blocks: added up they are the sums of the
window, and side by side they are what the jackknife and random signs need. Each block counts values from its own means,
and the sums of several are moved to the means of the window: values may be large, and may wander.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.result import Result
from learnsys.core.units import format_duration
from learnsys.series.estimate.types import Facts
from learnsys.series.stream.clock import Clock, Part
from learnsys.series.sums import direct
from learnsys.series.sums.kernels import density, reach_s
from learnsys.series.types import Floats, KernelSums, Samples, SumsSpec

PARTS: Final = ("ww", "xy", "xw", "wx")
LEAP: Final = 10  # blocks without a row, after which one is doubted
MOST_SERIES: Final = 100  # of a stream whose series are found as they come: pairs grow with their square
NS: Final = 1_000_000_000
_FAR: Final = 1 << 62  # nanoseconds, nearly the year 2116: no stamp


@final
class Block(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of the pairs that begin in one block of time.

    Attributes
    ----------
    number : int
        The block covers the times from ``number`` times its length, after 1970.
    sums : KernelSums
        Of one kernel, with cross sums, of values from ``mean`` on.
    n, mean, squares : ndarray, shape (D,)
        Of the samples in the block: how many, their mean (0 for none), and the sum of squares of what differs from it.
    span_ns : ndarray of int64, shape (2, D)
        The first and the last of their stamps; of no account where ``n`` is 0.
    """

    number: int
    sums: KernelSums
    n: Floats
    mean: Floats
    squares: Floats
    span_ns: NDArray[np.int64]


@final
class Ring:
    """A window that moves along with rows.

    Parameters
    ----------
    spec : SumsSpec
        Pairs, lags and one kernel; blocks and cross sums are of no account.
    ids : sequence of str, optional
        The series; rows of others are passed over. If not given, they are found as they come, up to ``MOST_SERIES``.
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
    twice : int
        Rows left out because they came before, with all that is in them. Other values of one stamp are samples.
    dropped : int
        Rows left out because their value is not finite, or their stamp no time.
    others : int
        Rows of series beyond ``MOST_SERIES``, which were passed over.

    Examples
    --------
    >>> from learnsys.series import types
    >>> from learnsys.series.sources.scan import scan
    >>> t = np.arange(0, 200, 0.5)
    >>> spec = types.SumsSpec(pairs="all", kernels=(types.Kernel(name="box", h=0.2),), lags=types.lags(-2, 2, 1))
    >>> ring = Ring(spec, every_s=10.0, blocks=6)
    >>> for chunk in scan({"a": (t, np.sin(t)), "b": (t + 1, np.sin(t))}).batches():
    ...     complete = ring.add(chunk)
    >>> len(complete), ring.facts().n.tolist()
    (19, [120, 120])
    """

    def __init__(
        self, spec: SumsSpec, ids: Sequence[str] | None = None, *, every_s: float, blocks: int, wait_s: float = 0.0
    ) -> None:
        if not every_s > 0:
            raise InputError(f"every_s is {every_s}, but must be more than 0", value=every_s, next="try 60")
        if blocks < 1:
            raise InputError.below("blocks", blocks, 1)
        if ids is None and not isinstance(spec.pairs, str):
            raise InputError("pairs by number need to know the series", value=spec.pairs, next="give ids=")
        self.spec, self.grows, self.number = spec, ids is None, {name: d for d, name in enumerate(ids or ())}
        self.every_ns, self.blocks = round(every_s * NS), blocks
        tau, reach = spec.lags.values, max(reach_s(kernel) for kernel in spec.kernels)
        self.back_ns = round(max(reach - tau[0], 0.0) * NS)
        self.ahead_ns = round((max(reach + tau[-1], 0.0) + wait_s) * NS)
        self.kept: deque[Block] = deque(maxlen=blocks)
        self.rows = Part.empty()
        self.next: int | None = None  # the block that is computed next
        self.clock = Clock(LEAP * self.every_ns + self.ahead_ns)
        self.late = self.twice = self.dropped = self.others = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """The series, those of the first rows first."""
        return tuple(self.number)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out and why, one sentence each; empty if nothing was."""
        strays, leaps, last = self.clock.strays, self.clock.leaps, self.clock.last_leap
        leap = "" if last is None else f", last from {_when(last[0])} to {_when(last[1])}"
        told = (
            (self.late, f"{self.late} rows came after their window had closed"),
            (self.twice, f"{self.twice} rows came twice, and count once"),
            (self.dropped, f"{self.dropped} values were not finite, or their stamps no times"),
            (self.others, f"{self.others} rows are of series beyond the first {MOST_SERIES}: choose pairs"),
            (strays, f"{strays} rows lay {format_duration(self.clock.leap_ns / NS)} or more from all others"),
            (leaps, f"the stream leapt {leaps} times{leap}"),
        )
        return tuple(text for count, text in told if count)

    def add(self, chunk: Any) -> tuple[Block, ...]:
        """Add rows, roughly in order of time, and give the blocks that are complete by them.

        Parameters
        ----------
        chunk : Chunk
            See ``sources.types.Chunk``.
        """
        rows = self._read(chunk)
        return tuple(
            block for part, leapt in self.clock.take(rows, self._present()) for block in self._add(part, leapt)
        )

    def finish(self) -> tuple[Block, ...]:
        """Close the blocks that are over, though rows might still come for them: the stream has ended."""
        self.clock.finish()
        return self._close_before(None if self.clock.newest is None else self.clock.newest // self.every_ns)

    def sums(self) -> KernelSums:
        """The sums of the blocks in the window, side by side, of centred values.

        Of an odd number the oldest two are joined: the jackknife leaves out two at a time.
        """
        if not self.kept:
            raise InputError("no block is complete", value=0, next="add more rows")
        pairs, mean = self.spec.numbered(len(self.number)), self.facts().mean
        moved = [_embedded(_moved(block, mean), pairs) for block in self.kept]
        ww, xy = (_even(np.concatenate(part, axis=1)) for part in zip(*moved, strict=True))
        return KernelSums(kernel=self.spec.kernels[0], lags=self.spec.lags, pairs=pairs, ww=ww, xy=xy)

    def facts(self) -> Facts:
        """What the blocks in the window tell of each series."""
        return facts_of(self.kept, self.ids)

    def result(self, statistic: Any) -> Result:
        """Let a statistic that is a function of sums over pairs make its result of the window."""
        made: Result = statistic.finish((self.sums(),), self.facts())
        return made

    def _read(self, chunk: Any) -> Part:
        """Take the rows of the series that are followed, with stamps in nanoseconds."""
        stamps, x, codes = np.asarray(chunk.t), np.asarray(chunk.x, float), np.asarray(chunk.codes)
        if self.grows:
            for name in (chunk.ids[code] for code in np.unique(codes).tolist()):
                if name not in self.number and len(self.number) < MOST_SERIES:
                    self.number[name] = len(self.number)
        number = np.array([self.number.get(name, -1) for name in chunk.ids], np.int64)[codes]
        known = number >= 0
        self.others += int((~known).sum()) if self.grows else 0
        good = np.isfinite(x) & (np.abs(stamps) < (_FAR if stamps.dtype.kind == "i" else _FAR / NS))
        self.dropped += int((known & ~good).sum())
        number, stamps, x = (row[known & good] for row in (number, stamps, x))
        t = stamps.astype(np.int64) if stamps.dtype.kind == "i" else np.round(stamps * NS).astype(np.int64)
        return Part(number, t, x)

    def _present(self) -> int:
        """How many series have rows at the time of the stream."""
        return max(np.unique(self.rows.code).size, int(np.count_nonzero(self.kept[-1].n)) if self.kept else 0)

    def _add(self, part: Part, leapt: bool) -> Iterator[Block]:
        """Add rows among which there is no gap, after closing all there was before a leap."""
        first = int(part.t[0]) // self.every_ns
        if leapt:
            yield from self._close_before(self._newest() // self.every_ns + 1)
            self.rows, self.next = Part.empty(), None
            self.kept = deque((block for block in self.kept if block.number < first), self.blocks)
        self.next = first if self.next is None else self.next
        late = part.t < self.next * self.every_ns
        self.late += int(late.sum())
        self.rows = self.rows.and_(part.only(~late))
        yield from self._close_before((self._newest() - self.ahead_ns) // self.every_ns)

    def _newest(self) -> int:
        return int(self.rows.t.max(initial=-_FAR))

    def _close_before(self, number: int | None) -> tuple[Block, ...]:
        if number is None or self.next is None:
            return ()
        return tuple(self._close(k) for k in range(self.next, number))

    def _close(self, number: int) -> Block:
        """Compute a block, and forget what no later one looks back to."""
        first, last = number * self.every_ns, (number + 1) * self.every_ns
        self._sort()
        t = self.rows.t
        inside = self.rows.only((t >= first) & (t < last))
        near = self.rows.only((t >= first - self.back_ns) & (t < last + self.ahead_ns))
        block = self._block(number, inside, near)
        while self.kept and self.kept[0].number <= number - self.blocks:
            self.kept.popleft()
        self.kept.append(block)
        self.next = number + 1
        self.rows = self.rows.only(t >= last - self.back_ns)
        return block

    def _sort(self) -> None:
        """Bring rows in order of series and time, and leave out what was sent twice: all of a row is the same."""
        rows = self.rows.only(np.lexsort((self.rows.x, self.rows.t, self.rows.code)))
        same = np.append(False, np.all([np.diff(row) == 0 for row in rows], axis=0))[: rows.t.size]
        self.twice += int(same.sum())
        self.rows = rows.only(~same)

    def _block(self, number: int, inside: Part, near: Part) -> Block:
        """Pair the rows inside a block, as series of their own, with all that are near."""
        d = len(self.number)
        n = np.bincount(inside.code, minlength=d).astype(float)
        some, first = n > 0, self._first(near, d)
        rough = np.bincount(inside.code, inside.x - first[inside.code], d) / np.maximum(n, 1.0)
        mean = first + rough
        x = inside.x - mean[inside.code]
        codes = np.concatenate([inside.code, near.code + d])
        starts = np.searchsorted(codes, np.arange(2 * d + 1)).astype(np.int64)
        stamps = np.concatenate([inside.t, near.t])
        samples = Samples(
            ids=(*self.ids, *self.ids), t0_ns=number * self.every_ns, t=(stamps - number * self.every_ns) / NS,
            x=np.concatenate([x, near.x - mean[near.code]]), w=np.ones(codes.size), starts=starts,
        )  # fmt: skip
        pairs = self.spec.numbered(d)
        spec = msgspec.structs.replace(
            self.spec, blocks=1, cross=True, pairs=tuple((int(a), int(b) + d) for a, b in pairs)
        )
        [sums] = direct.sums(samples, spec)
        total, squares = (np.bincount(inside.code, power, d).astype(float) for power in (x, x * x))
        span = np.zeros((2, d), np.int64)
        span[:, some] = inside.t[starts[:-1][:d][some]], inside.t[starts[1 : d + 1][some] - 1]
        sums = _without_self(
            msgspec.structs.replace(sums, pairs=pairs), {"ww": n, "xy": squares, "xw": total, "wx": total}
        )
        return Block(number=number, sums=sums, n=n, mean=mean, squares=squares, span_ns=span)

    def _first(self, near: Part, d: int) -> Floats:
        """Some value of each series, 0 of those without any: what is left of large values is exact."""
        some = np.zeros(d)
        some[near.code[::-1]] = near.x[::-1]
        return some


def facts_of(blocks: Sequence[Block] | deque[Block], ids: tuple[str, ...]) -> Facts:
    """What blocks tell of each series, those that came later than a block too."""
    n, mean, squares = (_table([getattr(b, name) for b in blocks], len(ids)) for name in ("n", "mean", "squares"))
    spans = [(np.where(b.n > 0, side / NS, np.nan)) for b in blocks for side in b.span_ns]
    count = n.sum(axis=0)
    some = np.maximum(count, 1.0)
    first = np.take_along_axis(mean, np.argmax(n > 0, axis=0)[None], axis=0)[0] if len(mean) else np.zeros(len(ids))
    middle = first + (n * (mean - first)).sum(axis=0) / some
    spread = (squares.sum(axis=0) + (n * (mean - middle) ** 2).sum(axis=0)) / some
    known, span = count > 0, _table(spans, len(ids), np.nan)
    return Facts(
        ids=ids, t0_ns=0, n=count.astype(np.int64), first_s=np.fmin.reduce(span, axis=0, initial=np.nan),
        last_s=np.fmax.reduce(span, axis=0, initial=np.nan), sum_w=count, sum_w2=count,
        mean=np.where(known, middle, np.nan), variance=np.where(known, spread, np.nan),
    )  # fmt: skip


def _table(rows: Sequence[Floats], width: int, rest: float = 0.0) -> Floats:
    """Put rows below each other, filled up at the end."""
    out = np.full((len(rows), width), rest)
    for k, row in enumerate(rows):
        out[k, : row.size] = row
    return out


def _moved(block: Block, mean: Floats) -> KernelSums:
    """Count the values of a block from other means."""
    sums, by = block.sums, block.mean - np.nan_to_num(mean)[: block.mean.size]
    a, b = (by[sums.pairs[:, side]][:, None] for side in (0, 1))
    ww = sums.ww[: len(sums.xy)]
    assert sums.xw is not None
    assert sums.wx is not None
    return msgspec.structs.replace(sums, xy=sums.xy + b * sums.xw + a * sums.wx + a * b * ww)


def _embedded(sums: KernelSums, pairs: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Give a block its place among pairs of which some came later."""
    place = {pair: p for p, pair in enumerate(map(tuple, pairs.tolist()))}
    rows = [place[a, b] for a, b in sums.pairs.tolist()]
    parts = []
    for part in (sums.ww, sums.xy):
        out = np.zeros((*part.shape[:2], len(pairs), part.shape[3]))
        out[:, :, rows] = part
        parts.append(out)
    return parts[0], parts[1]


def _even(blocks: NDArray[np.floating]) -> NDArray[np.floating]:
    n = blocks.shape[1]
    return blocks if n == 1 or n % 2 == 0 else np.concatenate([blocks[:, :1] + blocks[:, 1:2], blocks[:, 2:]], axis=1)


def _without_self(sums: KernelSums, amounts: dict[str, Floats]) -> KernelSums:
    """Take out the pairs of a sample with itself."""
    alone: NDArray[np.intp] = np.flatnonzero(sums.pairs[:, 0] == sums.pairs[:, 1])
    parts: dict[str, Any] = {}
    for name, amount in amounts.items():
        parts[name] = part = np.array(getattr(sums, name))
        for p in range(len(part)):
            part[p, 0, alone] -= amount[sums.pairs[alone, 0], None] * density(sums.kernel, -sums.lags.values, p)
    return msgspec.structs.replace(sums, **parts)


def _when(stamp_ns: int) -> str:
    return str(np.datetime_as_string(np.datetime64(stamp_ns, "ns"), unit="s"))
