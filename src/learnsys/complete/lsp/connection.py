"""The talk with one editor: what it has open and set, and questions to the models that it may take back."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, final

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified
from pygls.lsp.server import LanguageServer

from learnsys import __version__
from learnsys.complete.lsp.configuration import Settings
from learnsys.complete.lsp.documents import Documents, OpenDocument, OutsideText, Snapshot
from learnsys.complete.lsp.mirror import Mirror
from learnsys.complete.lsp.projects import Projects
from learnsys.complete.lsp.types import (
    AbstractCancel,
    AbstractFile,
    AbstractProject,
    AbstractSurprise,
    NamesAt,
    Naming,
    Surprises,
)
from learnsys.complete.lsp.worker import Worker
from learnsys.core.errors import Interrupted, LearnsysError

T = TypeVar("T")
LOG: Final = logging.getLogger("learnsys.complete.lsp")


@final
class Cursor(NamedTuple):
    """A place in what a document holds now; ``offset`` in code points."""

    document: OpenDocument
    now: Snapshot
    offset: int


@final
class Cancel:
    """Tells a running question to end: it was taken back, its text was edited, or it makes room for others."""

    def __init__(self, document: OpenDocument, now: Snapshot, makes_room: Callable[[], bool]) -> None:
        self._document, self._now, self._makes_room = document, now, makes_room
        self.taken_back = False

    def is_set(self) -> bool:
        """Tell whether the answer is not wanted any more."""
        return self.taken_back or self._document.now is not self._now or self._makes_room()


@final
class Connection:
    """State of the talk with one editor."""

    def __init__(self, made: Callable[[Path | None], AbstractProject], naming: Naming, surprises: Surprises) -> None:
        self.server = LanguageServer("learnsys", __version__, max_workers=2)
        self.documents = Documents()
        self.settings = Settings()
        self.projects = Projects(made)
        self.naming, self.surprises = naming, surprises
        self.named: dict[str, tuple[Snapshot, NamesAt]] = {}  # the last answer of ``naming``, by URI
        self.worker = Worker()
        self.beside = Worker()  # for what takes longer and needs no file of the models
        self.mirror = Mirror(self.projects.of)
        self.marks: dict[str, tuple[Snapshot, Sequence[AbstractSurprise]]] = {}  # what was shown as unusual, by URI
        self.ended = False
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work that goes on beside the messages."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def leave(self) -> None:
        """End what runs: nobody waits for it any more."""
        for document in self.documents:
            document.now = None
        self.worker.close()
        self.beside.close()

    def tell(self, key: str, message: str, kind: lsp.MessageType = lsp.MessageType.Info) -> None:
        """Show the user a message, once for each ``key``."""
        if key not in self._told:
            self._told.add(key)
            self.server.window_show_message(lsp.ShowMessageParams(kind, f"learnsys: {message}"))

    def cursor(self, uri: str, position: lsp.Position) -> "Cursor | None":
        """Return the place of a question, None if nothing can be offered there."""
        document = self.documents.get(uri)
        if document is None or (now := document.readable) is None:
            return None
        try:
            return Cursor(document, now, now.offset(position))
        except OutsideText as problem:
            LOG.warning("a question about %s outside its text (%s)", uri, problem)
            return None

    async def ask(
        self,
        document: OpenDocument,
        now: Snapshot,
        question: Callable[[AbstractFile, AbstractCancel], T],
        *,
        makes_room: Callable[[], bool] = lambda: False,
    ) -> T | None:
        """Ask a file of the models in their thread; None if they fail. ``makes_room`` tells it to end for others.

        Raises
        ------
        JsonRpcContentModified
            If the text was edited meanwhile: the answer is stale.
        """
        cancel = Cancel(document, now, makes_room)

        def task() -> T:
            try:
                return question(self.mirror.file(document, now), cancel)
            except Interrupted:
                raise
            except BaseException:
                self.mirror.forget(document.uri)
                raise

        try:
            return await self.answer(document, now, task, self.worker)
        except asyncio.CancelledError:
            cancel.taken_back = True
            raise

    async def answer(self, document: OpenDocument, now: Snapshot, task: Callable[[], T], worker: Worker) -> T | None:
        """Run a task about a text; None if it fails, which is told once.

        Raises
        ------
        JsonRpcContentModified
            If the text was edited meanwhile: the answer is stale.
        """
        answer = None
        try:
            answer = await worker.run(lambda: task() if document.now is now else None)
        except Interrupted:
            pass
        except LearnsysError as error:
            self.tell(str(error), str(error), lsp.MessageType.Warning)
        except Exception as error:
            LOG.exception("a question about %s failed", document.uri)
            self.tell("failed", f"{type(error).__name__}: {error}; see the log", lsp.MessageType.Error)
        if document.now is not now:
            raise JsonRpcContentModified("the text was edited meanwhile")
        return answer

    def follow(self, document: OpenDocument, *, ahead: bool = False) -> None:
        """Let the models take over what was typed; ``ahead``, let them read all of the text before they are asked."""
        if (now := document.readable) is not None:
            self.start(self._read(document, now, ahead=ahead))

    async def _read(self, document: OpenDocument, now: Snapshot, *, ahead: bool) -> None:
        """Read as long as nothing else is to be done; what was read stays read."""

        def task(file: AbstractFile, cancel: AbstractCancel) -> bool:
            try:
                if ahead:
                    file.suggest(len(now.text), 1, cancel=cancel)
            except Interrupted:
                return False
            return True

        def wanted() -> bool:
            return self.worker.waiting > 0

        with suppress(JsonRpcContentModified):  # a later edit is followed by its own task
            while await self.ask(document, now, task, makes_room=wanted) is False:
                pass
