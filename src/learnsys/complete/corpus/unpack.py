"""Read the files of an archive in memory: npm's tar, a wheel's zip, a Debian package by ``dpkg-deb``."""

import io
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import which

from learnsys.core.errors import BadFile, InputError


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (path inside the archive, content) of every regular file.

    Raises
    ------
    BadFile
        If the archive is damaged or of another kind.
    InputError
        If it is a Debian package and dpkg-deb is not installed.
    """
    try:
        if archive.suffix == ".deb":
            yield from _deb(archive)
        elif archive.suffix in (".whl", ".zip"):
            yield from _zip(archive)
        else:
            with tarfile.open(archive) as tar:
                yield from _tar(tar)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, subprocess.CalledProcessError) as error:
        raise BadFile.unreadable(archive, error) from error


def _tar(tar: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in tar:
        if member.isfile() and (file := tar.extractfile(member)) is not None:
            yield member.name, file.read()


def _zip(archive: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as file:
        for name in file.namelist():
            if not name.endswith("/"):
                yield name, file.read(name)


def _deb(archive: Path) -> Iterator[tuple[str, bytes]]:
    if which("dpkg-deb") is None:
        raise InputError(
            f"{archive.name} needs dpkg-deb, which is not installed", value="dpkg-deb", next="install dpkg"
        )
    content = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(archive)], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        yield from _tar(tar)
