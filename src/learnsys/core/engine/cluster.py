"""Hosts that are actors of Ray, on this machine or on a cluster.

Ray restarts nothing here: it would bring one actor back, where all workers have to go back to one state. Big arguments
are put into the object store once per call. The states of a round stay there too, owned by the driver, which never
fetches them, so that they outlive the process that made them.
"""

import logging
import os
from typing import Any, Final, final

from learnsys.core.engine.crews import Crews, Reply
from learnsys.core.engine.hosts import AbstractHost, ArgumentLost, HostLost
from learnsys.core.engine.payload import payload_bytes
from learnsys.core.engine.remote import RemoteEngine
from learnsys.core.errors import InputError, MissingExtra, WorkFailed
from learnsys.core.host import this_host

_QUIET: Final[dict[str, Any]] = {"logging_level": logging.ERROR, "log_to_driver": False}
_PATIENCE_S: Final = 60.0  # until an actor has found a CPU
_INLINE_BYTES: Final = 64 * 1024  # smaller values travel with the command


def open_ray(slots: int | None, address: str | None) -> RemoteEngine:
    """Open an engine on the Ray that runs in this process, on the cluster at ``address``, or on a new local Ray."""
    ray = _import_ray()
    ours = not ray.is_initialized()
    if ours and address is None:
        start_ray(slots or this_host().cores)
    elif ours:
        ray.init(address=address, **_QUIET)
    try:
        cpus, free = (int(r.get("CPU", 0)) for r in (ray.cluster_resources(), ray.available_resources()))
        slots = slots or max(free, 1)
        if slots > cpus:
            raise InputError(f"slots is {slots}, but Ray has {cpus} CPUs", value=slots, next=f"give slots <= {cpus}")
        hosts = [ActorHost(ray) for _ in range(slots)]
        return RemoteEngine("ray", hosts, ray.shutdown if ours else None)
    except BaseException:
        if ours:
            ray.shutdown()
        raise


def _import_ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise MissingExtra.of("ray", "ray") from None
    return ray


def start_ray(cpus: int, **options: Any) -> None:
    """Start a Ray of our own that listens on the loopback device only, and connect this process to it.

    Parameters
    ----------
    cpus : int
        Actors with one CPU each that it can hold at once.
    **options
        Any others of ``ray.init``.
    """
    ray = _import_ray()
    from ray._private import ray_constants as constants

    # Ray replaces 127.0.0.1 by an address that others can reach and listens on all devices, except where it does not
    # support clusters: so for the time of init it is told that this is such a place.
    former = getattr(constants, "ENABLE_RAY_CLUSTER", True)
    constants.ENABLE_RAY_CLUSTER = False
    try:
        ray.init(
            address="local",  # and not a Ray that happens to run on this machine
            num_cpus=cpus,
            include_dashboard=False,
            _node_ip_address="127.0.0.1",
            **_QUIET,
            **options,
        )
    finally:
        constants.ENABLE_RAY_CLUSTER = former


@final
class ActorHost(AbstractHost):
    """A Ray actor. What is packed is a reference into the object store, or the value itself if it is small."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._actor: Any = None
        self._ready: Any = None
        self._answer: Any = None

    @staticmethod
    def pack(value: Any) -> Any:
        """Put ``value`` into the object store if it is not small."""
        if payload_bytes(value) < _INLINE_BYTES:
            return value
        import ray

        return ray.put(value)

    def start(self) -> None:
        """Ask for an actor."""
        actor = self._ray.remote(Crews)
        self._actor = actor.options(num_cpus=1, max_restarts=0, max_task_retries=0).remote()
        self._ready = self._actor.run.remote("hold")

    def send(self, command: str, *args: Any) -> None:
        """Submit the command; Ray resolves references among the arguments."""
        self._answer = self._actor.run.options(num_returns=2).remote(command, *args)

    def receive(self) -> tuple[Reply, Any]:
        """Fetch the reply; of the states only the reference."""
        errors = self._ray.exceptions
        reply, states = self._answer
        try:
            self._wait_until_ready()
            return self._ray.get(reply), states
        except errors.RayActorError as error:
            self.stop()  # it may be only out of reach
            raise HostLost(str(error).strip().splitlines()[0]) from None
        except errors.ObjectLostError as error:
            raise ArgumentLost(self, str(error).strip().splitlines()[0]) from None
        except errors.RayTaskError as error:  # an argument or a result that cannot be serialised
            raise error.cause from None

    def _wait_until_ready(self) -> None:
        """Do not wait for ever: an actor is not placed while others hold the CPUs."""
        if self._ready is None:
            return
        try:
            self._ray.get(self._ready, timeout=_PATIENCE_S)
        except self._ray.exceptions.GetTimeoutError:
            raise WorkFailed(
                f"Ray has started no worker within {_PATIENCE_S:.0f} s",
                next="free some of its CPUs, or use fewer slots",
            ) from None
        self._ready = None

    def stop(self) -> None:
        """Kill the actor."""
        if self._actor is not None and self._ray.is_initialized():
            self._ray.kill(self._actor)
        self._actor = self._ready = self._answer = None
