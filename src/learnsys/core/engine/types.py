"""What an engine is: the few verbs that training and profiling need, the same on one host and on a cluster.

A *worker* is a logical partition (it changes the mathematics); a *slot* is a thread or process that
runs at once (it changes the time). Results always come in the order of the items or shards, and
``reduce`` folds from left to right, so that every engine gives bitwise the same answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import add
from typing import Any, Literal, Protocol, Self, final


@final
@dataclass(frozen=True, eq=False)
class Ref:
    """A value that has been sent to the slots once, to be shared by many calls.

    ``held`` is for the engine that made it: the value itself, or where it is.
    """

    held: Any


@dataclass
class EngineStats:
    """Counters since the engine started.

    ``bytes_sent`` and ``bytes_received`` are payload bytes (``payload_bytes``) that the driver sent to and got from
    workers: arguments once per worker, a ``put`` once, results, and the items of a ``map``. Arrays handed over inside
    one process count the same, so that traces of all engines compare; shards, snapshots of states and repeated rounds
    do not count. ``cpu_s`` are CPU seconds burned in other processes; ``restarts`` counts processes started again
    after they died.
    """

    bytes_sent: int = 0
    bytes_received: int = 0
    cpu_s: float = 0.0
    restarts: int = 0


class Worker(Protocol):
    """A stateful worker: any object with named methods and a state that can be put back.

    Where it runs must not show, so a worker keeps to three rules. It does not write to its shard, to shared values or
    to arguments: they may be shared with others, and Ray hands out read-only arrays (numba compiles for those when it
    meets them; signatures written down beforehand refuse them). It returns values that it will not write to later.
    Its arrays are contiguous, in C or F order: a sent view becomes contiguous, and BLAS may then round differently.

    After each round the state of every worker is taken, to go back to if a process dies. A class spares the rounds
    that cannot change the state by naming their methods in an attribute ``stateless_methods: frozenset[str]``.
    """

    def get_state(self) -> Any:
        """Return what ``set_state`` needs to put this worker back to now; it must not alias live buffers."""
        ...

    def set_state(self, state: Any) -> None:
        """Go back to ``state``."""
        ...


class Group(Protocol):
    """Workers that hold one shard each.

    An exception in a worker comes back as it is, the first in shard order, once all workers have ended the round;
    nothing is undone. A process that dies is another matter: all workers go back to their states after the last full
    round, and the round is repeated at most three times before ``WorkerLost``. Do not write to results: arrays that
    come from Ray are read-only.
    """

    def call(self, method: str, *args: Any) -> list[Any]:
        """Call ``method`` on every worker; results in shard order."""
        ...

    def reduce(self, method: str, *args: Any, op: Callable[[Any, Any], Any] = add) -> Any:
        """Call ``method`` on every worker and fold the results from left to right in shard order."""
        ...


class Engine(Protocol):
    """Where work runs; a context manager, for one thread at a time."""

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
