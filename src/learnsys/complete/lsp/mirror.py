"""The models' files, kept at the texts of the editor; used in the thread of the models only."""

from collections.abc import Callable
from pathlib import Path
from typing import final

from learnsys.complete.lexing.difference import difference
from learnsys.complete.lsp.documents import OpenDocument, Snapshot
from learnsys.complete.lsp.types import AbstractFile, AbstractProject


@final
class Mirror:
    """Brings a file of the models to what the editor holds, by one edit however many were made since.

    So an edit that a model did not take, or a message lost, heals itself: what counts is the text now.
    """

    def __init__(self, project: Callable[[Path], AbstractProject]) -> None:
        self._project = project
        self._files: dict[str, tuple[AbstractFile, str]] = {}

    def file(self, document: OpenDocument, now: Snapshot) -> AbstractFile:
        """Return the file of a document, at the text ``now``."""
        file, text = self._files.pop(document.uri, (None, ""))  # put back only if all goes well
        if file is None:
            file = self._project(document.path).open(document.path, now.text)
        elif text != now.text:
            file.edit(*difference(text, now.text))
        self._files[document.uri] = file, now.text
        return file

    def forget(self, uri: str) -> None:
        """Let go of the file of a document; the next question opens it anew."""
        file, _ = self._files.pop(uri, (None, ""))
        if file is not None:
            file.close()
