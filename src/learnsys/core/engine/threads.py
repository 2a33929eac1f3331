"""The default engine: threads of this process, which run in parallel where numba and BLAS release the GIL."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial, reduce
from operator import add
from typing import Any, Final, Literal, Self, final

from learnsys.core.engine.building import build_worker, check_open, check_shards
from learnsys.core.engine.one_thread import limit_thread, one_thread
from learnsys.core.engine.payload import payload_bytes
from learnsys.core.engine.types import EngineStats, Ref, Worker


@final
class ThreadEngine:
    """Run workers on a pool of threads. A worker's fault is this process's fault: there is nothing to restart.

    Parameters
    ----------
    slots : int
        Threads that run at once, >= 1.
    """

    name: Final[Literal["local", "ray"]] = "local"

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.stats = EngineStats()
        self._exits = ExitStack()
        self._exits.enter_context(one_thread())
        self._pool = self._exits.enter_context(ThreadPoolExecutor(slots, "learnsys", limit_thread))
        self._closed = False

    def put(self, value: Any) -> Ref:
        """Share ``value``; nothing is copied."""
        check_open(not self._closed)
        self.stats.bytes_sent += payload_bytes(value)
        return Ref(value)

    def map(self, fn: Callable[..., Any], items: Iterable[Any], *shared: Ref) -> list[Any]:
        """Compute ``fn(item, *shared values)`` for every item; results in order."""
        values = [ref.held for ref in shared]
        items = list(items)
        results = self.run([partial(fn, item, *values) for item in items])
        self.stats.bytes_sent += payload_bytes(items)
        self.stats.bytes_received += payload_bytes(results)
        return results

    def workers(self, factory: Callable[..., Any], shards: Sequence[Any], *shared: Ref) -> "ThreadGroup":
        """Make one worker for every shard."""
        check_shards(shards)
        values = [ref.held for ref in shared]
        workers = self.run([partial(build_worker, factory, shard, values) for shard in shards])
        return ThreadGroup(self, workers)

    def run(self, tasks: Sequence[Callable[[], Any]]) -> list[Any]:
        """Run every task to its end, then return all results or raise the first error, in order of the tasks."""
        check_open(not self._closed)
        futures: list[Future[Any]] = [self._pool.submit(task) for task in tasks]
        try:
            wait(futures)
        except BaseException:  # Ctrl-C: what has not begun shall not begin
            for future in futures:
                future.cancel()
            raise
        return [future.result() for future in futures]

    def close(self) -> None:
        """End the threads and give BLAS its threads back."""
        self._closed = True
        self._exits.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@final
class ThreadGroup:
    """Workers that live in this process."""

    def __init__(self, engine: ThreadEngine, workers: Sequence[Worker]) -> None:
        self._engine = engine
        self._workers = workers

    def call(self, method: str, *args: Any) -> list[Any]:
        """Call ``method`` on every worker; results in shard order."""
        results = self._engine.run([partial(getattr(worker, method), *args) for worker in self._workers])
        self._engine.stats.bytes_sent += len(self._workers) * payload_bytes(args)
        self._engine.stats.bytes_received += payload_bytes(results)
        return results

    def reduce(self, method: str, *args: Any, op: Callable[[Any, Any], Any] = add) -> Any:
        """Call ``method`` on every worker and fold the results from left to right in shard order."""
        return reduce(op, self.call(method, *args))
