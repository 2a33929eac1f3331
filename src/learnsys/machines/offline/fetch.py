"""Local paths stay; a URL is downloaded once, under its name, into the user's folder."""

import urllib.request
from collections.abc import Callable
from hashlib import file_digest, sha256
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from learnsys.core.console import progress
from learnsys.core.errors import BadFile
from learnsys.core.files import existing, write_atomic
from learnsys.core.store import default_root

CHUNK: Final = 1 << 20
WAIT_S: Final = 60.0


def is_url(source: Path | str) -> bool:
    """Tell whether ``source`` is fetched over the network."""
    return str(source).startswith(("http://", "https://"))


def downloads() -> Path:
    """Find the folder of downloads, and make it where it is not."""
    folder = default_root() / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def local(source: Path | str, *, sha256: str | None = None) -> Path:
    """Return the file at ``source``, downloaded first where it is a URL that was not fetched before.

    Parameters
    ----------
    source : Path or str
        A path, or an address that begins with http:// or https://.
    sha256 : str, optional
        What the content must hash to.

    Raises
    ------
    BadFile
        If there is no such file, it cannot be fetched, or its content is another.
    """
    path = _download(str(source)) if is_url(source) else existing(source)
    if sha256 is not None and (found := digest(path)) != sha256:
        if is_url(source):
            path.unlink()  # so that the next try fetches it again
        raise BadFile(
            f"{source} has the checksum {found[:12]}..., not {sha256[:12]}...",
            value=found,
            next="it changed or was cut short: fetch it again, or register it anew with `learnsys machines data add`",
        )
    return path


def digest(path: Path) -> str:
    """Hash a file's content with sha256, as hexadecimal digits."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _download(url: str) -> Path:
    name = Path(urlsplit(url).path).name or "index"
    path = downloads() / f"{sha256(url.encode()).hexdigest()[:16]}-{name}"
    if not path.exists():
        try:
            with urllib.request.urlopen(url, timeout=WAIT_S) as answer:
                size = answer.headers.get("Content-Length")
                with progress(f"fetching {url}", float(size) if size else None) as update:
                    content = _read(answer.read, update)
        except (OSError, HTTPException) as error:  # whatever the network does, or an address that is none
            raise BadFile(
                f"cannot fetch {url}: {getattr(error, 'reason', error)}",
                value=url,
                next="check the address and the network, or give the path of a copy",
            ) from error
        if size and len(content) != int(size):
            raise BadFile(f"{url} broke off after {len(content)} of {size} bytes", value=url, next="try again")
        write_atomic(path, content)
    return path


def _read(read: Callable[[int], bytes], update: Callable[[float, str], None]) -> bytes:
    chunks, done = [], 0
    while chunk := read(CHUNK):
        chunks.append(chunk)
        update(done := done + len(chunk), f"{done >> 20} MiB")
    return b"".join(chunks)
