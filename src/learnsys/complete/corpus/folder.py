"""The sources of a folder of the user's: what a model is trained on, or learns its project from."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from learnsys.complete.corpus.filters import LARGEST_BYTES, reason
from learnsys.complete.corpus.types import Source, counted
from learnsys.complete.languages import LANGUAGES, Language, language
from learnsys.core.errors import BadFile, InputError
from learnsys.core.files import existing

SKIPPED: Final = frozenset({"node_modules", "__pycache__", "site-packages", "bower_components", "venv"})


def files(folder: Path) -> Iterator[Path]:
    """Yield the files below ``folder`` in the order of their names; hidden and installed folders are skipped."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
        yield from (Path(root) / name for name in sorted(names))


def commonest(folder: Path) -> str:
    """Return the key of the language that most bytes of ``folder`` are in.

    Raises
    ------
    BadFile
        If there is no such folder.
    InputError
        If no file is in a known language.
    """
    folder = _folder(folder)
    sizes: Counter[str] = Counter()
    known = {suffix: key for key, spoken in LANGUAGES.items() for suffix in spoken.suffixes}
    for path in files(folder):
        if (key := known.get(path.suffix.lower())) is not None and path.is_file():
            with suppress(OSError):  # it may vanish meanwhile
                sizes[key] += path.stat().st_size
    if not sizes:
        raise InputError(
            f"{folder} has no sources", value=str(folder), next="known suffixes: " + " ".join(sorted(known))
        )
    return sizes.most_common(1)[0][0]


def spoken_in(folder: Path, key: str | None) -> str:
    """Return ``key``, or the language that most of ``folder`` is in if there is none.

    Raises
    ------
    UnknownName
        If there is no such language.
    """
    return commonest(folder) if key is None else language(key).key


def read_folder(folder: Path | str, key: str) -> tuple[tuple[Source, ...], dict[str, int]]:
    """Read the sources below ``folder`` in one language; its own subfolders count as packages.

    Returns
    -------
    sources : tuple of Source
        Split ``train``, in the order of their paths.
    left_out : dict of str to int
        Files that were left out, by reason.

    Raises
    ------
    BadFile
        If there is no such folder.
    InputError
        If no source is left.
    """
    folder = _folder(folder)
    spoken, kept, left_out = language(key), list[Source](), Counter[str]()
    for path in files(folder):
        if path.suffix.lower() not in spoken.suffixes or not path.is_file():
            continue
        inside = path.relative_to(folder)
        why, content = _read(spoken, path, inside.as_posix())
        if why is None:
            package = inside.parts[0] if len(inside.parts) > 1 else folder.name
            text = content.decode("utf-8-sig")
            kept.append(Source(split="train", package=package, path=inside.as_posix(), text=text))
        else:
            left_out[why] += 1
    if not kept:
        told = counted(left_out) or "no file has its suffix"
        raise InputError(
            f"{folder} has no {spoken.title} to learn from ({told})", value=str(folder),
            next=f"name a folder with {' '.join(spoken.suffixes)} files, or another --language",
        )  # fmt: skip
    return tuple(kept), dict(left_out)


def _read(spoken: Language, path: Path, inside: str) -> tuple[str | None, bytes]:
    """Return why a file is left out, None if it stays, and what it holds."""
    try:
        content = path.read_bytes() if path.stat().st_size <= LARGEST_BYTES else b""
    except OSError:
        return "not readable", b""
    return reason(spoken, inside, content) if content else "too large or empty", content


def _folder(path: Path | str) -> Path:
    if not (path := existing(path)).is_dir():
        raise BadFile(f"{path} is no folder", value=str(path), next="name a folder of sources")
    return path
