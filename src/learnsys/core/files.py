"""Write files whole or not at all, and read them with errors that name them."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from learnsys.core.errors import BadFile


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
