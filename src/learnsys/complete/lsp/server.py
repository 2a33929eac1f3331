"""``learnsys complete lsp``: the messages of the Language Server Protocol, and who answers each.

Reference: Language Server Protocol 3.18, https://microsoft.github.io/language-server-protocol
"""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified, JsonRpcException

from learnsys.complete.languages import LANGUAGES
from learnsys.complete.lexing.positions import Encoding
from learnsys.complete.lsp import completion, configuration
from learnsys.complete.lsp.connection import Connection
from learnsys.complete.lsp.documents import Documents
from learnsys.complete.lsp.inline import inline_list
from learnsys.complete.lsp.types import AbstractProject

LOG: Final = logging.getLogger("learnsys.complete.lsp")
_ENCODINGS: Final[dict[lsp.PositionEncodingKind, Encoding]] = {
    lsp.PositionEncodingKind.Utf8: "utf-8",
    lsp.PositionEncodingKind.Utf16: "utf-16",
    lsp.PositionEncodingKind.Utf32: "utf-32",
}


def serve(project: Callable[[Path], AbstractProject]) -> bool:
    """Talk to the editor at stdin and stdout until it leaves; tell whether it said so before.

    Parameters
    ----------
    project : callable
        Gives the project that a path belongs to.
    """
    connection = Connection(project)
    mount(connection)
    for number in (signal.SIGTERM, signal.SIGINT):  # a thread that waits for stdin would wait on
        signal.signal(number, lambda number, frame: os._exit(128 + number))
    logging.getLogger("pygls").addFilter(_is_news)
    connection.server.start_io(sys.stdin.buffer, _own_stdout())
    connection.worker.close()
    return connection.ended


def mount(connection: Connection) -> None:
    """Register who answers each message."""
    handlers: dict[str, tuple[Callable[..., object], object]] = {
        lsp.INITIALIZE: (_initialize, None),
        lsp.INITIALIZED: (_initialized, None),
        lsp.SHUTDOWN: (_shutdown, None),
        lsp.TEXT_DOCUMENT_DID_OPEN: (_did_open, None),
        lsp.TEXT_DOCUMENT_DID_CHANGE: (_did_change, None),
        lsp.TEXT_DOCUMENT_DID_SAVE: (_did_save, lsp.SaveOptions(include_text=True)),
        lsp.TEXT_DOCUMENT_DID_CLOSE: (_did_close, None),
        lsp.WORKSPACE_DID_CHANGE_CONFIGURATION: (_did_change_configuration, None),
        lsp.TEXT_DOCUMENT_COMPLETION: (_completion, completion.OPTIONS),
        lsp.TEXT_DOCUMENT_INLINE_COMPLETION: (_inline_completion, lsp.InlineCompletionOptions()),
    }
    for method in (lsp.TEXT_DOCUMENT_DID_OPEN, lsp.TEXT_DOCUMENT_DID_CHANGE, lsp.TEXT_DOCUMENT_DID_CLOSE):
        del connection.server.protocol.fm.builtin_features[method]  # they keep texts of their own, and lose lost ones
    for method, (handler, options) in handlers.items():
        connection.server.feature(method, options)(partial(handler, connection))


def _own_stdout() -> BinaryIO:
    """Keep stdout for the protocol: what anything else prints goes to stderr."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own


@contextmanager
def _lenient(method: str) -> Iterator[None]:
    """Go on where an editor does not answer what it said it could."""
    try:
        yield
    except JsonRpcException as error:
        LOG.warning("the editor refused %s: %s", method, error)


def _is_news(record: logging.LogRecord) -> bool:
    """A stale answer is no failure."""
    return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcContentModified))


def _initialize(connection: Connection, params: lsp.InitializeParams) -> None:
    encoding = connection.server.workspace.position_encoding
    connection.documents = Documents(_ENCODINGS[lsp.PositionEncodingKind(encoding or "utf-16")])
    _set(connection, params.initialization_options)


async def _initialized(connection: Connection, params: lsp.InitializedParams) -> None:
    await _pull(connection)
    workspace = connection.server.client_capabilities.workspace
    changed = workspace and workspace.did_change_configuration
    if changed and changed.dynamic_registration:
        registration = lsp.Registration(
            id="configuration",
            method=lsp.WORKSPACE_DID_CHANGE_CONFIGURATION,
            register_options={"section": configuration.SECTION},
        )
        with _lenient("client/registerCapability"):
            await connection.server.client_register_capability_async(lsp.RegistrationParams([registration]))


def _shutdown(connection: Connection, params: None) -> None:
    connection.ended = True


def _did_open(connection: Connection, params: lsp.DidOpenTextDocumentParams) -> None:
    given = params.text_document
    document = connection.documents.open(
        given.uri, given.text, version=given.version, language_id=str(given.language_id)
    )
    if document.language is None:
        titles = ", ".join(language.title for language in LANGUAGES.values())
        connection.tell(document.path.suffix, f"no completions in {document.path.name}: the models know {titles}")
    connection.follow(document)


def _did_change(connection: Connection, params: lsp.DidChangeTextDocumentParams) -> None:
    given = params.text_document
    document = connection.documents.change(given.uri, given.version, params.content_changes)
    if document is not None:
        connection.follow(document)


def _did_save(connection: Connection, params: lsp.DidSaveTextDocumentParams) -> None:
    document = connection.documents.save(params.text_document.uri, params.text)
    if document is not None:
        connection.follow(document)


async def _did_close(connection: Connection, params: lsp.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    if connection.documents.close(uri) is not None:
        await connection.worker.run(lambda: connection.mirror.forget(uri))


async def _did_change_configuration(connection: Connection, params: lsp.DidChangeConfigurationParams) -> None:
    if not await _pull(connection):
        _set(connection, params.settings)


async def _pull(connection: Connection) -> bool:
    """Ask the editor for the settings, if it can be asked."""
    workspace = connection.server.client_capabilities.workspace
    if not (workspace and workspace.configuration):
        return False
    asked = lsp.ConfigurationParams([lsp.ConfigurationItem(section=configuration.SECTION)])
    with _lenient("workspace/configuration"):
        given = await connection.server.workspace_configuration_async(asked)
        if given and given[0] is not None:
            _set(connection, given[0])
        return True
    return False


def _set(connection: Connection, given: object) -> None:
    """Take settings, of our section or of all the editor."""
    if isinstance(given, dict):
        given = given.get(configuration.SECTION, given)
    connection.settings, problems = configuration.settings(given)
    for problem in problems:
        connection.tell(problem, problem, lsp.MessageType.Warning)


async def _completion(connection: Connection, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    cursor, n = connection.cursor(params.text_document.uri, params.position), connection.settings.items
    if cursor is None or not connection.settings.completion:
        return None
    found = await connection.ask(cursor.document, cursor.now, lambda file: file.suggest(cursor.offset, n))
    return None if found is None else completion.completion_list(found, cursor.now, cursor.offset, n)


async def _inline_completion(
    connection: Connection, params: lsp.InlineCompletionParams
) -> lsp.InlineCompletionList | None:
    cursor = connection.cursor(params.text_document.uri, params.position)
    if cursor is None or not connection.settings.inline:
        return None
    found = await connection.ask(cursor.document, cursor.now, lambda file: file.fragment(cursor.offset))
    selected = params.context.selected_completion_info
    return None if found is None else inline_list(found, cursor.now, cursor.offset, selected)
