"""Where work runs: threads, processes or a Ray cluster behind the same few verbs.

An engine is opened, gets workers that hold a shard each, calls them round by round and is closed:

>>> import numpy as np
>>> class Mean:
...     def __init__(self, rows): self.rows = rows
...     def total(self, scale): return scale * self.rows.sum(axis=0)
...     def get_state(self): return None
...     def set_state(self, state): pass
>>> shards = np.array_split(np.arange(8.0).reshape(4, 2), 2)
>>> with local(slots=2) as engine:
...     group = engine.workers(Mean, shards)
...     print(group.reduce("total", 0.25), engine.stats.bytes_received)
[3. 4.] 32
"""

from typing import Literal

from learnsys.core.engine.threads import ThreadEngine
from learnsys.core.engine.types import Engine, EngineStats, Group, Ref, Worker
from learnsys.core.errors import InputError, UnknownName
from learnsys.core.host import this_host

__all__ = ["Engine", "EngineStats", "Group", "Ref", "Worker", "local", "open_engine"]


def local(slots: int | None = None, kind: Literal["threads", "processes"] = "threads") -> Engine:
    """Open an engine on this host.

    Parameters
    ----------
    slots : int, optional
        Threads or processes that run at once; all cores that this process may use if not given.
    kind : {"threads", "processes"}
        Threads share memory and suit kernels that release the GIL; processes suit pure Python and survive the death
        of a worker.

    Raises
    ------
    InputError
        If ``slots`` is below 1.
    UnknownName
        If there is no such kind.
    """
    if kind != "threads":
        raise UnknownName.of("kind of local engine", kind, ["threads"])
    return ThreadEngine(_slots(slots))


def open_engine(name: str, slots: int | None = None) -> Engine:
    """Open an engine by the name that a command line gives it."""
    if name != "local":
        raise UnknownName.of("engine", name, ["local"])
    return local(slots)


def _slots(slots: int | None) -> int:
    if slots is None:
        return this_host().cores
    if slots < 1:
        raise InputError.below("slots", slots, 1)
    return slots
