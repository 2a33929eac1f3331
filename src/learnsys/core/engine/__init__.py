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

__all__ = ["Engine", "EngineStats", "Group", "Ref", "Worker", "local", "open_engine", "ray"]


def local(slots: int | None = None, kind: Literal["threads", "processes"] = "threads") -> Engine:
    """Open an engine on this machine.

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
    slots = this_host().cores if slots is None else _at_least_one(slots)
    if kind == "threads":
        return ThreadEngine(slots)
    if kind != "processes":
        raise UnknownName.of("kind of local engine", kind, ["threads", "processes"])
    from learnsys.core.engine.processes import open_processes

    return open_processes(slots)


def ray(slots: int | None = None, address: str | None = None) -> Engine:
    """Open an engine on Ray actors.

    A Ray that this process has initialised already is used and left running. Otherwise one is started that listens on
    the loopback device only and sends no usage reports, and is shut down on close.

    Parameters
    ----------
    slots : int, optional
        Actors that run at once, each with one CPU; all CPUs if not given.
    address : str, optional
        A cluster to connect to instead of starting Ray here.

    Raises
    ------
    InputError
        If ``slots`` is below 1 or more than Ray has CPUs.
    MissingExtra
        If Ray is not installed.
    """
    from learnsys.core.engine.cluster import open_ray

    return open_ray(None if slots is None else _at_least_one(slots), address)


def open_engine(name: str, slots: int | None = None) -> Engine:
    """Open an engine by the name that a command line gives it.

    Parameters
    ----------
    name : {"local", "ray"}
        Threads of this process, or Ray.
    slots : int, optional
        What runs at once.

    Raises
    ------
    UnknownName
        If there is no such engine.
    """
    if name == "local":
        return local(slots)
    if name == "ray":
        return ray(slots)
    raise UnknownName.of("engine", name, ["local", "ray"])


def _at_least_one(slots: int) -> int:
    if slots < 1:
        raise InputError.below("slots", slots, 1)
    return slots
