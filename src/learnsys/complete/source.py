"""A source file on the disk as text, or why it is none."""

from pathlib import Path
from typing import Final

from learnsys.core.errors import BadFile
from learnsys.core.files import existing

LARGEST_BYTES: Final = 1_000_000  # of a file that is opened


def read_text(path: Path) -> str:
    """Read a source file; a byte order mark at its beginning is none of its code points.

    Raises
    ------
    BadFile
        If it is missing, a folder, too large, or no text in UTF-8.
    """
    path = existing(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise BadFile.unreadable(path, f"it is larger than {LARGEST_BYTES:,} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile.unreadable(path, "it is no text in UTF-8") from error
    except OSError as error:
        raise BadFile.unreadable(path, error.strerror) from error
    if "\0" in text:
        raise BadFile.unreadable(path, "it is binary")
    return text
