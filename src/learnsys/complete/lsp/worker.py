"""The one thread in which models work: the editor's messages are read meanwhile, so that it can cancel.

A task that did not begin is dropped when its request is cancelled; one that runs is left to end (milliseconds), its
answer is not sent.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, final

T = TypeVar("T")


@final
class Worker:
    """Runs tasks one after the other, in the order they are given."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="models")

    async def run(self, task: Callable[[], T]) -> T:
        """Run ``task`` and return what it returns; when the caller is cancelled before it began, it never runs."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, task)

    def close(self) -> None:
        """Drop what did not begin and wait for what runs."""
        self._thread.shutdown(cancel_futures=True)
