"""Files that make one table: names with wildcards, folders in which parts of a path are columns, and their digest."""

from collections.abc import Sequence
from glob import glob, has_magic
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from learnsys.core.errors import BadFile
from learnsys.core.files import existing
from learnsys.series.sources.arrow import arrow


def found(what: str | Path | Sequence[str | Path], suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """Find the files that a path, a pattern, a folder or a list of these means, in order of their names.

    Parameters
    ----------
    what : path or sequence of paths
        ``*``, ``?``, ``[...]`` and ``**`` are wildcards unless a file has that very name.
    suffixes : tuple of str
        What files in a folder end with; those that begin with ``_`` or ``.`` are left out.

    Raises
    ------
    BadFile
        If there is none.
    """
    if not isinstance(what, str | Path):
        return tuple(dict.fromkeys(path for one in what for path in found(one, suffixes)))
    path = Path(what)
    if path.is_dir():
        inside = sorted(
            p for p in path.rglob("*") if p.name.lower().endswith(suffixes) and not _hidden(p.relative_to(path))
        )
        if not inside:
            raise BadFile(f"no {' or '.join(suffixes)} file in {path}", value=str(path), next="check the folder")
        return tuple(map(str, inside))
    if has_magic(str(what)) and not path.exists():
        matching = sorted(p for p in glob(str(what), recursive=True) if Path(p).is_file())
        if not matching:
            raise BadFile(f"no file matches {what}", value=str(what), next="check the pattern and the folder")
        return tuple(matching)
    return (str(existing(path)),)


def digest(paths: Sequence[str]) -> str:
    """Digest paths, sizes and times of change of files.

    Raises
    ------
    BadFile
        If one is gone.
    """
    total = sha256()
    for path in paths:
        stat = existing(path).stat()
        total.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return total.hexdigest()


def partition(path: str) -> dict[str, str]:
    """Read the columns that a path tells, as ``year=2026/venue=X/part-0.parquet`` does.

    Examples
    --------
    >>> partition("ticks/year=2026/venue=X%20Y/part-0.parquet")
    {'year': '2026', 'venue': 'X Y'}
    """
    return dict(unquote(part).split("=", 1) for part in Path(path).parts[:-1] if "=" in part)


def partitions(paths: Sequence[str]) -> dict[str, Any]:
    """The columns that paths tell, each with its Arrow type: int64 if all are whole numbers, text otherwise."""
    pa = arrow()
    told = [partition(path) for path in paths]
    common = [name for name in told[0] if all(name in one for one in told)] if told else []
    whole = {name: all(one[name].lstrip("-").isdigit() for one in told) for name in common}
    return {name: pa.int64() if whole[name] else pa.string() for name in common}


def _hidden(path: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in path.parts)
