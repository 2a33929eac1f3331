"""Endless input as chunks of samples: lines from a pipe, and a folder to which files are added.

What cannot be read is counted and the first of it kept, so that nothing is lost silently; whoever reads decides.
"""

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final, cast, final

import numpy as np

from learnsys.core.errors import BadFile, InputError
from learnsys.series.sources.types import Chunk
from learnsys.series.stream.formats import Decoder, Format, Sample, decoder, guess

CHUNK_LINES: Final = 10_000
CHUNK_BYTES: Final = 1 << 18
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
    """

    def __init__(self) -> None:
        self.samples = 0
        self.malformed = 0
        self.dropped = 0
        self.examples: list[str] = []
        self._codes: dict[str, int] = {}

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
        return tuple(told)

    def refuse(self, what: str, why: object) -> None:
        """Count something that cannot be read."""
        self.malformed += 1
        if len(self.examples) < KEPT:
            self.examples.append(f"{what[:80]!r} ({why})")

    def chunk(self, samples: Iterable[Sample]) -> Chunk | None:
        """Make a chunk, and count it; None if there is nothing in it."""
        found = list(samples)
        finite = [s for s in found if np.isfinite(s[2])]
        self.dropped += len(found) - len(finite)
        self.samples += len(finite)
        if not finite:
            return None
        codes = [self._codes.setdefault(name, len(self._codes)) for name, _, _ in finite]
        return Chunk(
            ids=tuple(self._codes), codes=np.array(codes, np.int32), t=np.array([s[1] for s in finite], np.int64),
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
    read: Decoder | None = None
    pieces: Iterable[Iterable[str]] = blocks(cast("IO[bytes]", text)) if hasattr(text, "fileno") else text
    for block in pieces:
        found: list[Sample] = []
        for line in filter(str.strip, block):
            if read is None:
                read = decoder(kind := form or guess(line), header=line, tz=tz)
                if kind == "csv":
                    continue
            try:
                found += read(line)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                feed.refuse(line.strip(), error)
        if (chunk := feed.chunk(found)) is not None:
            yield chunk


def blocks(pipe: IO[bytes]) -> Iterator[list[str]]:
    """Read whole lines as soon as they are there; the last one need not end."""
    rest = b""
    while part := os.read(pipe.fileno(), CHUNK_BYTES):
        *whole, rest = (rest + part).split(b"\n")
        if whole:
            yield [line.decode(errors="replace") for line in whole]
    if rest:
        yield [rest.decode(errors="replace")]


def folder(
    path: Path, feed: Feed, *, every_s: float = 1.0, idle_s: float | None = None, **columns: Any
) -> Iterator[Chunk]:
    """Read Parquet files as they are added to a folder, in order of their names, each once.

    A file that cannot be read yet is tried again at the next look; if it has not grown by then it is malformed.

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
        If it is no folder.
    """
    if not path.is_dir():
        raise InputError(f"{path} is no folder", value=str(path), next="give a folder of Parquet files, or - for stdin")
    done: set[Path] = set()
    waiting: dict[Path, int] = {}
    quiet = 0.0
    while True:
        new = deque(sorted(p for p in path.iterdir() if p.suffix in SUFFIXES and p not in done))
        read = 0
        for file in new:
            size = file.stat().st_size
            try:
                chunks = list(_file(file, feed, columns))
            except BadFile as error:
                if waiting.get(file) == size:
                    feed.refuse(file.name, error)
                    done.add(file)
                waiting[file] = size
                continue
            done.add(file)
            read += 1
            yield from chunks
        quiet = 0.0 if read else quiet + every_s
        if idle_s is not None and quiet > idle_s:
            return
        time.sleep(every_s)


def _file(file: Path, feed: Feed, columns: dict[str, Any]) -> Iterator[Chunk]:
    """Read one file, with the codes that series have in this feed."""
    from learnsys.series.sources.scan import scan

    for chunk in scan(file, **columns).batches():
        names = np.asarray(chunk.ids)[chunk.codes]
        made = feed.chunk(zip(names.tolist(), chunk.t.tolist(), chunk.x.tolist(), strict=True))
        feed.dropped += 0 if chunk.dropped is None else int(chunk.dropped.sum())
        if made is not None:
            yield made
