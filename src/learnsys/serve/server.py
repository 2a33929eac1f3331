"""A server process from start to stop: load, bind, warm up, answer, drain."""

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from errno import EADDRINUSE
from pathlib import Path
from types import FrameType
from typing import Final, final

import uvicorn
import uvloop
from threadpoolctl import threadpool_limits

from learnsys.core.errors import InputError, PortInUse
from learnsys.core.files import write_atomic
from learnsys.core.predictor import Predictor, load
from learnsys.core.units import format_duration, parse_duration
from learnsys.serve.app import App
from learnsys.serve.runner import Runner
from learnsys.serve.wire import HttpProtocol

DRAIN_S: Final = 10
KEEP_ALIVE_S: Final = 75
LOOK_S: Final = 0.05  # between two looks for signals while models warm up
# A model's thread that is done waits this long for the event loop's thread to hand over the
# interpreter; Python's 5 ms is half of a 10 ms SLO.
SWITCH_S: Final = 0.0002


def serve(
    models: Sequence[Predictor | Path | str],
    *,
    slo: str | float = "10ms",
    host: str = "127.0.0.1",
    port: int = 8000,
    announce: Path | str | None = None,
) -> None:
    """Serve models over HTTP until SIGTERM or SIGINT, then answer what is in flight and return.

    Parameters
    ----------
    models : sequence of Predictor or path
        Models, or folders where they are saved.
    slo : str or float
        Time from arrival to answer; a request that cannot be answered in it gets status 503.
    host, port : str, int
        Where to listen; port 0 takes a free one.
    announce : path, optional
        A file that gets the server's URL once it is ready.

    Raises
    ------
    BadFile
        If a model cannot be loaded.
    InputError
        If the SLO is not positive, there is no model, or the host does not exist.
    PortInUse
        If another program listens there.
    """
    slo_s = parse_duration(slo)
    if slo_s <= 0:
        raise InputError(f"the SLO is {slo!r}, but must be more than 0", value=slo, next="try --slo 10ms")
    if not models:
        raise InputError("there is no model to serve", next="name at least one model folder")
    runners = [Runner(load(m) if isinstance(m, str | Path) else m, slo_s=slo_s) for m in models]
    app = App(runners, draining=lambda: server.should_exit)
    server = _Server(
        uvicorn.Config(
            app, interface="asgi3", http=HttpProtocol, ws="none", lifespan="off", log_config=None, log_level="error",
            access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=DRAIN_S,
        ),
        on_started=lambda: None if announce is None else write_atomic(announce, url),
    )  # fmt: skip
    with bind(host, port) as listener, _stopping(server), _process_settings():
        url = _url(listener)
        _say(f"{url} serves {', '.join(r.predictor.name for r in runners)} within {format_duration(slo_s)}")
        _warm_up(runners)
        server.warm = True
        _say("ready; " + "; ".join(r.cost_line() for r in runners))
        gc.collect()
        gc.freeze()  # what is alive now stays alive: collections need not look at it again
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
            loop.run(_until_stopped(server, runners, listener))
    statuses = sum((r.metrics.statuses for r in runners), Counter[int]())
    _say("drained; responses: " + (", ".join(f"{n:,} x {s}" for s, n in sorted(statuses.items())) or "none"))


@final
class _Server(uvicorn.Server):
    """uvicorn's server, which says when connections are accepted.

    Attributes
    ----------
    warm : bool
        Whether the models are warm: from then on it stops by draining.
    """

    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], object]) -> None:
        super().__init__(config)
        self.warm = False
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then say so."""
        await super().startup(sockets)
        self._on_started()


def _warm_up(runners: Sequence[Runner]) -> None:
    """Warm the models up in a thread, and look for signals meanwhile.

    A signal that arrives between Python's last look and a blocking call of the model's would wait for
    that call's end, which for a model that hangs never comes.
    """

    def warm_all() -> None:
        for runner in runners:
            runner.warm_up()

    thread = threading.Thread(target=warm_all, name="warm-up", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(LOOK_S)


async def _until_stopped(server: uvicorn.Server, runners: Sequence[Runner], listener: socket.socket) -> None:
    for runner in runners:
        runner.start()
    await server.serve(sockets=[listener])
    for runner in runners:
        runner.stop()


def bind(host: str, port: int) -> socket.socket:
    """Claim a port, so that a port in use is known before any other work.

    Raises
    ------
    InputError
        If there is no such host or port, or it may not be used.
    PortInUse
        If another program listens there.
    """
    try:
        if not 0 <= port <= 65535:
            raise OSError("ports are 0 to 65535")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == EADDRINUSE:
            raise PortInUse.of(host, port) from error
        raise InputError(
            f"cannot listen on {host} port {port}: {error}", value=port, next="try --host 127.0.0.1 --port 8000"
        ) from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _process_settings() -> Iterator[None]:
    """Settings of a process that serves small batches with short deadlines; put back at the end."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        with threadpool_limits(1):
            yield
    finally:
        sys.setswitchinterval(before)
        gc.unfreeze()


@contextmanager
def _stopping(server: _Server) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the process with code 0 whenever they come.

    uvicorn handles them while it runs; then it puts this handler back and raises once more what stopped it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if not server.warm:  # perhaps in a model that hangs
            sys.exit(0)
        server.should_exit = True

    before = {s: signal.signal(s, stop) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
