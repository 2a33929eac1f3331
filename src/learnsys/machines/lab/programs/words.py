"""Programs on text and bytes: compression, parsing, counting, hashing. Mostly one core, some of them hungry."""

import collections
import hashlib
import json
import random
import re
import zlib
from typing import Any


def text(words: int) -> str:
    """Make text of so many words, some common and most rare."""
    draw = random.Random(1)
    vocabulary = [f"{draw.randrange(10**9):x}" for _ in range(20_000)]
    chosen = draw.choices(vocabulary, [1 / rank for rank in range(1, 20_001)], k=200_000)
    page = " ".join(chosen)
    return " ".join([page] * (words // 200_000) + [" ".join(chosen[: words % 200_000])])


def zlib_pack(size: float) -> None:
    """Compress a stream block by block: bound by one core, flat memory."""
    packer, block = zlib.compressobj(6), text(100_000).encode()
    for _ in range(max(1, round(24 * size))):
        packer.compress(block)
    packer.flush()


def lzma_pack(size: float) -> None:
    """Compress with a large dictionary: memory that the format asks for, whatever the input."""
    import lzma

    lzma.compress(text(round(350_000 * size)).encode(), preset=5)


def zstd_pack(size: float) -> None:
    """Compress all of a large buffer on two threads."""
    import zstandard

    data = text(round(45_000_000 * size)).encode()
    zstandard.ZstdCompressor(level=3, threads=2).compress(data)


def json_trip(size: float) -> None:
    """Write records as JSON and read them back: many small objects."""
    records = [{"id": i, "name": f"user {i}", "tags": ["a", "b"], "score": i / 7} for i in range(round(260_000 * size))]
    json.loads(json.dumps(records))


def regex_scan(size: float) -> None:
    """Search lines of a log with a pattern that backtracks."""
    line = "2026-01-02 03:04:05 host{} GET /index/{}?q=abc 200 {} ms\n"
    log = "".join(line.format(i % 97, i, i % 1000) for i in range(50_000))
    pattern = re.compile(r"(\d+)-(\d+)-(\d+) .*?host(\d+) (GET|PUT) (\S+) (\d{3}) 9(\d+) ms")
    for _ in range(max(1, round(7 * size))):
        sum(1 for _ in pattern.finditer(log))


def count_tokens(size: float) -> None:
    """Split a text and count words and pairs of words: a large dictionary."""
    words = text(round(2_500_000 * size)).split()
    for i in range(0, len(words), 7):
        words[i] += str(i)
    collections.Counter(words)
    collections.Counter(zip(words[::2], words[1::2], strict=False))


def hash_blocks(size: float) -> None:
    """Digest a stream: one core, no memory."""
    block = bytes(1 << 20)
    digests: list[Any] = [hashlib.sha256(), hashlib.blake2b(), hashlib.md5(usedforsecurity=False)]
    for _ in range(round(320 * size)):
        for digest in digests:
            digest.update(block)


def scrypt_keys(size: float) -> None:
    """Derive a key with the function that was made to need memory."""
    r = max(1, round(80 * size))
    for salt in (b"a", b"b"):
        hashlib.scrypt(b"password", salt=salt, n=1 << 15, r=r, p=1, maxmem=(1 << 31) - 1)


def join_lines(size: float) -> None:
    """Build one large string out of many, then encode and reverse it: several copies at once."""
    lines = [f"{i}:{i * i}" for i in range(round(2_500_000 * size))]
    whole = "\n".join(lines)
    whole.encode()[::-1].decode().splitlines()
