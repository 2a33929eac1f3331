"""What the server needs of the models: a project that opens files, and files that suggest. Offsets are code points.

What only some files and projects can do is asked of those that can (``With...``).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from learnsys.complete.names.suggest import NameSuggestions
from learnsys.complete.types import Suggestions

Advance = Callable[[int, int], bool]
"""Told (files read, files in all) while a project is read; its answer False ends the reading."""


class AbstractFragment(Protocol):
    """Several tokens that go on from a cursor."""

    @property
    def text(self) -> str:
        """What would stand after the cursor; empty if nothing is likely enough."""


class AbstractSurprise(Protocol):
    """A token that the models did not expect."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def p(self) -> float:
        """Its probability."""

    @property
    def usual(self) -> str | None:
        """What would be usual there, if that is known."""

    @property
    def times(self) -> float | None:
        """How many times likelier that is."""


class AbstractCancel(Protocol):
    """What a question looks at now and then, to end when nobody waits for its answer."""

    def is_set(self) -> bool:
        """Tell whether the answer is not wanted any more."""


class AbstractFile(Protocol):
    """An open file."""

    def edit(self, start: int, end: int, new: str) -> None:
        """Put ``new`` in the place of the text from ``start`` to ``end``."""

    def suggest(self, offset: int, n: int = 5, *, cancel: AbstractCancel | None = None) -> Suggestions:
        """Return the ``n`` likeliest tokens at ``offset``."""

    def close(self) -> None:
        """Tell that the editor closed it."""


@runtime_checkable
class WithFragments(Protocol):
    """A file that can go on by more than one token."""

    def fragment(self, offset: int, *, cancel: AbstractCancel | None = None) -> AbstractFragment:
        """Return the tokens that are likely enough to go on from ``offset``."""


class AbstractProject(Protocol):
    """The files of one folder, and what was learned of them."""

    def open(self, path: Path, text: str | None = None) -> AbstractFile:
        """Open a file with the text that its editor holds."""


@runtime_checkable
class WithIndex(Protocol):
    """A project that can read the files of its folder."""

    def index(self, advance: Advance) -> str:
        """Read all files; return in words what was read and what was left out."""

    def refresh(self, path: Path) -> None:
        """Read a file anew that was written, made or deleted outside of the editor."""


Surprises = Callable[[str, str], Sequence[AbstractSurprise]]
"""Finds what is unusual in a text in a language."""
NamesAt = Callable[[int], NameSuggestions]
"""Suggests names for what stands at a code point of a text."""
Naming = Callable[[str, str], NamesAt]
"""Reads a text in a language whose symbols are to be named."""
