"""Fetch a package's archive from its registry with the registry's own tool; nothing of it is executed.

npm packages come by ``npm pack`` without scripts, Python ones as wheels by ``pip download`` (a source archive would run
its build), Debian ones by ``apt-get download``. Archives are kept in a folder, so that a second build fetches nothing.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final

from learnsys.complete.corpus.types import Package
from learnsys.core.errors import BadFile, InputError, WorkFailed

TIMEOUT_S: Final = 300.0


def fetch(package: Package, folder: Path) -> Path:
    """Return the archive of ``package`` in ``folder``, fetching it if it is not there.

    Raises
    ------
    InputError
        If the registry's tool is not installed.
    WorkFailed
        If the registry does not give the package.
    """
    place = folder / package.registry / f"{package.name.replace('/', '__')}@{package.version.replace(':', '_')}"
    if (kept := _archive(place)) is not None:
        return kept
    made(place.parent)
    with TemporaryDirectory(dir=place.parent) as scratch:
        _run(_COMMANDS[package.registry](package, scratch), cwd=scratch, package=package)
        found = _archive(Path(scratch))
        if found is None:
            raise WorkFailed(f"{package.registry} gave no archive of {package.name}", value=package.name)
        place.mkdir(exist_ok=True)
        return found.rename(place / found.name)


def made(folder: Path) -> Path:
    """Make a folder and those above it, if they are missing.

    Raises
    ------
    BadFile
        If it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadFile(f"cannot make {folder}: {error.strerror}", value=str(folder), next="name another") from error
    if not os.access(folder, os.W_OK):
        raise BadFile(f"cannot write to {folder}", value=str(folder), next="name another")
    return folder


def _archive(place: Path) -> Path | None:
    """Return the only file of a folder, None if there is none."""
    return next((path for path in sorted(place.glob("*")) if path.is_file()), None)


def _npm(package: Package, scratch: str) -> list[str]:
    return [
        "npm", "pack", f"{package.name}@{package.version}", "--ignore-scripts", "--silent",
        "--pack-destination", scratch,
    ]  # fmt: skip


def _pypi(package: Package, scratch: str) -> list[str]:
    return [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", scratch,
        f"{package.name}=={package.version}",
    ]  # fmt: skip


def _deb(package: Package, scratch: str) -> list[str]:
    return ["apt-get", "download", "-q", f"{package.name}={package.version}"]


_COMMANDS: Final[Mapping[str, Callable[[Package, str], list[str]]]] = {"npm": _npm, "pypi": _pypi, "deb": _deb}


def _run(command: list[str], *, cwd: str, package: Package) -> None:
    if which(command[0]) is None:
        raise InputError(
            f"{package.name} comes from {package.registry}, but {command[0]} is not installed",
            value=command[0],
            next=f"install {command[0]}, or build the corpus from a folder",
        )
    try:
        subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise WorkFailed(f"{command[0]} took over {TIMEOUT_S:g} s for {package.name}", value=package.name) from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or "").strip().splitlines()[-1:] or ["no reason given"]
        raise WorkFailed(
            f"{command[0]} did not give {package.name} {package.version}: {said[0][:200]}",
            value=package.name,
            next="check the network and that the registry still has this version",
        ) from error
