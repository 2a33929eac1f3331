"""Load as the world makes it: requests come when they come, whether or not the server keeps up.

A client that waits for each answer before it sends the next request stops asking exactly when the
server is slow, and so leaves out the latencies that matter (*coordinated omission*, Tene 2013).
Here each request has a time when it is due, drawn beforehand, and its latency counts from that
time: a stall of the server, or of this client, is in the latency of every request that was due
meanwhile. How late the client itself sent is reported apart.
"""

import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.serve.client import Connection, resolve

Arrivals = Literal["poisson", "uniform"]
Floats = NDArray[np.float64]
LOST: Final = 0
TIMEOUT: Final = -1
MOST: Final = 5_000_000
_TICK_S: Final = 0.05


def schedule(
    rate: float, *, seconds: float | None, requests: int | None, arrivals: Arrivals = "poisson", seed: int = 0
) -> Floats:
    """Draw when requests are due, in seconds from the start.

    Parameters
    ----------
    rate : float
        Requests a second, > 0.
    seconds, requests : float, int, optional
        Where to end; whichever comes first, at least one is given.
    arrivals : {"poisson", "uniform"}
        Independent gaps with an exponential distribution, or equal gaps.
    seed : int
        Of the gaps.

    Raises
    ------
    InputError
        If there would be no request, or more than five million.

    Examples
    --------
    >>> schedule(100.0, seconds=None, requests=3, arrivals="uniform").tolist()
    [0.0, 0.01, 0.02]
    """
    if not 0 < rate < float("inf"):
        raise InputError(f"rate is {rate}, but must be more than 0", value=rate, next="try --rate 200")
    expected = min(rate * seconds if seconds is not None else MOST + 1, requests if requests is not None else MOST + 1)
    if not 0 < expected <= MOST:
        raise InputError(f"that makes {expected:,.0f} requests", value=expected, next=f"ask for 1 to {MOST:,}")
    if arrivals == "uniform":
        due = np.arange(int(np.ceil(expected))) / rate
    else:
        # Eight standard deviations more than expected are always enough.
        count = int(expected + 8 * np.sqrt(expected) + 8)
        due = np.random.default_rng(seed).exponential(1 / rate, count).cumsum()
    due = due[:requests] if seconds is None else due[:requests][due[:requests] < seconds]
    if not due.size:
        raise InputError(
            f"no request is due within {seconds} s at {rate}/s", value=seconds, next="ask for more seconds"
        )
    return due


@final
class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each request; all arrays have shape (n,), seconds from the start.

    ``status`` is that of HTTP, or ``LOST`` (no connection) or ``TIMEOUT``; ``sent_s`` is NaN for what was never sent.
    """

    due_s: Floats
    sent_s: Floats
    done_s: Floats
    status: NDArray[np.int16]


@final
class OpenLoop:
    """Sends requests when they are due over a pool of connections.

    Parameters
    ----------
    host, port : str, int
        The server.
    messages : sequence of bytes
        Whole HTTP requests, used in turn.
    due_s : array, shape (n,)
        When each is due, ascending.
    connections : int
        Size of the pool; a request that finds none free waits, and the wait counts.
    timeout_s : float
        A request not answered this long after it was sent is given up; all end this long after the last was due.
    """

    def __init__(
        self, host: str, port: int, messages: Sequence[bytes], due_s: Floats, *, connections: int, timeout_s: float
    ) -> None:
        self._address = resolve(host, port)
        self._messages = messages
        self._due = due_s.tolist()  # plain floats: cheaper one by one than NumPy's
        n = len(self._due)
        self._sent, self._done, self._status = [float("nan")] * n, [float("nan")] * n, [TIMEOUT] * n
        self._next, self._open = 0, n
        self._waiting: deque[int] = deque()
        self._timeout_s = timeout_s
        self._poll: Any = select.epoll()
        self._all: dict[int, Connection] = {}
        self._free: list[Connection | None] = [None] * connections
        self._start = 0.0

    def run(self, on_tick: Callable[[int], None] = lambda done: None) -> Outcomes:
        """Send all, wait for all, close all.

        Parameters
        ----------
        on_tick : callable
            Called about twenty times a second with the number of requests that have ended.
        """
        n = len(self._due)
        try:
            self._free = [self._connect() for _ in self._free]
            self._start = time.perf_counter()
            end, tick = self._due[-1] + self._timeout_s, 0.0
            while self._open and (now := self._now()) < end:
                self._send_due(now)
                self._collect(min(now + _TICK_S, self._due[self._next] if self._next < n else end) - self._now())
                if now >= tick:
                    tick = now + _TICK_S
                    self._give_up(now)
                    on_tick(n - self._open)
        finally:
            for connection in self._all.values():
                connection.close()
            self._poll.close()
        over = self._now()
        done = np.where(np.isnan(self._done), over, self._done)
        status = np.array(self._status, np.int16)
        return Outcomes(due_s=np.array(self._due), sent_s=np.array(self._sent), done_s=done, status=status)

    def _now(self) -> float:
        return time.perf_counter() - self._start

    def _connect(self) -> Connection | None:
        with suppress(OSError):
            connection = Connection(self._address)
            self._all[connection.fileno()] = connection
            self._poll.register(connection, select.EPOLLIN)
            return connection
        return None

    def _send_due(self, now: float) -> None:
        while self._next < len(self._due) and self._due[self._next] <= now:
            self._waiting.append(self._next)
            self._next += 1
        while self._waiting and self._free:
            self._send(self._free.pop() or self._connect(), self._waiting.popleft())

    def _send(self, connection: Connection | None, request: int) -> None:
        self._sent[request] = self._now()
        if connection is None:
            self._end(request, LOST)
            self._free.insert(0, None)
            return
        try:
            if not connection.send(request, self._messages[request % len(self._messages)]):
                self._poll.modify(connection, select.EPOLLIN | select.EPOLLOUT)
        except OSError:
            self._drop(connection, LOST)

    def _collect(self, wait_s: float) -> None:
        # epoll itself rounds to whole milliseconds, which would delay what is due; select does not.
        if wait_s > 0:
            select.select([self._poll], [], [], wait_s)
        for descriptor, event in self._poll.poll(0):
            self._advance(self._all[descriptor], event)

    def _advance(self, connection: Connection, event: int) -> None:
        try:
            if event & select.EPOLLOUT and connection.flush():
                self._poll.modify(connection, select.EPOLLIN)
            status = connection.receive() if event & ~select.EPOLLOUT else None
        except OSError:
            self._drop(connection, LOST)
            return
        if status is not None and connection.request is not None:
            request, connection.request = connection.request, None
            self._end(request, status)
            if connection.reusable:
                self._free.append(connection)
            else:
                self._drop(connection, LOST)

    def _end(self, request: int, status: int) -> None:
        self._done[request], self._status[request] = self._now(), status
        self._open -= 1

    def _drop(self, connection: Connection, status: int) -> None:
        """Close a connection, end its request if it has one, and make room for a new one."""
        del self._all[connection.fileno()]
        self._poll.unregister(connection)
        connection.close()
        if connection.request is not None:
            self._end(connection.request, status)
        if connection in self._free:
            self._free.remove(connection)
        self._free.insert(0, None)  # connecting takes time: live connections are used first

    def _give_up(self, now: float) -> None:
        for connection in list(self._all.values()):
            if connection.request is not None and now - self._sent[connection.request] > self._timeout_s:
                self._drop(connection, TIMEOUT)
