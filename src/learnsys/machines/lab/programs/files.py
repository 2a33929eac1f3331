"""Programs on files: what the disk and the page cache make of them."""

import heapq
import mmap
import os
import random
import tempfile
import zlib
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


def write_sync(size: float) -> None:
    """Write a large file, force it to the disk and read it back."""
    block = random.Random(1).randbytes(1 << 22)
    with tempfile.TemporaryFile() as file:
        for i in range(max(1, round(240 * size))):
            file.write(block)
            if i % 8 == 7:
                os.fsync(file.fileno())
        os.fsync(file.fileno())
        file.seek(0)
        while file.read(1 << 22):
            pass


def many_files(size: float) -> None:
    """List, stat, open and read a few hundred small files again and again: system calls on names."""
    with tempfile.TemporaryDirectory() as folder:
        for i in range(300):
            Path(folder, f"{i}").write_bytes(b"x" * 700)
        for _ in range(max(1, round(120 * size))):
            for entry in os.scandir(folder):
                if entry.stat().st_size == 700:
                    Path(entry.path).read_bytes()


def merge_sort(size: float) -> None:
    """Sort more numbers than are held at once: sorted runs on disk, then a merge."""
    draw, runs = random.Random(1), []
    with tempfile.TemporaryDirectory() as folder:
        for i in range(8):
            run = array("d", sorted(draw.random() for _ in range(round(260_000 * size))))
            Path(folder, f"{i}").write_bytes(run.tobytes())
            runs.append(open(Path(folder, f"{i}"), "rb"))  # noqa: SIM115 - closed below
        merged = heapq.merge(*(_numbers(file) for file in runs))
        with open(Path(folder, "sorted"), "wb") as out:
            while block := array("d", (x for x, _ in zip(merged, range(8192), strict=False))):
                block.tofile(out)
        for file in runs:
            file.close()


def _numbers(file: BinaryIO) -> Iterator[float]:
    while block := file.read(1 << 16):
        yield from array("d", block)


def map_scan(size: float) -> None:
    """Scan a mapped file three times: fast while the page cache holds it, from the disk where it does not fit."""
    block = random.Random(1).randbytes(1 << 22)
    with tempfile.TemporaryFile() as file:
        for _ in range(max(1, round(150 * size))):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            for _ in range(3):
                for at in range(0, len(view), 1 << 22):
                    zlib.crc32(view[at : at + (1 << 22)])
