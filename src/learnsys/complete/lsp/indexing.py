"""Folders are read in the background while the editor shows how far it is (``$/progress``)."""

import asyncio
import logging
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final, final

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from learnsys.complete.lsp.connection import Connection
from learnsys.complete.lsp.types import WithIndex
from learnsys.core.errors import LearnsysError

LOG: Final = logging.getLogger("learnsys.complete.lsp")
EVERY_S: Final = 0.2  # between two reports

Send = Callable[[lsp.WorkDoneProgressBegin | lsp.WorkDoneProgressReport | lsp.WorkDoneProgressEnd], None]


async def index(connection: Connection, folder: Path) -> None:
    """Read the files of a folder in a thread of its own, until the editor ends it or leaves."""
    try:
        project = await asyncio.to_thread(connection.projects.of, folder)
    except LearnsysError as error:
        connection.tell(str(error), str(error), lsp.MessageType.Warning)
        return
    if not isinstance(project, WithIndex):
        return
    ended = threading.Event()
    send = await _channel(connection, ended)
    send(lsp.WorkDoneProgressBegin(title=f"learnsys reads {folder.name}", cancellable=True, percentage=0))
    report = Report(send, ended)
    try:
        told = await asyncio.to_thread(project.index, report)
    except LearnsysError as error:
        told = str(error)
        connection.tell(told, told, lsp.MessageType.Warning)
    except Exception as error:
        LOG.exception("reading %s failed", folder)
        told = f"failed: {error}"
    finally:
        ended.set()  # the server leaves
    LOG.info("%s: %s", folder, told)
    send(lsp.WorkDoneProgressEnd(message=told))


@final
class Report:
    """Tells the editor how many files were read, some times a second; answers whether to go on."""

    def __init__(self, send: Send, ended: threading.Event) -> None:
        self._send = send
        self._ended = ended
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> bool:
        """Take in that ``done`` of ``total`` files are read."""
        if self._ended.is_set():
            return False
        if time.monotonic() - self._last >= EVERY_S:
            self._last = time.monotonic()
            message = f"{done:,} of {total:,} files"
            self._send(lsp.WorkDoneProgressReport(message=message, percentage=100 * done // max(total, 1)))
        return True


async def _channel(connection: Connection, ended: threading.Event) -> Send:
    """Return what sends progress to the editor: nothing, if it shows none; it sets ``ended`` if the user stops it."""
    window, progress = connection.server.client_capabilities.window, connection.server.work_done_progress
    if not (window and window.work_done_progress):
        return lambda value: None
    token = str(uuid.uuid4())
    try:
        await progress.create_async(token)
    except JsonRpcException as error:
        LOG.warning("the editor refused to show progress: %s", error)
        return lambda value: None
    progress.tokens[token].add_done_callback(lambda future: ended.set())

    def send(value: lsp.WorkDoneProgressBegin | lsp.WorkDoneProgressReport | lsp.WorkDoneProgressEnd) -> None:
        connection.server.progress(lsp.ProgressParams(token, value))

    return send
