"""A corpus of the user's own code: read from a folder, split by package or by file, copies left out."""

from collections import Counter
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

from learnsys.complete.corpus.build import Notice
from learnsys.complete.corpus.duplicates import without_copies
from learnsys.complete.corpus.folder import read_folder
from learnsys.complete.corpus.stored import write
from learnsys.complete.corpus.types import Kept, Manifest, Package, Source, Split
from learnsys.core.errors import InputError

By = Literal["package", "file"]
HELD_OUT: Final = 0.1  # of packages or files, for each of validation and test
LICENCE: Final = "your own"


def build_folder(
    folder: Path, key: str, out: Path, *, by: By = "file", notice: Notice = lambda done, note: None
) -> Manifest:
    """Build a corpus of a folder's sources in one language as ``out`` (Parquet) beside ``out.json`` (its manifest).

    Parameters
    ----------
    folder : path
        Its subfolders are the packages.
    key : str
        The language.
    out : path
        A ``.parquet`` file.
    by : {"package", "file"}
        Whether a package is whole in one split, or each file goes its own way, by the hash of its path.
    notice : callable
        Told (share done, what is done now).

    Raises
    ------
    BadFile
        If there is no such folder.
    InputError
        If it has no sources, or too few packages to hold some out.
    """
    found, left_out = read_folder(folder, key)
    sources = [msgspec.structs.replace(source, split=split) for source, split in _SPLITS[by](found)]
    unique = without_copies(
        sources, on_file=lambda done: notice(done / len(sources), f"copies: file {done} of {len(sources)}")
    )
    copies = {"copies": len(sources) - len(unique)} if len(unique) < len(sources) else {}
    return write(out, unique, _records(unique, key), left_out={**left_out, **copies})


def _by_file(sources: Iterable[Source]) -> Iterable[tuple[Source, Split]]:
    """Split by the hash of each path, so that a file stays in its split when others come."""
    for source in sources:
        place = int.from_bytes(_hash(source.path)[:8]) / 2**64
        yield source, "test" if place < HELD_OUT else "valid" if place < 2 * HELD_OUT else "train"


def _by_package(sources: Iterable[Source]) -> Iterable[tuple[Source, Split]]:
    """Hold out the packages whose names have the smallest hashes, at least one for each split."""
    sources = list(sources)
    names = sorted({source.package for source in sources}, key=_hash)
    if len(names) < 3:
        raise InputError(
            f"{len(names)} package{'s' * (len(names) != 1)} cannot be split into training, validation and test",
            value=len(names),
            next="give a folder with three subfolders of sources, or split by file",
        )
    n = max(1, round(HELD_OUT * len(names)))
    splits: dict[str, Split] = dict.fromkeys(names, "train")
    splits.update(dict.fromkeys(names[:n], "test"))
    splits.update(dict.fromkeys(names[n : 2 * n], "valid"))
    return [(source, splits[source.package]) for source in sources]


_SPLITS: Final[dict[By, Callable[[Iterable[Source]], Iterable[tuple[Source, Split]]]]] = {
    "file": _by_file, "package": _by_package,
}  # fmt: skip


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()


def _records(sources: Iterable[Source], key: str) -> list[Kept]:
    files: Counter[tuple[Split, str]] = Counter()
    chars: Counter[tuple[Split, str]] = Counter()
    for source in sources:
        files[source.split, source.package] += 1
        chars[source.split, source.package] += len(source.text)
    return [
        Kept(
            package=Package(language=key, split=split, registry="folder", name=name, version="", licence=LICENCE),
            files=files[split, name], chars=chars[split, name], left_out={},
        )
        for split, name in files
    ]  # fmt: skip
