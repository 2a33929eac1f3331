"""From the greeting to the end: what both sides can, the settings, the folders."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from lsprotocol import types as lsp
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException

from learnsys.complete.languages import LANGUAGES
from learnsys.complete.lexing.positions import Encoding
from learnsys.complete.lsp import configuration
from learnsys.complete.lsp.connection import Connection
from learnsys.complete.lsp.documents import Documents, path_of
from learnsys.complete.lsp.indexing import index
from learnsys.complete.lsp.types import WithIndex
from learnsys.complete.lsp.unusual import look

LOG: Final = logging.getLogger("learnsys.complete.lsp")
_ENCODINGS: Final[dict[lsp.PositionEncodingKind, Encoding]] = {
    lsp.PositionEncodingKind.Utf8: "utf-8",
    lsp.PositionEncodingKind.Utf16: "utf-16",
    lsp.PositionEncodingKind.Utf32: "utf-32",
}


def initialize(connection: Connection, params: lsp.InitializeParams) -> None:
    """Take the encoding that was agreed on, the settings and the folders that the editor greets with."""
    encoding = connection.server.workspace.position_encoding
    connection.documents = Documents(_ENCODINGS[lsp.PositionEncodingKind(encoding or "utf-16")])
    LOG.info("%s, positions in %s", params.client_info or "an editor", connection.documents.encoding)
    _set(connection, params.initialization_options)


async def initialized(connection: Connection, params: lsp.InitializedParams) -> None:
    """Ask for the settings and to be told of changes; begin to read the folders."""
    workspace = connection.server.workspace
    roots = list(workspace.folders) or ([workspace.root_uri] if workspace.root_uri else [])
    _add(connection, roots)
    await _pull(connection)
    if wishes := list(_wishes(connection)):
        with _lenient("client/registerCapability"):
            await connection.server.client_register_capability_async(lsp.RegistrationParams(wishes))


def shutdown(connection: Connection, params: None) -> None:
    """Note that the editor says goodbye."""
    connection.ended = True


async def did_change_configuration(connection: Connection, params: lsp.DidChangeConfigurationParams) -> None:
    """Ask for the settings again; an editor that cannot be asked sends them along."""
    if not await _pull(connection):
        _set(connection, params.settings)


def did_change_workspace_folders(connection: Connection, params: lsp.DidChangeWorkspaceFoldersParams) -> None:
    """Read folders that were added, let go of those that were removed."""
    for folder in params.event.removed:
        connection.projects.remove(path_of(folder.uri))
    _add(connection, [folder.uri for folder in params.event.added])


async def did_change_watched_files(connection: Connection, params: lsp.DidChangeWatchedFilesParams) -> None:
    """Read anew what was written, made or deleted outside of the editor."""
    paths = [path_of(change.uri) for change in params.changes if connection.documents.get(change.uri) is None]

    def refresh() -> None:
        for path in paths:
            if isinstance(project := connection.projects.of(path), WithIndex):
                project.refresh(path)

    await connection.worker.run(refresh)


def _add(connection: Connection, uris: list[str]) -> None:
    for folder in map(path_of, uris):
        if folder.is_dir() and connection.projects.add(folder):  # others are an editor's own
            connection.start(index(connection, folder))


def _wishes(connection: Connection) -> Iterator[lsp.Registration]:
    """Say of which changes the editor, if it can, shall tell."""
    can = partial(get_capability, connection.server.client_capabilities)
    if can("workspace.did_change_configuration.dynamic_registration"):
        options: object = {"section": configuration.SECTION}
        yield lsp.Registration("configuration", lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, options)
    if can("workspace.did_change_watched_files.dynamic_registration"):
        suffixes = ",".join(suffix[1:] for language in LANGUAGES.values() for suffix in language.suffixes)
        options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(f"**/*.{{{suffixes}}}")])
        yield lsp.Registration("files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)


async def _pull(connection: Connection) -> bool:
    """Ask the editor for the settings, if it can be asked."""
    if not get_capability(connection.server.client_capabilities, "workspace.configuration"):
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
    LOG.info("%s", connection.settings)
    for problem in problems:
        connection.tell(problem, problem, lsp.MessageType.Warning)
    for document in connection.documents:
        look(connection, document)


@contextmanager
def _lenient(method: str) -> Iterator[None]:
    """Go on where an editor does not answer what it said it could."""
    try:
        yield
    except JsonRpcException as error:
        LOG.warning("the editor refused %s: %s", method, error)
