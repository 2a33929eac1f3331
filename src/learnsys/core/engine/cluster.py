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
from learnsys.core.errors import InputError, MissingExtra
from learnsys.core.host import this_host

_INLINE_BYTES: Final = 64 * 1024  # smaller values travel with the command


def open_ray(slots: int | None, address: str | None) -> RemoteEngine:
    """Open an engine on the Ray that runs in this process, on the cluster at ``address``, or on a new local Ray."""
    ray = _import_ray()
    ours = not ray.is_initialized()
    if ours:
        _connect(ray, slots, address)
    try:
        cores = int(ray.cluster_resources().get("CPU", 0))
        slots = slots or max(cores, 1)
        if slots > cores:
            raise InputError(f"slots is {slots}, but Ray has {cores} CPUs", value=slots, next=f"give slots <= {cores}")
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


def _connect(ray: Any, slots: int | None, address: str | None) -> None:
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is not None:
        ray.init(address=address, **quiet)
        return
    ray.init(
        address="local",  # and not a Ray that happens to run on this machine
        num_cpus=slots or this_host().cores,
        include_dashboard=False,
        _node_ip_address="127.0.0.1",
        **quiet,
    )


@final
class ActorHost(AbstractHost):
    """A Ray actor. What is packed is a reference into the object store, or the value itself if it is small."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._actor: Any = None
        self._answer: Any = None

    @staticmethod
    def pack(value: Any) -> Any:
        """Put ``value`` into the object store if it is not small."""
        if payload_bytes(value) < _INLINE_BYTES:
            return value
        import ray

        return ray.put(value)

    def start(self) -> None:
        """Start the actor."""
        actor = self._ray.remote(Crews)
        self._actor = actor.options(num_cpus=1, max_restarts=0, max_task_retries=0).remote()

    def send(self, command: str, *args: Any) -> None:
        """Submit the command; Ray resolves references among the arguments."""
        self._answer = self._actor.run.options(num_returns=2).remote(command, *args)

    def receive(self) -> tuple[Reply, Any]:
        """Fetch the reply; of the states only the reference."""
        errors = self._ray.exceptions
        reply, states = self._answer
        try:
            return self._ray.get(reply), states
        except errors.RayActorError as error:
            self.stop()  # it may be only out of reach
            raise HostLost(str(error).strip().splitlines()[0]) from None
        except errors.ObjectLostError as error:
            raise ArgumentLost(self, str(error).strip().splitlines()[0]) from None
        except errors.RayTaskError as error:
            if isinstance(error.cause, errors.ObjectLostError):
                raise ArgumentLost(self, str(error.cause).strip().splitlines()[0]) from None
            raise error.cause from None

    def stop(self) -> None:
        """Kill the actor."""
        if self._actor is not None and self._ray.is_initialized():
            self._ray.kill(self._actor)
        self._actor = self._answer = None
