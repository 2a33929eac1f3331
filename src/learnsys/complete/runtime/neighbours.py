"""What the open files of a session tell each other: the one that is asked hears of all others, and nothing of itself.

A file is learned, as it is then, when another one is asked for the first time since; and taken back when it is asked
itself. So an edit is known in all files as soon as one turns to them, and a key costs nothing.
"""

from collections.abc import Callable
from threading import RLock
from typing import Protocol, final

from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.typed import Typed


class NearMemory(Protocol):
    """What learns from whole files and can take that back."""

    def add(self, found: Tokens, *, near: bool = False) -> object:
        """Learn a file, with what is kept free for those that are ``near``; return what `remove` needs."""

    def remove(self, learned: object) -> None:
        """Take back what was learned from a file."""


@final
class Neighbours:
    """The open files; for one thread at a time.

    Parameters
    ----------
    memory : callable
        Returns the memory of a language.
    """

    def __init__(self, memory: Callable[[str], NearMemory]) -> None:
        self._memory = memory
        self._open: dict[Typed, RLock] = {}
        self._learned: dict[Typed, object] = {}
        self._asked: Typed | None = None

    def open(self, file: Typed, lock: RLock) -> None:
        """Let a file be one of them; ``lock`` is held by whom edits it."""
        self._open[file] = lock
        self._asked = None

    def close(self, file: Typed) -> None:
        """Forget a file."""
        self._open.pop(file, None)
        self._take_back(file)

    def ask(self, file: Typed) -> None:
        """Let ``file`` be the one that is asked from now on; another that is just being edited is learned later."""
        if self._asked is file:
            return
        self._asked = file
        self._take_back(file)
        for other, lock in self._open.items():
            if other is not file and other not in self._learned and lock.acquire(blocking=False):
                try:
                    memory = self._memory(other.document.language)
                    self._learned[other] = memory.add(other.document.tokens, near=True)
                finally:
                    lock.release()

    def _take_back(self, file: Typed) -> None:
        if file in self._learned:
            self._memory(file.document.language).remove(self._learned.pop(file))
