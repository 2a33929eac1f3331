"""The one thread in which models work: the editor's messages are read meanwhile, so that it can cancel.

A task that did not begin is dropped when its request is cancelled.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar, final

T = TypeVar("T")


@final
class Worker:
    """Runs tasks one after the other, in the order they are given."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="models")
        self._given: set[Future[Any]] = set()

    @property
    def waiting(self) -> int:
        """Number of tasks that did not begin."""
        return sum(not (task.running() or task.done()) for task in tuple(self._given))

    async def run(self, task: Callable[[], T]) -> T:
        """Run ``task`` and return what it returns; when the caller is cancelled before it began, it never runs."""
        future = self._thread.submit(task)
        self._given.add(future)
        try:
            return await asyncio.wrap_future(future)
        finally:
            self._given.discard(future)

    def close(self) -> None:
        """Drop what did not begin and wait for what runs."""
        self._thread.shutdown(cancel_futures=True)
