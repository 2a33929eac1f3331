"""Endless input as chunks of samples: lines from a pipe, and a folder to which files are added.

What cannot be read is counted and the first of it kept, so that nothing is lost silently; whoever reads decides.
"""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final, cast, final

import numpy as np

from learnsys.core.errors import BadFile, InputError
from learnsys.series.sources.types import Chunk
from learnsys.series.stream.counters import Rates
from learnsys.series.stream.formats import Decoder, Format, Sample, decoder, guess

CHUNK_BYTES: Final = 1 << 18
LONGEST: Final = 1 << 26  # bytes of a line: a feed without ends of lines is not kept for ever
SCRAPED: Final = ("prometheus", "range", "otel")  # forms in which the names of counters tell that they are
WHOLE: Final = ("json", "range", "otel")  # forms in which a line that was cut cannot be read
REFUSED: Final = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
KEPT: Final = 3  # malformed lines that a report shows
SUFFIXES: Final = (".parquet", ".pq")


@final
class Feed:
    """What a feed has read so far.

    Attributes
    ----------
    samples : int
        Samples that were handed on.
    malformed : int
        Lines or files that could not be read.
    dropped : int
        Values that are NaN or infinite, which are left out.
    examples : list of str
        Why, of the first few.
    rates : Rates
        What was found of counters.
    """

    def __init__(self) -> None:
        self.samples = 0
        self.malformed = 0
        self.dropped = 0
        self.examples: list[str] = []
        self.rates = Rates()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was wrong, one sentence each; empty if nothing was."""
        told = []
        if self.malformed:
            told.append(f"{self.malformed} could not be read and were left out, as {'; '.join(self.examples)}")
        if self.dropped:
            values = (
                "value was NaN or infinite and was" if self.dropped == 1 else "values were NaN or infinite and were"
            )
            told.append(f"{self.dropped} {values} left out")
        if self.rates.resets:
            told.append(f"{self.rates.resets} times a counter began anew, which gives no rate")
        if self.rates.late:
            told.append(f"{self.rates.late} samples of counters came out of order, or twice, and were left out")
        return tuple(told)

    def refuse(self, what: str, why: object) -> None:
        """Count something that cannot be read."""
        self.malformed += 1
        if len(self.examples) < KEPT:
            self.examples.append(f"{what[:80]!r} ({why})")

    def chunk(self, samples: Iterable[Sample]) -> Chunk | None:
        """Make a chunk of the series that are in it, and count it; None if there is nothing in it."""
        found = list(samples)
        finite = [s for s in found if np.isfinite(s[2])]
        self.dropped += len(found) - len(finite)
        if not finite:
            return None
        self.samples += len(finite)
        ids: dict[str, int] = {}
        codes = [ids.setdefault(name, len(ids)) for name, _, _ in finite]
        return Chunk(
            ids=tuple(ids), codes=np.array(codes, np.int32), t=np.array([s[1] for s in finite], np.int64),
            x=np.array([s[2] for s in finite], float),
        )  # fmt: skip


def lines(
    text: IO[bytes] | Iterable[Iterable[str]], feed: Feed, *, form: Format | None = None, tz: str | None = None
) -> Iterator[Chunk]:
    """Read lines as they come.

    Parameters
    ----------
    text : open pipe or file, or iterable of blocks of lines
        A pipe gives a chunk as soon as it has a line.
    feed : Feed
        Where samples and malformed lines are counted.
    form : {"csv", "json", "prometheus", "range", "otel"}, optional
        Found out by the first line if not given.
    tz : str, optional
        The zone of times that do not tell theirs.

    Examples
    --------
    >>> feed = Feed()
    >>> [chunk.x.tolist() for chunk in lines([["time,series,value", "1,a,5", "soon,a,6", "2,a,7"]], feed)]
    [[5.0, 7.0]]
    >>> feed.malformed
    1
    """
    piped = hasattr(text, "fileno")
    read: Decoder | None = None
    pieces: Iterable[Iterable[str]] = blocks(cast("IO[bytes]", text)) if piped else cast("Iterable[Any]", text)
    for block in pieces:
        found: list[Sample] = []
        for line in filter(str.strip, block):
            if read is None:
                read = decoder(kind := form or guess(line), header=line, tz=tz)
                if kind == "csv":
                    continue
            try:
                if piped and kind not in WHOLE and not line.endswith("\n"):
                    raise ValueError("cut: the line does not end")
                found += _read(line, read)
            except REFUSED as error:
                feed.refuse(line.strip(), error)
        if (chunk := feed.chunk(feed.rates(found) if read and kind in SCRAPED else found)) is not None:
            yield chunk


def _read(line: str, read: Decoder) -> list[Sample]:
    """Read all of a line, or refuse all of it."""
    found = list(read(line))
    if any(abs(t) >= 1 << 63 for _, t, _ in found):
        raise ValueError("the time is out of range")
    return found


def blocks(pipe: IO[bytes]) -> Iterator[list[str]]:
    """Read lines as soon as they are there, with their ends; only the last may lack one, since the feed was cut."""
    rest = b""
    while part := os.read(pipe.fileno(), CHUNK_BYTES):
        *whole, rest = (rest + part).split(b"\n")
        lines = [line + b"\n" for line in whole]
        if len(rest) > LONGEST:
            lines, rest = [*lines, rest], b""
        if lines:
            yield [line.decode(errors="replace") for line in lines]
    if rest:
        yield [rest.decode(errors="replace")]


def folder(
    path: Path, feed: Feed, *, every_s: float = 1.0, idle_s: float | None = None, **columns: Any
) -> Iterator[Chunk]:
    """Read Parquet files as they are added to a folder, in order of their names, each once, its rows in order of time.

    A file that cannot be read yet is tried again at the next look; if it has not grown by then it is malformed. Files
    whose names begin with a dot or an underscore are being written, or are no samples, and are passed over.

    Parameters
    ----------
    path : Path
        The folder.
    feed : Feed
        Where samples and malformed files are counted.
    every_s : float
        Seconds between looks.
    idle_s : float, optional
        End after so many seconds without a new file; never if not given.
    **columns
        As for ``learnsys.series.sources.scan.scan``.

    Raises
    ------
    InputError
        If it is no folder, or the first file has no such columns.
    """
    if not path.is_dir():
        raise InputError(f"{path} is no folder", value=str(path), next="give a folder of Parquet files, or - for stdin")
    done: set[Path] = set()
    waiting: dict[Path, int] = {}
    quiet = 0.0
    while True:
        here = sorted(p for p in path.iterdir() if p.suffix in SUFFIXES and p.name[0] not in "._")
        done &= set(here)  # those that were moved away since need not be remembered
        read = 0
        for file in (p for p in here if p not in done):
            try:
                chunk = _file(file, feed, columns)
            except (BadFile, InputError, OSError) as error:
                if isinstance(error, InputError) and not feed.samples:
                    raise
                size = file.stat().st_size if file.exists() else -1
                if waiting.get(file) == size:
                    feed.refuse(file.name, error)
                    done.add(file)
                waiting[file] = size
                continue
            waiting.pop(file, None)
            done.add(file)
            read += 1
            if chunk is not None:
                yield chunk
        quiet = 0.0 if read else quiet + every_s
        if idle_s is not None and quiet > idle_s:
            return
        time.sleep(every_s)


def _file(file: Path, feed: Feed, columns: dict[str, Any]) -> Chunk | None:
    """Read one file, all or nothing of it; None if nothing is in it."""
    from learnsys.series.sources.scan import scan

    chunks = list(scan(file, **columns).batches())
    feed.dropped += sum(int(chunk.dropped.sum()) for chunk in chunks if chunk.dropped is not None)
    if not (rows := sum(chunk.t.size for chunk in chunks)):
        return None
    feed.samples += rows
    codes, t, x = (np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in ("codes", "t", "x"))
    order = np.argsort(t, kind="stable")
    return Chunk(ids=chunks[-1].ids, codes=codes[order], t=t[order], x=x[order])
