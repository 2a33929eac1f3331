"""Build a corpus: fetch, unpack, filter, cap, leave out copies, and write sources with their manifest."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from learnsys.complete.corpus.duplicates import without_copies
from learnsys.complete.corpus.fetch import fetch
from learnsys.complete.corpus.filters import reason
from learnsys.complete.corpus.licences import check, copyleft
from learnsys.complete.corpus.stored import digest, write
from learnsys.complete.corpus.types import Kept, Manifest, Package, Source
from learnsys.complete.corpus.unpack import members
from learnsys.complete.languages import language
from learnsys.core.errors import WorkFailed

CAP_BYTES: Final = 1_500_000  # of one package, so that none rules the corpus
FETCHERS: Final = 4

Notice = Callable[[float, str], None]


def build(
    packages: Sequence[Package], out: Path, *, archives: Path, notice: Notice = lambda done, note: None
) -> Manifest:
    """Build the corpus of ``packages``, all of one language, as ``out`` (Parquet) beside ``out.json`` (its manifest).

    Parameters
    ----------
    packages : sequence of Package
        What to fetch; a pinned one whose sources have another sha256 is refused.
    out : path
        A ``.parquet`` file.
    archives : path
        Folder that keeps what was fetched.
    notice : callable
        Told (packages done, what is done now).

    Raises
    ------
    WorkFailed
        If a package cannot be fetched or its sources are not those that were pinned.
    """
    sources: list[Source] = []
    kept: list[Kept] = []
    pool = ThreadPoolExecutor(FETCHERS)
    try:
        fetched = pool.map(lambda package: fetch(package, archives), packages)
        for done, (package, archive) in enumerate(zip(packages, fetched, strict=True)):
            notice(done, package.name)
            check(package, members(archive))
            found, record = select(package, members(archive))
            _check_pin(package, record)
            sources += found
            kept.append(record)
    finally:  # after Ctrl-C too, nothing more is fetched
        pool.shutdown(cancel_futures=True)
    unique = without_copies(sources, on_file=lambda done: notice(len(packages), f"copies: file {done}"))
    return write(out, unique, [*_counted(kept, unique)])


def select(package: Package, files: Iterable[tuple[str, bytes]]) -> tuple[list[Source], Kept]:
    """Keep the sources of a package that pass the filters, up to the cap, in an order that no name rules."""
    spoken = language(package.language)
    left_out: Counter[str] = Counter()
    passed: list[tuple[str, bytes]] = []
    for path, content in files:
        why = reason(spoken, path, content)
        if why is None and package.registry != "folder" and copyleft(content.decode("utf-8")):
            why = "another licence"
        if why is None:
            passed.append((path, content))
        elif why != "another language":
            left_out[why] += 1
    chosen: list[tuple[str, bytes]] = []
    size = 0
    for path, content in sorted(passed, key=lambda item: sha256(item[0].encode()).digest()):
        if size + len(content) > CAP_BYTES:
            left_out["over the cap"] += 1
            continue
        size += len(content)
        chosen.append((path, content))
    chosen.sort()
    sources = [
        Source(split=package.split, package=package.name, path=path, text=content.decode("utf-8"))
        for path, content in chosen
    ]
    return sources, Kept(
        package=msgspec.structs.replace(package, sha256=digest(sources)), files=len(sources),
        chars=sum(len(source.text) for source in sources), left_out=dict(left_out),
    )  # fmt: skip


def _check_pin(package: Package, found: Kept) -> None:
    if package.sha256 and package.sha256 != found.package.sha256:
        raise WorkFailed(
            f"the sources of {package.name} {package.version} are not those that were pinned",
            value=found.package.sha256,
            next=f"expected sha256 {package.sha256}; delete its archive and fetch it again",
        )


def _counted(kept: Iterable[Kept], unique: Sequence[Source]) -> Iterable[Kept]:
    """Add what was left out as a copy."""
    files = Counter((source.split, source.package) for source in unique)
    chars: Counter[tuple[str, str]] = Counter()
    for source in unique:
        chars[source.split, source.package] += len(source.text)
    for record in kept:
        key = (record.package.split, record.package.name)
        yield msgspec.structs.replace(
            record, files=files[key], chars=chars[key],
            left_out={**record.left_out, "copies": record.files - files[key]},
        )  # fmt: skip
