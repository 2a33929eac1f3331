"""What an engine is: the few verbs that training and profiling need, the same on one host and on a cluster.

A *worker* is a logical partition (it changes the mathematics); a *slot* is a thread or process that
runs at once (it changes the time). Results always come in the order of the items or shards, and
``reduce`` folds from left to right, so that every engine gives bitwise the same answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import add
from typing import Any, Literal, Protocol, Self


class Ref(Protocol):
    """A value that has been sent to the slots once, to be shared by many calls."""


@dataclass
class EngineStats:
    """Counters since the engine started.

    ``bytes_sent`` and ``bytes_received`` are payload bytes that the driver sent to and got from workers (arrays
    handed over inside one process count the same, so that traces of all engines compare); ``cpu_s`` are CPU seconds
    burned in other processes; ``restarts`` counts workers started again after they died.
    """

    bytes_sent: int = 0
    bytes_received: int = 0
    cpu_s: float = 0.0
    restarts: int = 0


class Worker(Protocol):
    """A stateful worker: any object with named methods and a state that can be put back."""

    def get_state(self) -> Any:
        """Return what ``set_state`` needs to put this worker back to now; it must not alias live buffers."""
        ...

    def set_state(self, state: Any) -> None:
        """Go back to ``state``."""
        ...


class Group(Protocol):
    """Workers that hold one shard each."""

    def call(self, method: str, *args: Any) -> list[Any]:
        """Call ``method`` on every worker; results in shard order."""
        ...

    def reduce(self, method: str, *args: Any, op: Callable[[Any, Any], Any] = add) -> Any:
        """Call ``method`` on every worker and fold the results from left to right in shard order."""
        ...


class Engine(Protocol):
    """Where work runs; a context manager."""

    @property
    def name(self) -> Literal["local", "ray"]:
        """Kind of engine, as a trace names it."""
        ...

    @property
    def slots(self) -> int:
        """Threads or processes that run at once."""
        ...

    @property
    def stats(self) -> EngineStats:
        """Counters."""
        ...

    def put(self, value: Any) -> Ref:
        """Send ``value`` to the slots once."""
        ...

    def map(self, fn: Callable[..., Any], items: Iterable[Any], *shared: Ref) -> list[Any]:
        """Compute ``fn(item, *shared values)`` for every item; results in order."""
        ...

    def workers(self, factory: Callable[..., Any], shards: Sequence[Any], *shared: Ref) -> Group:
        """Start ``factory(shard, *shared values)`` for every shard.

        A shard is a value, or a callable without arguments that the worker calls to load it where it runs.
        """
        ...

    def close(self) -> None:
        """Free everything; the engine cannot be used afterwards."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
