"""Write files whole or not at all, and read them with errors that name them."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from learnsys.core.errors import BadFile, InputError


def write_atomic(path: Path | str, content: bytes | str) -> Path:
    """Write ``content`` to ``path`` so that no reader ever sees half of it.

    Raises
    ------
    BadFile
        If the folder does not exist or cannot be written.
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                os.chmod(file.name, 0o644)
                os.replace(file.name, path)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(file.name)
                raise
    except OSError as error:
        raise BadFile(
            f"cannot write {path}: {error.strerror}", value=str(path), next="check the folder and its permissions"
        ) from error
    return path


def check_output(path: Path | str | None, suffixes: tuple[str, ...] = (), *, source: Path | str | None = None) -> None:
    """Refuse before the work a file that could not be written after it; None is fine.

    Parameters
    ----------
    path : path, optional
        Where a result is to go.
    suffixes : tuple of str
        What its name may end with; anything if empty.
    source : path, optional
        What the work reads, which must not be overwritten.

    Raises
    ------
    InputError
        If the name ends with something else.
    BadFile
        If a folder is in its place, its folder is missing or cannot be written, or it is the source.
    """
    if path is None:
        return
    path = Path(path)
    if suffixes and path.suffix not in suffixes:
        raise InputError(f"cannot save {path}", value=path.suffix, next=f"end it with {' or '.join(suffixes)}")
    if path.is_dir():
        raise BadFile(f"{path} is a folder", value=str(path), next="name a file")
    if not path.parent.is_dir():
        raise BadFile(f"no folder {path.parent}", value=str(path.parent), next="make it first")
    if not os.access(path.parent, os.W_OK):
        raise BadFile(f"cannot write to {path.parent}", value=str(path.parent), next="choose another folder")
    if source is not None and path.exists() and Path(source).exists() and path.samefile(source):
        raise BadFile(f"{path} is what is read", value=str(path), next="choose another name for the result")


def existing(path: Path | str) -> Path:
    """Return ``path`` if a file or folder is there.

    Raises
    ------
    BadFile
        If nothing is there; similar names are suggested.
    """
    if not (path := Path(path)).exists():
        raise BadFile.missing(path)
    return path
