"""Host processes as the driver sees them: started when needed, spoken to all at once, noticed when they die."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, Literal, final
from weakref import finalize

from learnsys.core.engine.building import check_open
from learnsys.core.engine.crews import Reply
from learnsys.core.engine.types import EngineStats


class HostLost(Exception):
    """A host process died."""


class ArgumentLost(Exception):
    """Something that was kept for ``host`` outside the driver cannot be fetched any more."""

    def __init__(self, host: "AbstractHost", why: str) -> None:
        super().__init__(why)
        self.host = host


class AbstractHost(ABC):
    """One process that holds ``Crews``, and the line to it.

    ``life`` counts its starts: what was built in a former life is gone.
    """

    state: Literal["down", "up", "dead"] = "down"
    life: int = 0
    cpu_s: float = 0.0
    shared: set[int]

    @staticmethod
    @abstractmethod
    def pack(value: Any) -> Any:
        """Make a value ready to be sent to any number of hosts; the work of serialising it is done once."""

    @abstractmethod
    def start(self) -> None:
        """Start the process."""

    @abstractmethod
    def send(self, command: str, *args: Any) -> None:
        """Send a command whose arguments are packed or small; a death shows when the answer is received."""

    @abstractmethod
    def receive(self) -> tuple[Reply, Any]:
        """Wait for the answer: the reply, and the packed states that came with it.

        Raises
        ------
        HostLost
            If the process died.
        ArgumentLost
            If an argument cannot be fetched any more.
        """

    @abstractmethod
    def stop(self) -> None:
        """End the process, whatever it is doing; fine if there is none."""


@final
class Shared:
    """A packed value and its key, kept to be sent to hosts that do not have it."""

    key: int

    def __init__(self, packed: Any) -> None:
        self.packed = packed


@final
class Hosts:
    """The hosts of one engine."""

    def __init__(self, hosts: Sequence[AbstractHost], stats: EngineStats) -> None:
        self.all = hosts
        self.stats = stats
        self.pack = hosts[0].pack
        self._keys = count()
        self._retired: deque[int] = deque()
        self._closed = False

    def key_for(self, owner: Any) -> int:
        """Give out a key; when its owner is collected, hosts forget what they hold under it."""
        key = next(self._keys)
        finalize(owner, self._retired.append, key).atexit = False
        return key

    def exchange(self, requests: Sequence[tuple[AbstractHost, tuple[Any, ...]]]) -> list[tuple[Reply, Any]]:
        """Send each host its command and wait for all answers.

        Raises
        ------
        HostLost
            If a host died, after all others have answered.
        """
        answers, deaths = [], []
        try:
            for host, request in requests:
                host.send(*request)
            for host, _ in requests:
                try:
                    answers.append(self._answer(host))
                except HostLost as lost:
                    host.state = "dead"
                    deaths.append(lost)
        except BaseException:  # such as Ctrl-C: answers that nobody waits for must not be taken for later ones
            for host, _ in requests:
                self._stop(host)
            raise
        if deaths:
            raise deaths[0]
        return answers

    def _answer(self, host: AbstractHost) -> tuple[Reply, Any]:
        reply, states = host.receive()
        self.stats.cpu_s += reply.cpu_s - host.cpu_s
        host.cpu_s = reply.cpu_s
        return reply, states

    def raise_up(self, host: AbstractHost) -> int:
        """Start a host that does not run, and return which of its lives this is."""
        self.check_open()
        if host.state != "up":
            self.stats.restarts += host.state == "dead"
            host.start()
            host.state, host.cpu_s, host.shared = "up", 0.0, set()
            host.life += 1
        return host.life

    def share(self, hosts: Iterable[AbstractHost], values: Iterable[Shared]) -> None:
        """Send values to the hosts that do not have them."""
        values = list(values)
        for host in hosts:
            for value in values:
                if value.key not in host.shared:
                    self.exchange([(host, ("share", value.key, value.packed))])
                    host.shared.add(value.key)

    def sweep(self) -> None:
        """Let hosts forget what nobody can ask for any more."""
        keys = [self._retired.popleft() for _ in range(len(self._retired))]
        for host in self.all:
            if keys and host.state == "up":
                with suppress(HostLost):  # it forgot everything then
                    self.exchange([(host, ("forget", keys))])

    def check_open(self) -> None:
        """Refuse to go on after the end."""
        check_open(not self._closed)

    def close(self) -> None:
        """End all processes."""
        self._closed = True
        for host in self.all:
            self._stop(host)

    def _stop(self, host: AbstractHost) -> None:
        host.stop()
        host.state = "down"
