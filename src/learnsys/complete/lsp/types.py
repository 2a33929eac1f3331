"""What the server needs of the models: a project that opens files, and files that suggest."""

from pathlib import Path
from typing import Protocol

from learnsys.complete.types import Suggestions


class AbstractFragment(Protocol):
    """Several tokens that go on from a cursor."""

    @property
    def text(self) -> str:
        """What would stand after the cursor; empty if nothing is likely enough."""


class AbstractFile(Protocol):
    """An open file; offsets are code points."""

    def edit(self, start: int, end: int, new: str) -> None:
        """Put ``new`` in the place of the text from ``start`` to ``end``."""

    def suggest(self, offset: int, n: int = 5) -> Suggestions:
        """Return the ``n`` likeliest tokens at ``offset``."""

    def fragment(self, offset: int) -> AbstractFragment:
        """Return the tokens that are likely enough to go on from ``offset``."""


class AbstractProject(Protocol):
    """The files of one folder, and what was learned of them."""

    def open(self, path: Path, text: str | None = None) -> AbstractFile:
        """Open a file with the text that its editor holds."""
