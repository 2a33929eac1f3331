"""What the editor says of its texts: opened, edited, saved, closed."""

import logging
from typing import Final

from lsprotocol import types as lsp

from learnsys.complete.languages import LANGUAGES
from learnsys.complete.lsp.connection import Connection
from learnsys.complete.lsp.documents import LARGEST, OpenDocument
from learnsys.complete.lsp.unusual import look

LOG: Final = logging.getLogger("learnsys.complete.lsp")


def did_open(connection: Connection, params: lsp.DidOpenTextDocumentParams) -> None:
    """Take in a text; that the models do not know its language is told once for each suffix."""
    given = params.text_document
    document = connection.documents.open(
        given.uri, given.text, version=given.version, language_id=str(given.language_id)
    )
    LOG.info("opened %s, %s code points, %s", given.uri, len(given.text), document.language and document.language.title)
    if document.language is None:
        titles = ", ".join(language.title for language in LANGUAGES.values())
        connection.tell(document.path.suffix, f"no completions in {document.path.name}: the models know {titles}")
    elif document.readable is None:
        connection.tell(given.uri, f"no completions in {document.path.name}: it is longer than {LARGEST:,} characters")
    _follow(connection, document, ahead=True)


def did_change(connection: Connection, params: lsp.DidChangeTextDocumentParams) -> None:
    """Apply edits."""
    given = params.text_document
    _follow(connection, connection.documents.change(given.uri, given.version, params.content_changes))


def did_save(connection: Connection, params: lsp.DidSaveTextDocumentParams) -> None:
    """Take what was saved as the text, which brings a lost one back."""
    _follow(connection, connection.documents.save(params.text_document.uri, params.text))


async def did_close(connection: Connection, params: lsp.DidCloseTextDocumentParams) -> None:
    """Forget a text."""
    uri = params.text_document.uri
    if (document := connection.documents.close(uri)) is not None:
        LOG.info("closed %s", uri)
        document.now = None  # questions that still wait are stale
        look(connection, document)
        connection.named.pop(uri, None)
        await connection.worker.run(lambda: connection.mirror.forget(uri))


def _follow(connection: Connection, document: OpenDocument | None, *, ahead: bool = False) -> None:
    if document is not None:
        connection.follow(document, ahead=ahead)
        look(connection, document)
