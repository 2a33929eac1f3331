"""An engine on host processes, whatever line leads to them: pipes or Ray."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, ClassVar, Literal, Self, final

from learnsys.core.engine.building import check_shards
from learnsys.core.engine.hosts import AbstractHost, Hosts, Shared
from learnsys.core.engine.one_thread import one_thread
from learnsys.core.engine.payload import payload_bytes
from learnsys.core.engine.rounds import RemoteGroup
from learnsys.core.engine.types import EngineStats, Ref


@final
class RemoteEngine:
    """Run workers on host processes, each of which starts when it is first needed and serves all groups.

    Parameters
    ----------
    name : {"local", "ray"}
        Kind of engine.
    hosts : sequence of AbstractHost
        One for each slot.
    on_close : callable, optional
        Ends what the hosts stand on, after them.
    """

    def __init__(
        self, name: Literal["local", "ray"], hosts: Sequence[AbstractHost], on_close: Callable[[], object] | None = None
    ) -> None:
        self.name = name
        self.slots = len(hosts)
        self.stats = EngineStats()
        self._hosts = Hosts(hosts, self.stats)
        self._exits = ExitStack()
        if on_close:
            self._exits.callback(on_close)
        self._exits.callback(self._hosts.close)
        self._exits.enter_context(one_thread())  # what the driver computes has the same bits on every engine too

    def put(self, value: Any) -> Ref:
        """Pack ``value``; a host gets it once, when it first needs it."""
        self._hosts.check_open()
        shared = Shared(self._hosts.pack(value))
        shared.key = self._hosts.key_for(shared)
        self.stats.bytes_sent += payload_bytes(value)
        return Ref(shared)

    def map(self, fn: Callable[..., Any], items: Iterable[Any], *shared: Ref) -> list[Any]:
        """Compute ``fn(item, *shared values)`` for every item; item i runs on host i modulo slots; results in order."""
        items = list(items)
        if not items:
            return []
        results = self.workers(partial(_Task, fn), [(item,) for item in items], *shared).call("run")
        self.stats.bytes_sent += payload_bytes(items)
        return results

    def workers(self, factory: Callable[..., Any], shards: Sequence[Any], *shared: Ref) -> RemoteGroup:
        """Make one worker for every shard."""
        self._hosts.check_open()
        check_shards(shards)
        self._hosts.sweep()
        return RemoteGroup(self._hosts, factory, shards, [ref.held for ref in shared])

    def close(self) -> None:
        """End all processes that this engine started."""
        self._exits.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@final
class _Task:
    """One item of a map, as a worker: so a map survives what a round survives."""

    stateless_methods: ClassVar[frozenset[str]] = frozenset({"run"})

    def __init__(self, fn: Callable[..., Any], item: tuple[Any], *shared: Any) -> None:
        self._run = partial(fn, *item, *shared)

    def run(self) -> Any:
        """Compute the item."""
        return self._run()

    def get_state(self) -> None:
        """There is none."""

    def set_state(self, state: None) -> None:
        """There is none."""
