"""Counts of white space that come with the package, and how they are made and kept."""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from learnsys.complete.corpus.types import Source
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.style.spaces import Counts, learn
from learnsys.core.errors import BadFile
from learnsys.core.files import existing, write_atomic

FOLDER: Final = Path(__file__).parent.parent / "weights"
FORMAT: Final = "learnsys-spaces-2"
EACH: Final = 20_000  # tokens of a package


def some(sources: Iterable[Source], key: str, each: int = EACH) -> Iterator[Tokens]:
    """Read files of each package until there are ``each`` tokens of it, in an order that no name rules."""
    seen: Counter[str] = Counter()
    for source in sorted(sources, key=lambda one: sha256(f"{one.package}/{one.path}".encode()).digest()):
        if seen[source.package] < each:
            found = tokens(source.text, key)
            seen[source.package] += len(found)
            yield found


def save_counts(path: Path, files: Iterable[Tokens], key: str, *, least: int = 5) -> Counts:
    """Learn from files in the language ``key`` and keep the counts of contexts seen ``least`` times or more."""
    counts = learn(files, least=least)
    write_atomic(path, zlib.compress(msgspec.msgpack.encode((FORMAT, key, counts.table)), 9))
    return counts


def load_counts(path: Path, key: str) -> Counts:
    """Read counts that `save_counts` wrote.

    Raises
    ------
    BadFile
        If the file is missing, damaged, or of another language or form.
    """
    try:
        content = zlib.decompress(existing(path).read_bytes())
        form, language, table = msgspec.msgpack.decode(content, type=tuple[str, str, dict[str, dict[str, int]]])
    except (zlib.error, msgspec.DecodeError, OSError) as error:
        raise BadFile.unreadable(path, f"no counts of white space: {error}") from error
    if (form, language) != (FORMAT, key):
        raise BadFile.unreadable(path, f"counts of {language!r} in the form {form!r}, not of {key!r} in {FORMAT!r}")
    return Counts(table)


@lru_cache(4)
def shipped_counts(key: str) -> Counts:
    """Return the counts that ship for a language; empty ones if none ship, so that a project is still learned from."""
    path = FOLDER / f"{key}-spaces.bin"
    return load_counts(path, key) if path.exists() else Counts()
