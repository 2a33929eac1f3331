"""``learnsys complete lsp``: the messages of the Language Server Protocol, and who answers each.

Reference: Language Server Protocol 3.18, https://microsoft.github.io/language-server-protocol
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified

from learnsys.complete.lsp import completion, lifetime, questions, texts, unusual
from learnsys.complete.lsp import naming as renaming
from learnsys.complete.lsp.connection import Connection
from learnsys.complete.lsp.types import AbstractProject, Naming, Surprises

# How long a thread of Python works before another may: an answer changes threads four times, and waits this long each
# time while names are found or a folder is read beside it. By default it is 5 ms.
SWITCH_S: Final = 1e-3


def serve(made: Callable[[Path | None], AbstractProject], naming: Naming, surprises: Surprises) -> bool:
    """Talk to the editor at stdin and stdout until it leaves; tell whether it said so before.

    Parameters
    ----------
    made : callable
        Makes the project of a folder; of None, one for files that are in no folder.
    naming : callable
        Reads a text in a language; what it returns suggests names for the symbol at a place.
    surprises : callable
        Finds what is unusual in a text in a language.
    """
    connection = Connection(made, naming, surprises)
    mount(connection)
    for number in (signal.SIGTERM, signal.SIGINT):  # a thread that waits for stdin would wait on
        signal.signal(number, lambda number, frame: os._exit(128 + number))
    sys.setswitchinterval(SWITCH_S)
    logging.getLogger("pygls").addFilter(_is_news)
    connection.server.start_io(sys.stdin.buffer, _own_stdout())
    connection.leave()
    return connection.ended


def mount(connection: Connection) -> None:
    """Register who answers each message."""
    handlers: dict[str, tuple[Callable[..., object], object]] = {
        lsp.INITIALIZE: (lifetime.initialize, None),
        lsp.INITIALIZED: (lifetime.initialized, None),
        lsp.SHUTDOWN: (lifetime.shutdown, None),
        lsp.WORKSPACE_DID_CHANGE_CONFIGURATION: (lifetime.did_change_configuration, None),
        lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: (lifetime.did_change_workspace_folders, None),
        lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES: (lifetime.did_change_watched_files, None),
        lsp.TEXT_DOCUMENT_DID_OPEN: (texts.did_open, None),
        lsp.TEXT_DOCUMENT_DID_CHANGE: (texts.did_change, None),
        lsp.TEXT_DOCUMENT_DID_SAVE: (texts.did_save, lsp.SaveOptions(include_text=True)),
        lsp.TEXT_DOCUMENT_DID_CLOSE: (texts.did_close, None),
        lsp.TEXT_DOCUMENT_COMPLETION: (questions.complete, completion.OPTIONS),
        lsp.TEXT_DOCUMENT_INLINE_COMPLETION: (questions.complete_inline, lsp.InlineCompletionOptions()),
        questions.REORDER: (questions.reorder, None),
        lsp.TEXT_DOCUMENT_CODE_ACTION: (questions.act, lsp.CodeActionOptions([renaming.KIND, unusual.KIND])),
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


def _is_news(record: logging.LogRecord) -> bool:
    """A stale answer is no failure."""
    return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcContentModified))
