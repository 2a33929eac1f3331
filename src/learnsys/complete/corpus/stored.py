"""A corpus on disk: one Parquet file of sources beside the JSON of its manifest."""

import io
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from learnsys.complete.corpus.types import Kept, Manifest, Source, Split
from learnsys.core.errors import BadFile
from learnsys.core.files import existing, write_atomic
from learnsys.core.frames import polars


def write(
    path: Path, sources: Sequence[Source], kept: Sequence[Kept], *, left_out: Mapping[str, int] | None = None
) -> Manifest:
    """Write sources and manifest; both appear whole or not at all."""
    frame = polars().DataFrame(
        [msgspec.structs.asdict(source) for source in sources], schema=["split", "package", "path", "text"]
    )
    frame.write_parquet(content := io.BytesIO(), compression="zstd")
    manifest = Manifest(
        language=kept[0].package.language, packages=tuple(kept), sha256=digest(sources), left_out=dict(left_out or {})
    )
    write_atomic(path, content.getvalue())
    write_atomic(_manifest(path), msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def read(path: Path | str, split: Split | None = None) -> tuple[Source, ...]:
    """Read the sources of a corpus, of one split or all, in stored order.

    Raises
    ------
    BadFile
        If the file is missing or no corpus.
    """
    path = existing(path)
    try:
        frame = polars().read_parquet(path)
        if split is not None:
            frame = frame.filter(polars().col("split") == split)
        return tuple(msgspec.convert(frame.to_dicts(), list[Source]))
    except (polars().exceptions.PolarsError, msgspec.ValidationError) as error:
        raise BadFile.unreadable(path, f"no corpus: {error}") from error


def read_manifest(path: Path | str) -> Manifest:
    """Read the manifest of the corpus at ``path``.

    Raises
    ------
    BadFile
        If it is missing or damaged.
    """
    file = existing(_manifest(existing(path)))
    try:
        return msgspec.json.decode(file.read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise BadFile.unreadable(file, error) from error


def digest(sources: Iterable[Source]) -> str:
    """Return the sha256 of sources: package, path and text of each, in order."""
    hashed = sha256()
    for source in sources:
        for part in (source.package, source.path, source.text):
            hashed.update(part.encode() + b"\0")
    return hashed.hexdigest()


def _manifest(path: Path) -> Path:
    return path.with_suffix(".json")
