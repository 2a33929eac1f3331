"""Rounds that survive the death of a process: go back to the last agreed state and do it again.

A round is full when every worker has answered. Its states are what the workers then agree on, and the driver keeps
them, unopened. If a process dies, the round is not full: the process is started again, its workers are made anew from
their shards, *all* workers are put back to the agreed state, and the round is repeated. The answer is therefore the
same, bit for bit, as without the fault, as long as workers keep in their state whatever changes (random generators
included).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, Final, final

from learnsys.core.engine.crews import Failure
from learnsys.core.engine.hosts import AbstractHost, ArgumentLost, HostLost, Hosts, Shared
from learnsys.core.engine.payload import payload_bytes
from learnsys.core.errors import WorkerLost

REPEATS: Final = 3


class WorkerTrace(Exception):
    """Where in a worker an error was raised: shown as its cause, since tracebacks stay in their process."""

    def __str__(self) -> str:
        return f"in a worker process:\n{self.args[0]}"


@final
@dataclass
class _Crew:
    """The workers of a group that live on one host."""

    host: AbstractHost
    members: range
    life: int = 0  # of the host when they were built
    agreed: Any = None  # their packed states after the last full round


@final
class RemoteGroup:
    """Workers on hosts: shard i lives on host i modulo the number of hosts."""

    def __init__(
        self, hosts: Hosts, factory: Callable[..., Any], shards: Sequence[Any], shared: Sequence[Shared]
    ) -> None:
        self._hosts = hosts
        self._key = hosts.key_for(self)
        self._factory = hosts.pack(factory)
        self._shards = shards
        self._shared = shared
        used = hosts.all[: len(shards)]
        self._crews = [_Crew(host, range(h, len(shards), len(used))) for h, host in enumerate(used)]
        self._in_step = False  # all workers are in the agreed state
        self._persist("build", lambda: None)

    def call(self, method: str, *args: Any) -> list[Any]:
        """Call ``method`` on every worker; results in shard order."""
        packed = self._hosts.pack(args)
        results: list[Any] = self._persist(
            method, lambda: self._exchange("call", self._crews, lambda crew: (method, packed))
        )
        self._hosts.stats.bytes_sent += len(results) * payload_bytes(args)
        self._hosts.stats.bytes_received += payload_bytes(results)
        return results

    def reduce(self, method: str, *args: Any, op: Callable[[Any, Any], Any] = add) -> Any:
        """Call ``method`` on every worker and fold the results from left to right in shard order."""
        return reduce(op, self.call(method, *args))

    def _persist(self, name: str, one_round: Callable[[], Any]) -> Any:
        """Do a round from the agreed state, again if a process dies in it."""
        for _ in range(1 + REPEATS):
            try:
                self._go_back()
                self._in_step = False  # until the round is full
                results = one_round()
            except HostLost as lost:
                why = lost
            else:
                self._in_step = True
                return results
        raise WorkerLost.again(name, 1 + REPEATS, why)

    def _go_back(self) -> None:
        """Bring every worker to the agreed state; nothing to do if all are there."""
        fresh = [crew for crew in self._crews if self._hosts.raise_up(crew.host) != crew.life]
        if fresh:
            self._in_step = False
            self._hosts.share([crew.host for crew in fresh], self._shared)
            self._exchange("build", fresh, self._recipe)
            for crew in fresh:
                crew.life = crew.host.life
        if self._crews[0].agreed is None:
            self._exchange("snapshot", self._crews, lambda crew: ())
        elif not self._in_step:
            self._exchange("restore", self._crews, lambda crew: (crew.agreed,))

    def _recipe(self, crew: _Crew) -> tuple[Any, ...]:
        shards = self._hosts.pack([self._shards[i] for i in crew.members])
        return self._factory, shards, [value.key for value in self._shared]

    def _exchange(self, command: str, crews: Sequence[_Crew], rest: Callable[[_Crew], tuple[Any, ...]]) -> list[Any]:
        """Have crews carry out a command; outcomes in shard order, or the first failure raised."""
        try:
            answers = self._hosts.exchange([(crew.host, (command, self._key, *rest(crew))) for crew in crews])
        except ArgumentLost as lost:
            members = next(crew.members for crew in crews if crew.host is lost.host)
            raise WorkerLost.beyond_repair(members, command, lost) from lost
        outcomes: list[Any] = [None] * len(self._shards)
        for crew, (reply, states) in zip(crews, answers, strict=True):
            if reply.changed:
                crew.agreed = states
            for i, outcome in zip(crew.members, reply.outcomes, strict=False):  # a command that failed has one outcome
                outcomes[i] = outcome
        for outcome in outcomes:
            if isinstance(outcome, Failure):
                raise outcome.error from WorkerTrace(outcome.trace)
        return outcomes
