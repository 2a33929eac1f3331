"""A thread in which models work: the editor's messages are read meanwhile, so that it can cancel.

A task that did not begin is dropped when its request is cancelled. The thread is a daemon: nobody waits for what runs
when the editor leaves.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar, final

T = TypeVar("T")


@final
class Worker:
    """Runs tasks one after the other, in the order they are given."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._given: set[Future[Any]] = set()
        self._closed = False
        Thread(target=self._work, name="models", daemon=True).start()

    @property
    def waiting(self) -> int:
        """Number of tasks that did not begin."""
        return sum(not (task.running() or task.done()) for task in tuple(self._given))

    async def run(self, task: Callable[[], T]) -> T:
        """Run ``task`` and return what it returns; when the caller is cancelled before it began, it never runs.

        Raises
        ------
        RuntimeError
            If the worker is closed.
        """
        if self._closed:
            raise RuntimeError("the worker is closed")
        future: Future[T] = Future()
        self._given.add(future)
        self._tasks.put((future, task))
        try:
            return await asyncio.wrap_future(future)
        finally:
            self._given.discard(future)

    def close(self) -> None:
        """Drop what did not begin; what runs is left alone."""
        self._closed = True
        for future in tuple(self._given):
            future.cancel()
        self._tasks.put(None)

    def _work(self) -> None:
        while (given := self._tasks.get()) is not None:
            future, task = given
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(task())
                except BaseException as error:
                    future.set_exception(error)
