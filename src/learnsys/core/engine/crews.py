"""What a host process holds: crews of workers, one crew a group, and shared values.

The same object serves at the end of a pipe and as a Ray actor. Workers of a crew run one after the other, and each
command is answered by a ``Reply`` and, apart from it, by the states of the workers, which the driver keeps unopened.
"""

import pickle
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, final

import msgspec

from learnsys.core.engine.building import build_worker
from learnsys.core.engine.one_thread import limit_for_good
from learnsys.core.engine.types import Worker
from learnsys.core.errors import WorkFailed


@final
class Failure(msgspec.Struct, frozen=True):
    """An exception on its way to the driver."""

    error: Exception
    trace: str

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Pack ``error``, or if it cannot be pickled, an error with the same words."""
        trace = "".join(traceback.format_exception(error))
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            error = WorkFailed(f"{type(error).__name__} in a worker: {error}")
        return cls(error, trace)


@final
class Reply(msgspec.Struct, frozen=True):
    """One outcome for each worker, whether states come with it, and the CPU seconds of the process so far."""

    outcomes: list[Any]
    changed: bool
    cpu_s: float

    @classmethod
    def of(cls, outcomes: Iterable[Any], states: list[Any] | None = None) -> tuple[Self, list[Any] | None]:
        """Answer with outcomes, and states if they may have changed."""
        return cls(list(outcomes), states is not None, time.process_time()), states


Answer = tuple[Reply, list[Any] | None]


@final
class Crews:
    """Carries out the driver's commands. Keys are numbers that the driver gives to groups and shared values."""

    def __init__(self) -> None:
        self._shared: dict[int, Any] = {}
        self._crews: dict[int, list[Worker]] = {}

    def run(self, command: str, *args: Any) -> Answer:
        """Carry out a command; a failure of the command itself is the only outcome then."""
        try:
            answer: Answer = getattr(self, f"_{command}")(*args)
        except Exception as error:
            return Reply.of([Failure.of(error)])
        return answer

    def _hold(self) -> Answer:
        limit_for_good()
        return Reply.of([])

    def _share(self, key: int, value: Any) -> Answer:
        self._shared[key] = value
        return Reply.of([])

    def _forget(self, keys: Sequence[int]) -> Answer:
        for key in keys:
            self._shared.pop(key, None)
            self._crews.pop(key, None)
        return Reply.of([])

    def _build(self, key: int, factory: Callable[..., Any], shards: Sequence[Any], names: Sequence[int]) -> Answer:
        shared = [self._shared[name] for name in names]
        built = [_outcome(build_worker, factory, shard, shared) for shard in shards]
        self._crews[key] = built
        return Reply.of(worker if isinstance(worker, Failure) else None for worker in built)

    def _call(self, key: int, method: str, args: Sequence[Any]) -> Answer:
        crew = self._crews[key]
        outcomes = [_outcome(_method, worker, method, args) for worker in crew]
        if all(method in getattr(worker, "stateless_methods", ()) for worker in crew):
            return Reply.of(outcomes)
        return Reply.of(outcomes, [worker.get_state() for worker in crew])

    def _snapshot(self, key: int) -> Answer:
        return Reply.of([], [worker.get_state() for worker in self._crews[key]])

    def _restore(self, key: int, states: Sequence[Any]) -> Answer:
        for worker, state in zip(self._crews[key], states, strict=True):
            worker.set_state(state)
        return Reply.of([])


def _method(worker: Worker, name: str, args: Sequence[Any]) -> Any:
    return getattr(worker, name)(*args)


def _outcome(fn: Callable[..., Any], *args: Any) -> Any:
    """Return what ``fn`` returns, or its failure."""
    try:
        return fn(*args)
    except Exception as error:
        return Failure.of(error)
