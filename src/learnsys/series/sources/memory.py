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
    codes = np.concatenate([np.empty(0, np.int32), *(part.codes for part in parts)])
    t = np.concatenate([part.t for part in parts]) if parts else np.empty(0)
    x = np.concatenate([np.empty(0), *(part.x for part in parts)])
    dropped = np.zeros(len(ids), np.int64)
    for part in parts:
        if part.dropped is not None:
            dropped[: part.dropped.size] += part.dropped
    del parts
    t0_ns = int(t.min()) if clock and t.size else 0
    order = _order(codes, t, len(ids))
    counts = np.bincount(codes, minlength=len(ids))
    if order is not None:
        t, x, codes = t[order], x[order], codes[order]
    seconds = (t - t0_ns) / 1e9 if clock else t
    again = np.concatenate([[False], (t[1:] == t[:-1]) & (codes[1:] == codes[:-1])])[: t.size]
    repeated = np.bincount(codes[again], minlength=len(ids))
    if duplicates != "keep" and again.any():
        seconds, x, codes = _merged(seconds, x, codes, again, duplicates)
        counts = np.bincount(codes, minlength=len(ids))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    samples = Samples(ids=ids, t0_ns=t0_ns, t=seconds, x=x, w=np.ones(x.size), starts=starts)
    return Collected(samples=samples, dropped=dropped, repeated=repeated)


def _order(codes: NDArray[np.int32], t: NDArray[np.generic], d: int) -> NDArray[np.int64] | None:
    """The order by series and time that keeps what was read first before what was read later; None if it is this."""
    small = codes.astype(np.uint16) if d <= 1 << 16 else codes  # 16 bits are sorted by radix
    by_series = None if (codes[1:] >= codes[:-1]).all() else np.argsort(small, kind="stable")
    c, s = (codes, t) if by_series is None else (codes[by_series], t[by_series])
    if ((s[1:] >= s[:-1]) | (c[1:] != c[:-1])).all():  # type: ignore[operator]
        return by_series
    return np.lexsort((t, codes))


def _merged(
    t: Floats, x: Floats, codes: NDArray[np.int32], again: NDArray[np.bool_], how: Duplicates
) -> tuple[Floats, Floats, NDArray[np.int32]]:
    """Make one sample of those of a series at one stamp."""
    first = np.flatnonzero(~again)
    if how == "last":
        last = np.append(first[1:], x.size) - 1
        return t[first], x[last], codes[first]
    return t[first], np.add.reduceat(x, first) / np.diff(np.append(first, x.size)), codes[first]
