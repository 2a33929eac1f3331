"""Folders of models on disk: written whole or not at all, and read while another process writes a new one."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

import msgspec

from learnsys.core.errors import BadFile
from learnsys.core.files import write_atomic
from learnsys.core.predictor import ModelCard

P = TypeVar("P")


def save_folder(path: Path, card: ModelCard, numbers: bytes) -> Path:
    """Write ``model.json`` and ``model.safetensors`` into folder ``path``; an older model there is replaced.

    Raises
    ------
    BadFile
        If something that is no model is there, or the place cannot be written.
    """
    with _held(path.parent, fcntl.LOCK_SH):  # or a model that is just replaced would look like none
        check_place(path)
    try:
        with _stage(path) as stage:
            (fresh := stage / "new").mkdir()
            write_atomic(fresh / "model.safetensors", numbers)
            write_atomic(fresh / "model.json", msgspec.json.format(msgspec.json.encode(card), indent=2))
            fresh.chmod(0o755)
            with _held(path.parent, fcntl.LOCK_EX):
                _swap(fresh, check_place(path), stage / "old")
    except OSError as error:
        raise BadFile(f"cannot write {path}: {error.strerror}", value=str(path), next="check its folder") from error
    return path


def load_folder(path: Path, load: Callable[[Path], P]) -> P:
    """Return ``load(path)``, tried again if another process was just putting a new model there.

    Raises
    ------
    BadFile
        If the folder cannot be read; and what ``load`` raises.
    """
    with suppress(BadFile, OSError):
        return load(path)
    try:
        with _held(path.parent, fcntl.LOCK_SH):
            return load(path)
    except OSError as error:
        raise BadFile.unreadable(path, error.strerror or error) from error


def check_place(path: Path | str) -> Path:
    """Return ``path`` if a model can be saved there.

    Raises
    ------
    BadFile
        If something that is no model is there, or its folder is missing.
    """
    path = Path(path)
    if path.exists() and not (path / "model.json").is_file():
        raise BadFile(f"{path} exists and is no model", value=str(path), next="choose another folder")
    if not path.parent.is_dir():
        raise BadFile(f"no folder {path.parent}", value=str(path), next="make it first")
    return path


@contextmanager
def _stage(path: Path) -> Iterator[Path]:
    """Make a hidden folder beside ``path``, and remove it with whatever is in it afterwards."""
    stage = Path(mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _held(folder: Path, how: int) -> Iterator[None]:
    """Lock a folder against other processes; where there are no locks (some network file systems), go on without."""
    with ExitStack() as stack:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, descriptor)  # which also unlocks
            fcntl.flock(descriptor, how)
        yield


def _swap(fresh: Path, path: Path, old: Path) -> None:
    """Put ``fresh`` in the place of ``path``, and what was there in the place of ``old``."""
    if not path.exists():
        os.rename(fresh, path)
        return
    os.rename(path, old)
    try:
        os.rename(fresh, path)
    except OSError:
        os.rename(old, path)
        raise
