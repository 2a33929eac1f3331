"""The memory cliff: whether a job fits, with a probability, told from runs on smaller inputs.

Most programs hold what they read: their appetite D(s) = a + b s is affine in the size s of the input, and a machine
with less memory kills them; only pages of files (libraries, at most a) can be given up. Some adapt: they choose caches
and blocks by the memory they see, or read through the page cache, and live on less. One run of a small input in less
memory than its appetite tells the two apart: the rigid die, the adaptive live.

Notation: s size, L memory of a machine, D appetite (held where memory is plenty), F <= D floor (needed to live).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from learnsys.core.errors import InputError
from learnsys.core.fingerprint import Run
from learnsys.machines.benchmark import OUTCOMES, Benchmark

Floats = NDArray[np.float64]

OVERHEAD: Final = 1.005  # page tables: 8 bytes for each 4 KiB, and what else the kernel charges to the job
SHRUNK: Final = 0.93  # of the least that a rigid program needs: who lives on less adapts
LOG_SD: Final = 0.02  # of one peak, measured again
PER_DOUBLING: Final = 0.03  # more for each doubling of the size beyond the largest seen
ONE_SIZE_SD: Final = 0.5  # per doubling, where one size was seen and growth is a guess
FLOOR_SD: Final = 0.5  # of an adaptive program's floor where no run died, halved where one did
FLOOR_GROWTH: Final = 0.7  # exponent of the floor in the size, where a larger input died in what a smaller one lived in
SURE: Final = 0.98  # a smaller input lived there, or died there


@final
class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One run: size of its input, memory of its machine, what it held and of that in no file (bytes), if it lived."""

    size: float
    limit: float
    held: float
    anonymous: float
    lived: bool

    @classmethod
    def of(cls, run: Run, memory_bytes: float) -> Self | None:
        """Take what a run says about memory; None if it says nothing (timeout, failure, no peak)."""
        if run.outcome not in ("ok", "oom") or run.peak_bytes <= 0:
            return None
        anonymous = run.counters.get("mem.anon", (0.0, 0.0))[1] or run.peak_bytes
        return cls(
            size=run.size or 1.0, limit=memory_bytes, held=run.peak_bytes, anonymous=anonymous,
            lived=run.outcome == "ok",
        )  # fmt: skip


@final
class Need(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a program needs, as a function of the size of its input.

    Attributes
    ----------
    base, slope : float
        Appetite in bytes: base + slope x size.
    slack, slack_sd : float
        Bytes of the appetite that a rigid program can give up, and their error.
    largest : float
        Largest size seen.
    log_sd, growth_sd : float
        Error of the appetite in logarithms at sizes up to ``largest``, and what each doubling beyond adds.
    adapts : bool
        Whether it was seen to live on less than a rigid program could.
    floor, floor_size, floor_growth, floor_sd : float
        Floor of one that adapts: bytes at a size, exponent in the size, error in logarithms.
    lived, died : ndarray, shape (n, 2)
        Sizes and memories in which runs did.
    """

    base: float
    slope: float
    slack: float
    slack_sd: float
    largest: float
    log_sd: float
    growth_sd: float
    adapts: bool
    floor: float
    floor_size: float
    floor_growth: float
    floor_sd: float
    lived: Floats
    died: Floats

    def appetite(self, size: ArrayLike) -> Floats:
        """Bytes that it holds where memory is plenty."""
        held: Floats = self.base + self.slope * np.asarray(size, float)
        return held

    def p_fits(self, size: ArrayLike, memory_bytes: ArrayLike) -> Floats:
        """Probability that it lives.

        Parameters
        ----------
        size : array_like
            Of the input.
        memory_bytes : array_like
            Of the machine; both broadcast.
        """
        s, L = np.broadcast_arrays(np.asarray(size, float), np.asarray(memory_bytes, float))
        doublings = np.log2(np.maximum(s / self.largest, 1.0))
        need = OVERHEAD * np.maximum(self.appetite(s) - self.slack, 1.0)
        p = ndtr(
            np.log(L / need) / np.sqrt(self.log_sd**2 + (self.growth_sd * doublings) ** 2 + (self.slack_sd / need) ** 2)
        )
        if self.adapts:
            floor = self.floor * (np.maximum(s, self.floor_size) / self.floor_size) ** self.floor_growth
            p = np.maximum(p, ndtr(np.log(L / floor) / (self.floor_sd * (1 + 0.1 * doublings))))
        for size_seen, limit in self.lived:
            p = np.where((s <= size_seen) & (limit <= L), np.maximum(p, SURE), p)
        for size_seen, limit in self.died:
            p = np.where((s >= size_seen) & (limit >= L), np.minimum(p, 1 - SURE), p)
        fits: Floats = p
        return fits


def fit_need(seen: Sequence[Seen]) -> Need:
    """Learn what a program needs from runs on some sizes of input and in some memories.

    Parameters
    ----------
    seen : sequence of Seen
        At least one that lived. Two sizes say how the appetite grows; one run in less memory than the appetite says
        whether the program adapts.

    Raises
    ------
    InputError
        If none lived.
    """
    alive, dead = [o for o in seen if o.lived], [o for o in seen if not o.lived]
    if not alive:
        raise InputError(
            "no run lived, so the need of memory is unknown", next="run it on a smaller input or in more memory"
        )
    sizes = sorted({o.size for o in alive})
    held = np.array([max(o.held for o in alive if o.size == s) for s in sizes])
    slope, base, misfit = _line(np.array(sizes), held)
    # Pages of files can be given up: what was not anonymous bounds them from above, short runs badly.
    files = min(base, *(max(0.0, o.held - o.anonymous) for o in alive))
    appetite = dict(zip(sizes, held, strict=True))
    tight = [o for o in alive if o.limit < SHRUNK * (appetite[o.size] - files)]
    low = max(0.0, *(appetite[o.size] - o.limit for o in alive if o not in tight), 0.0)
    high = min((base + slope * o.size - o.limit for o in dead if not tight), default=np.inf)
    top = max(low, min(files, max(high, 0.0)))  # anywhere between the two, as far as anyone knows
    slack = 0.5 * (low + top)
    floor, floor_size, growth, floor_sd = _floor(tight, dead) if tight else (0.0, 1.0, 0.0, 1.0)
    return Need(
        base=base, slope=slope, slack=slack, slack_sd=max(top - low, 0.1 * files) / 4, largest=sizes[-1],
        log_sd=float(np.hypot(LOG_SD, misfit)), growth_sd=PER_DOUBLING + misfit if len(sizes) > 1 else ONE_SIZE_SD,
        adapts=bool(tight), floor=floor, floor_size=floor_size, floor_growth=growth, floor_sd=floor_sd,
        lived=_places(alive), died=_places(dead),
    )  # fmt: skip


def need_of(runs: Iterable[Run], memory_of: Callable[[str], float | None]) -> Need:
    """Learn what a program needs from its fingerprint.

    Parameters
    ----------
    runs : iterable of Run
    memory_of : function
        Bytes of memory of a machine, by key; None where unknown.
    """
    pairs = [(run, memory_of(run.machine)) for run in runs]
    return fit_need([seen for run, memory in pairs if (seen := Seen.of(run, memory or np.inf)) is not None])


def seen_in(benchmark: Benchmark, workloads: Sequence[int]) -> list[Seen]:
    """Take what a benchmark knows of some workloads' memory, as of one program at several sizes."""
    column = {name: benchmark.counters[:, i] for i, name in enumerate(benchmark.counter_names)}
    held, anonymous = column["peak_bytes"], column["p|mem.anon"]
    rows = np.flatnonzero(np.isin(benchmark.workload, workloads) & (benchmark.outcome < OUTCOMES.index("timeout")))
    return [
        Seen(
            size=benchmark.workloads[benchmark.workload[r]].size or 1.0,
            limit=benchmark.catalog.machines[benchmark.machine[r]].memory_bytes,
            held=held[r], anonymous=anonymous[r], lived=bool(benchmark.outcome[r] == OUTCOMES.index("ok")),
        )
        for r in rows
    ]  # fmt: skip


def _floor(tight: Sequence[Seen], dead: Sequence[Seen]) -> tuple[float, float, float, float]:
    """Place the floor of an adaptive program between what it lived in and what it died in."""
    least = min(o.limit for o in tight)
    size = max(o.size for o in tight if o.limit == least)
    grown = [o for o in dead if o.limit >= least]
    if grown:  # a larger input died there: the floor grows
        first = min(grown, key=lambda o: (o.size, -o.limit))
        return first.limit, float(np.sqrt(size * first.size)), FLOOR_GROWTH, FLOOR_SD / 2
    below = max((o.limit for o in dead), default=0.0)
    return (float(np.sqrt(least * below)), size, 0.0, FLOOR_SD / 2) if below else (least / 2, size, 0.0, FLOOR_SD)


def _line(s: Floats, held: Floats) -> tuple[float, float, float]:
    """Fit held = base + slope s through the two largest sizes: programs become affine as inputs outgrow what is fixed.

    The misfit is how far the line from there misses the next smaller size, in logarithms.
    """
    if s.size == 1:
        return 0.5 * float(held[0] / s[0]), 0.5 * float(held[0]), 0.0
    slope = max(0.0, float((held[-1] - held[-2]) / (s[-1] - s[-2])))
    base = max(0.0, float(held[-1] - slope * s[-1]))
    misfit = float(np.log((base + slope * s[-3]) / held[-3])) if s.size > 2 else 0.0
    return slope, base, min(abs(misfit), 0.3)


def _places(seen: Sequence[Seen]) -> Floats:
    return np.array([(o.size, o.limit) for o in seen], float).reshape(len(seen), 2)
