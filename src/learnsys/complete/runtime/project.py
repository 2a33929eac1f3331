"""The files of a folder, read in the background and kept in step with the disk.

What is learned of them is kept by a `Memory`; here it is only known which file it came from, so that a file that is
saved, opened, renamed or deleted can be taken back. Files that changed last are read first, and when the memory is
full the others are left out and counted.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import RLock
from typing import Final, Protocol, final

from learnsys.complete.corpus.filters import LARGEST_BYTES, LONGEST_LINE
from learnsys.complete.corpus.folder import files
from learnsys.complete.languages import LANGUAGES
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.types import Tokens

MOST_TOKENS: Final = 5_000_000
_FULL: Final = "beyond the bound of memory"
Advance = Callable[[int, int], bool]
"""Told (files read, files in all) while a project is read; its answer False ends the reading."""
_KEYS: Final = {suffix: key for key, spoken in LANGUAGES.items() for suffix in spoken.suffixes}


class Memory(Protocol):
    """What learns from whole files and can take that back; for one thread at a time."""

    @property
    def partly(self) -> int:
        """Files of which only the names are known, because it is full."""

    def add(self, found: Tokens) -> object:
        """Learn a file; return what `remove` needs to take it back."""

    def remove(self, learned: object) -> None:
        """Take back what was learned from a file."""


@final
class Project:
    """The files below a folder, and what was learned from each.

    Parameters
    ----------
    folder : path
        Of the project.
    memory : callable
        Returns the memory of a language.
    lock : RLock
        Held while a memory changes.

    Attributes
    ----------
    left_out : Counter of str
        How many files were left out, by reason.
    """

    def __init__(self, folder: Path, memory: Callable[[str], Memory], lock: RLock) -> None:
        self.folder = folder.absolute()
        self.left_out: Counter[str] = Counter()
        self._memory, self._lock = memory, lock
        self._learned: dict[Path, tuple[str, object, int]] = {}
        self._hidden: set[Path] = set()
        self._tokens = 0
        self._full = False  # a file did not fit, and none was let go of since

    def __len__(self) -> int:
        """Files that were learned."""
        return len(self._learned)

    def index(self, advance: Advance = lambda done, total: True) -> str:
        """Read all files, those that changed last first; return in words what was read and what was left out."""
        self.left_out.clear()
        paths = [path for _, path in sorted(self._dated(), reverse=True)]
        with self._lock:
            for gone in self._learned.keys() - set(paths):
                self._forget(gone)
        for done, path in enumerate(paths):
            if not advance(done, len(paths)):
                self.left_out["not read, because reading was ended"] = len(paths) - done
                break
            self.refresh(path)
        advance(len(paths), len(paths))
        partly = sum(self._memory(key).partly for key in {key for key, _, _ in self._learned.values()})
        names = f", of {partly:,} of the files the names only" if partly else ""
        out = "; left out: " + ", ".join(f"{n:,} {why}" for why, n in self.left_out.items()) if self.left_out else ""
        return f"read {len(self):,} of {len(paths):,} files, {self._tokens:,} tokens{names}{out}"

    def refresh(self, path: Path) -> None:
        """Read a file anew that was written, made or deleted."""
        path = self._place(path)
        if self._full and path not in self._learned and path.is_file():
            self.left_out[_FULL] += 1  # without being read: the rest of a large folder would take long
            return
        found = None if path in self._hidden else self._read(path)
        with self._lock:
            self._forget(path)
            if found is None or path in self._hidden:
                return
            if self._tokens + len(found) > MOST_TOKENS:
                self.left_out[_FULL] += 1
                self._full = True
                return
            self._learned[path] = (found.language, self._memory(found.language).add(found), len(found))
            self._tokens += len(found)

    def hide(self, path: Path) -> None:
        """Take back what was learned from a file that an editor has open: its own text counts now."""
        path = self._place(path)
        with self._lock:
            self._hidden.add(path)
            self._forget(path)

    def show(self, path: Path) -> None:
        """Learn a file again that is not open any more."""
        self._hidden.discard(self._place(path))
        self.refresh(path)

    def _place(self, path: Path) -> Path:
        """Return where a file is: below the working folder if the project is, else below the project."""
        here = path.absolute()
        return here if here.is_relative_to(self.folder) else self.folder / path

    def _forget(self, path: Path) -> None:
        if (known := self._learned.pop(path, None)) is not None:
            key, learned, count = known
            self._memory(key).remove(learned)
            self._tokens -= count
            self._full = False

    def _dated(self) -> Iterator[tuple[float, Path]]:
        for path in files(self.folder):
            if path.suffix.lower() in _KEYS:
                try:
                    yield path.stat().st_mtime, path
                except OSError:
                    self.left_out["not readable"] += 1

    def _read(self, path: Path) -> Tokens | None:
        """Return the tokens of a file; None, and why is counted, if there is nothing to learn from it."""
        key = _KEYS.get(path.suffix.lower())
        if key is None or not path.is_relative_to(self.folder):
            return None
        try:
            if not path.is_file():
                return None  # deleted, or no plain file
            why, text = _usable(path)
        except OSError:
            why, text = "not readable", ""
        if why is not None:
            self.left_out[why] += 1
            return None
        return tokens(text, key)


def _usable(path: Path) -> tuple[str | None, str]:
    """Return why a file is left out, None if it stays, and its text."""
    if path.stat().st_size > LARGEST_BYTES:
        return "too large", ""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "not utf-8", ""
    if "\0" in text:
        return "binary", ""
    if max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
        return "minified", ""
    return None, text
