"""The texts that an editor has open, kept in step with it by its edits.

An editor may send edits out of order, for places that the text does not have, or for files it never opened. Then the
text is *lost*: nothing is offered for it until the editor sends the whole of it again (full change, save or open).
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, final
from urllib.parse import unquote, urlsplit

from lsprotocol import types as lsp

from learnsys.complete.languages import LANGUAGES, Language, language_of
from learnsys.complete.lexing.positions import Encoding, Positions
from learnsys.core.errors import InputError

LARGEST: Final = 1_000_000  # code points of a text that is completed
LOG: Final = logging.getLogger("learnsys.complete.lsp")
_IDS: Final = {"javascript": "js", "javascriptreact": "js", "python": "py", "cpp": "cpp"}  # of the protocol -> ours


class OutsideText(Exception):
    """A position that the text does not have."""


@final
class Snapshot:
    """A text at one version; its lines are found when they are first asked for."""

    def __init__(self, text: str, version: int, encoding: Encoding) -> None:
        self.text = text
        self.version = version
        self.places = Positions(text, encoding)

    def offset(self, position: lsp.Position) -> int:
        """Return the code point at a position of the editor's; beyond the end of a line it is that end.

        Raises
        ------
        OutsideText
            If there is no such line; the one after the last, column 0, is the end of the text.
        """
        line, character = position.line, position.character
        if line < 0 or character < 0 or (line, character) > (self.places.lines, 0):
            raise OutsideText(f"line {line + 1} of {self.places.lines}")
        return self.places.offset(line, character)

    def range(self, start: int, end: int) -> lsp.Range:
        """Return the editor's range of the code points from ``start`` to ``end``."""
        first, last = self.places.position(start), self.places.position(end)
        return lsp.Range(lsp.Position(*first), lsp.Position(*last))

    def changed(self, change: lsp.TextDocumentContentChangeEvent, version: int) -> "Snapshot":
        """Return the text after an edit; ``version`` is that of the new text.

        Raises
        ------
        OutsideText
            If the edit is for a place that the text does not have.
        """
        if isinstance(change, lsp.TextDocumentContentChangeWholeDocument):
            return Snapshot(change.text, version, self.places.encoding)
        start, end = self.offset(change.range.start), self.offset(change.range.end)
        if end < start:
            raise OutsideText(f"range ends before it begins, in line {change.range.start.line + 1}")
        return Snapshot(self.text[:start] + change.text + self.text[end:], version, self.places.encoding)


@final
class OpenDocument:
    """One text of the editor's: ``now`` is what it holds, None while it is lost; ``language`` None if unknown."""

    def __init__(self, uri: str, language: Language | None, now: Snapshot) -> None:
        self.uri = uri
        self.language = language
        self.path = path_of(uri, language)
        self.now: Snapshot | None = now
        self.version = now.version

    @property
    def readable(self) -> Snapshot | None:
        """What it holds, if the models can read that: None while it is lost, too large, or in no language they know."""
        now = self.now
        return now if now is not None and self.language is not None and len(now.text) <= LARGEST else None


@final
class Documents:
    """All texts that the editor has open, by URI."""

    def __init__(self, encoding: Encoding = "utf-16") -> None:
        self.encoding = encoding
        self._open: dict[str, OpenDocument] = {}

    def __iter__(self) -> Iterator[OpenDocument]:
        return iter(self._open.values())

    def get(self, uri: str) -> OpenDocument | None:
        """Return the document if it is open."""
        return self._open.get(uri)

    def open(self, uri: str, text: str, *, version: int = 0, language_id: str = "") -> OpenDocument:
        """Take in a text that the editor opened; opened twice, the second counts."""
        now = Snapshot(text, version, self.encoding)
        self._open[uri] = document = OpenDocument(uri, _language(uri, language_id), now)
        return document

    def change(
        self, uri: str, version: int, changes: Sequence[lsp.TextDocumentContentChangeEvent]
    ) -> OpenDocument | None:
        """Apply edits; return the document, None if it is not open and no edit brings the whole text."""
        document, whole = self._open.get(uri), _whole(changes)
        if document is None and whole is None:
            LOG.warning("edits of %s, which is not open: ignored until its whole text comes", uri)
            return None
        document = document or self.open(uri, "")
        if whole is not None:  # the truth, whatever came before it
            document.version = version
            document.now = Snapshot(changes[whole].text, version, self.encoding)
            changes = changes[whole + 1 :]
        elif version <= document.version:
            LOG.warning(
                "edits of %s to version %d after version %d: waiting for its whole text", uri, version, document.version
            )
            document.now = None
        document.version = max(version, document.version)
        _edit(document, changes)
        return document

    def save(self, uri: str, text: str | None) -> OpenDocument | None:
        """Take the text that the editor saved as what it holds, if it says."""
        document = self._open.get(uri)
        if document is not None and text is not None and (document.now is None or document.now.text != text):
            document.now = Snapshot(text, document.version, self.encoding)
        return document

    def close(self, uri: str) -> OpenDocument | None:
        """Forget a text."""
        document = self._open.pop(uri, None)
        if document is None:
            LOG.warning("%s is closed, but was not open", uri)
        return document


def path_of(uri: str, language: Language | None = None) -> Path:
    """Return the path that a URI names; a text without a file gets a suffix of its language.

    Examples
    --------
    >>> path_of("file:///home/me/a%20b.js"), path_of("untitled:Untitled-1", LANGUAGES["py"])
    (PosixPath('/home/me/a b.js'), PosixPath('Untitled-1.py'))
    """
    parts = urlsplit(uri)
    path = PurePosixPath(unquote(parts.path) or "untitled")
    if parts.scheme != "file":
        path = PurePosixPath(path.name or "untitled")
    if language is not None and path.suffix.lower() not in language.suffixes:
        path = path.with_name(path.name + language.suffixes[0])
    return Path(path)


def _edit(document: OpenDocument, changes: Sequence[lsp.TextDocumentContentChangeEvent]) -> None:
    """Apply edits in their order; one that cannot be makes the text lost."""
    now = document.now
    if now is None:
        return
    try:
        for change in changes:
            now = now.changed(change, document.version)
        document.now = now
    except OutsideText as problem:
        LOG.warning("edit of %s outside its text (%s): waiting for its whole text", document.uri, problem)
        document.now = None


def _whole(changes: Sequence[lsp.TextDocumentContentChangeEvent]) -> int | None:
    """Return which is the last change that brings a whole text, None if none does."""
    whole = [i for i, change in enumerate(changes) if isinstance(change, lsp.TextDocumentContentChangeWholeDocument)]
    return whole[-1] if whole else None


def _language(uri: str, language_id: str) -> Language | None:
    """Tell the language by the editor's word for it, else by the suffix."""
    if language_id in _IDS:
        return LANGUAGES[_IDS[language_id]]
    try:
        return language_of(unquote(urlsplit(uri).path))
    except InputError:
        return None
