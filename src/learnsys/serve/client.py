"""A small HTTP/1.1 client for load: one keep-alive connection, one request at a time, nothing else.

It does not wait: whoever drives it asks for readiness first, so that thousands of requests a
second cost the client little and its own delay stays out of what it measures.
"""

import os
import socket
from errno import EINPROGRESS
from http.client import HTTPConnection, HTTPException
from typing import Annotated, Any, Final, Self, TypeVar, final
from urllib.parse import urlsplit

import httptools
import msgspec

from learnsys.core.errors import InputError, UnknownName, WorkFailed
from learnsys.core.predictor import TensorSpec

T = TypeVar("T")
Address = tuple[int, Any]  # a family, and an address as its sockets take it
CONNECT_S: Final = 2.0
_CHUNK: Final = 65536


class Unreachable(WorkFailed):
    """No server answers at a URL as it should."""

    @classmethod
    def at(cls, url: str, problem: object) -> Self:
        """``url`` gives ``problem`` instead of an answer."""
        return cls(f"no server answers at {url}: {problem}", value=url, next="start one: learnsys serve run MODEL")


def resolve(host: str, port: int) -> Address:
    """Find the family and address of a host where a server answers; if none answers, the first one.

    Raises
    ------
    OSError
        If there is no such host.
    """
    try:
        with socket.create_connection((host, port), timeout=CONNECT_S) as answering:
            return answering.family, answering.getpeername()
    except OSError:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return family, address


@final
class Connection:
    """A keep-alive connection that is used for one request at a time.

    Nothing waits, not even the start: a request sent while it still connects goes out when it has, and a
    connection that is refused later is an error of ``flush`` or ``receive``.

    Parameters
    ----------
    address : Address
        As ``resolve`` gives it.

    Attributes
    ----------
    request : int or None
        Whatever number the driver gave the request that is under way.

    Raises
    ------
    OSError
        If it is refused at once.
    """

    def __init__(self, address: Address) -> None:
        self.request: int | None = None
        self._socket = socket.socket(address[0], socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if (code := self._socket.connect_ex(address[1])) not in (0, EINPROGRESS):
            self._socket.close()
            raise OSError(code, os.strerror(code))
        self._unsent: memoryview = memoryview(b"")
        self._parser = httptools.HttpResponseParser(self)
        self._status: int | None = None
        self.reusable = True

    def fileno(self) -> int:
        """Descriptor, for ``epoll``."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def send(self, request: int, message: bytes) -> bool:
        """Begin a request; True if all of it went out at once.

        Raises
        ------
        ConnectionError
            If the server has closed the connection.
        """
        self.request, self._unsent, self._status = request, memoryview(message), None
        return self.flush()

    def flush(self) -> bool:
        """Send what is left of the request; True if nothing is left."""
        try:
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            return False
        return True

    def receive(self) -> int | None:
        """Read what has come; the status of the response if that is whole.

        Raises
        ------
        ConnectionError
            If the server has closed the connection, or sends something else than HTTP.
        """
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return None
        if not data:
            raise ConnectionResetError("closed by the server")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise ConnectionAbortedError(str(error)) from error
        return self._status

    def on_message_complete(self) -> None:
        """Called by the parser at the end of a response."""
        self._status = self._parser.get_status_code()
        self.reusable = self._parser.should_keep_alive()


@final
class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a model is served, and what it takes."""

    host: str
    port: int
    path: str
    model: str
    version: str
    inputs: tuple[TensorSpec, ...]

    def message(self, body: bytes, json_length: int | None = None) -> bytes:
        """Write a whole inference request."""
        binary = "" if json_length is None else f"inference-header-content-length: {json_length}\r\n"
        head = (
            f"POST {self.path}/infer HTTP/1.1\r\nhost: {self.host}:{self.port}\r\n"
            f"content-type: application/json\r\n{binary}content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def find(url: str, model: str | None = None) -> Endpoint:
    """Ask a server of the Open Inference Protocol for a model.

    Parameters
    ----------
    url : str
        Such as ``http://127.0.0.1:8000``.
    model : str, optional
        Its name; not needed if the server has one model.

    Raises
    ------
    InputError
        If the URL is no http URL, or the server has several models and none is named.
    UnknownName
        If the server has no such model.
    Unreachable
        If no server answers there.
    """
    host, port, base = _split(url)
    connection = HTTPConnection(host, port, timeout=CONNECT_S)
    try:
        index = _ask(connection, url, "POST", f"{base}/v2/repository/index", list[_Listed])
        known = list(dict.fromkeys(m.name for m in index))
        if model is None and len(known) != 1:
            raise InputError(f"{url} serves {', '.join(known)}", value=known, next="choose one: --model NAME")
        if (name := model or known[0]) not in known:
            raise UnknownName.of("model", name, known)
        about = _ask(connection, url, "GET", f"{base}/v2/models/{name}", _About)
    finally:
        connection.close()
    inputs = tuple(
        TensorSpec(name=i.name, dtype=i.datatype, shape=tuple(None if n < 0 else n for n in i.shape))
        for i in about.inputs
    )
    return Endpoint(
        host=host, port=port, path=f"{base}/v2/models/{name}", model=name, version=about.versions[-1], inputs=inputs
    )


@final
class _Listed(msgspec.Struct):
    name: str


@final
class _Tensor(msgspec.Struct):
    name: str
    datatype: str
    shape: list[int]


@final
class _About(msgspec.Struct):
    versions: Annotated[list[str], msgspec.Meta(min_length=1)]
    inputs: list[_Tensor]


def _split(url: str) -> tuple[str, int, str]:
    try:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host = None
    if not host or parts.scheme != "http":
        raise InputError(f"{url!r} is no http URL", value=url, next="write http://HOST:PORT")
    return host, port, parts.path.rstrip("/")


def _ask(connection: HTTPConnection, url: str, method: str, path: str, kind: type[T]) -> T:
    try:
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise Unreachable.at(url, f"{method} {path} has status {response.status}")
        return msgspec.json.decode(body, type=kind)
    except (OSError, HTTPException, msgspec.DecodeError) as error:
        raise Unreachable.at(url, error) from error
