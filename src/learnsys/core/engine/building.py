"""How a logical worker is made from its shard, the same in a thread, a process and a Ray actor."""

from collections.abc import Callable, Sequence
from typing import Any

from learnsys.core.engine.types import Worker
from learnsys.core.errors import InputError


def build_worker(factory: Callable[..., Any], shard: Any, shared: Sequence[Any]) -> Worker:
    """Load the shard if it is a loader, and make its worker.

    Raises
    ------
    InputError
        If what the factory made cannot give its state or go back to one. It is asked for on every engine, so that a
        worker that runs on threads also runs on a cluster.
    """
    worker: Worker = factory(shard() if callable(shard) else shard, *shared)
    for name in ("get_state", "set_state"):
        if not callable(getattr(worker, name, None)):
            kind = type(worker).__name__
            raise InputError(f"worker {kind} has no {name}()", value=kind, next="write get_state and set_state for it")
    return worker


def check_open(is_open: bool) -> None:
    """Refuse to go on with a closed engine."""
    if not is_open:
        raise InputError("this engine is closed", next="open another one")


def check_shards(shards: Sequence[Any]) -> None:
    """Refuse a group without workers."""
    if len(shards) < 1:
        raise InputError.below("number of shards", len(shards), 1)
