"""Chunks of samples gathered in memory, each series in order of time, with what was found wrong with them."""

from collections.abc import Iterable
from typing import Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import UnknownName
from learnsys.series.sources.types import Chunk
from learnsys.series.types import Floats, Samples

Duplicates = Literal["keep", "mean", "last"]


@final
class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """Samples, and what was found in them; arrays of shape (D,).

    Attributes
    ----------
    samples : Samples
        Weights are 1.
    dropped : ndarray of int64
        Values of each series that were NaN, infinite or missing, and are left out.
    repeated : ndarray of int64
        Samples of each series at the stamp of the one before.
    """

    samples: Samples
    dropped: NDArray[np.int64]
    repeated: NDArray[np.int64]


def collect(chunks: Iterable[Chunk], *, clock: bool, duplicates: Duplicates = "keep") -> Collected:
    """Gather chunks.

    Parameters
    ----------
    chunks : iterable of Chunk
        Of one pass.
    clock : bool
        Whether stamps are nanoseconds; the first becomes the origin.
    duplicates : {"keep", "mean", "last"}
        What becomes of samples of a series at one stamp: the last is the one that was read last.

    Raises
    ------
    UnknownName
        If ``duplicates`` is none of these.
    """
    if duplicates not in ("keep", "mean", "last"):
        raise UnknownName.of("way with duplicates", duplicates, ("keep", "mean", "last"))
    parts = list(chunks)
    ids = parts[-1].ids if parts else ()
    dropped = np.zeros(len(ids), np.int64)
    for part in parts:
        if part.dropped is not None:
            dropped[: part.dropped.size] += part.dropped
    t0_ns = min((int(part.t.min()) for part in parts if part.t.size), default=0) if clock else 0
    counts = sum((np.bincount(part.codes, minlength=len(ids)) for part in parts), np.zeros(len(ids), np.int64))
    found = _in_order(parts, counts, t0_ns) or _sorted(parts, counts, t0_ns)
    seconds, x, again = found
    codes = np.repeat(np.arange(len(ids), dtype=np.int32), counts)
    repeated = np.bincount(codes[again], minlength=len(ids))
    if duplicates != "keep" and again.any():
        seconds, x, codes = _merged(seconds, x, codes, again, duplicates)
        counts = np.bincount(codes, minlength=len(ids))
    samples = Samples(ids=ids, t0_ns=t0_ns, t=seconds, x=x, w=np.ones(x.size), starts=_starts(counts))
    return Collected(samples=samples, dropped=dropped, repeated=repeated)


def _starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _in_order(
    parts: list[Chunk], counts: NDArray[np.int64], t0_ns: int
) -> tuple[Floats, Floats, NDArray[np.bool_]] | None:
    """Seconds, values, and who is at the stamp of the one before, series by series; None if stamps are out of order."""
    from learnsys.series.sources.kernels import place

    n, starts = int(counts.sum()), _starts(counts)
    out = (np.empty(n), np.empty(n), np.zeros(n, bool))
    at, last = starts[:-1].copy(), np.zeros(len(counts), parts[0].t.dtype if parts else float)
    for part in parts:
        origin = (t0_ns, 1e9) if part.t.dtype.kind == "i" else (0.0, 1.0)
        if not place((part.codes, part.t, part.x), origin, at, last, (*out, starts)):
            return None
    return out


def _sorted(parts: list[Chunk], counts: NDArray[np.int64], t0_ns: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Do the same for stamps in any order; of one stamp, what was read first stays before what was read later."""
    codes = np.concatenate([part.codes for part in parts])
    t = np.concatenate([part.t for part in parts])
    x = np.concatenate([np.empty(0), *(part.x for part in parts)])
    order = np.lexsort((t, codes))
    t, x, codes = t[order], x[order], codes[order]
    again = np.concatenate([[False], (t[1:] == t[:-1]) & (codes[1:] == codes[:-1])])
    return np.asarray((t - t0_ns) / 1e9 if t.dtype.kind == "i" else t, float), x, again


def _merged(
    t: Floats, x: Floats, codes: NDArray[np.int32], again: NDArray[np.bool_], how: Duplicates
) -> tuple[Floats, Floats, NDArray[np.int32]]:
    """Make one sample of those of a series at one stamp."""
    first = np.flatnonzero(~again)
    if how == "last":
        last = np.append(first[1:], x.size) - 1
        return t[first], x[last], codes[first]
    return t[first], np.add.reduceat(x, first) / np.diff(np.append(first, x.size)), codes[first]
