"""The HTTP face of the models: an ASGI application of the Open Inference Protocol v2.

Routes are two tables, made once: one look-up finds the handler, and nothing but the handler runs.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final, final

from learnsys.core.errors import InputError, LearnsysError, Refused, UnknownName
from learnsys.core.predictor import Predictor
from learnsys.serve.batcher import Ticket
from learnsys.serve.metrics import exposition
from learnsys.serve.protocol import (
    HEADER_LENGTH,
    model_metadata,
    read_question,
    server_metadata,
    write_answer,
    write_json,
)
from learnsys.serve.runner import ClientGone, Runner, Shed

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MAX_BODY: Final = 16 * 1024 * 1024
MAX_DIGITS: Final = 18
BODY_S: Final = 10.0
JSON: Final = (b"content-type", b"application/json")
CLOSE: Final = (b"connection", b"close")
_LOG: Final = logging.getLogger("learnsys.serve")
_NAME: Final = re.compile(r"[A-Za-z0-9_.+~-]+")


class HttpError(LearnsysError):
    """A refusal with an HTTP status of its own."""

    def __init__(self, status: int, message: str, *, next: str = "", headers: Headers | None = None) -> None:
        super().__init__(message, next=next)
        self.status = status
        self.headers = headers or []


@final
class App:
    """Answers HTTP requests for models.

    Parameters
    ----------
    runners : sequence of Runner
        One for each model and version, started; of versions of one name the last is the default.
    draining : callable
        True once the server has been told to stop.

    Raises
    ------
    InputError
        If a name cannot stand in a URL, or a name and version come twice.
    """

    def __init__(self, runners: Sequence[Runner], *, draining: Callable[[], bool] = lambda: False) -> None:
        self._draining = draining
        self._versions: dict[str, dict[str, Runner]] = {}
        for runner in runners:
            _check(runner.predictor, self._versions)
            self._versions.setdefault(runner.predictor.name, {})[runner.predictor.version] = runner
        self._get: dict[str, Callable[[], bytes | tuple[int, bytes]]] = {
            "/v2": lambda: write_json(server_metadata()),
            "/v2/health/live": lambda: write_json({"live": True}),
            "/v2/health/ready": lambda: self._readiness(*runners),
        }
        self._infer: dict[str, Runner] = {}
        self._feedback: dict[str, Runner] = {}
        for name, versions in self._versions.items():
            self._mount(f"/v2/models/{name}", list(versions.values())[-1])
            for version, runner in versions.items():
                self._mount(f"/v2/models/{name}/versions/{version}", runner)

    def _mount(self, path: str, runner: Runner) -> None:
        model = runner.predictor
        about = write_json(model_metadata(model, list(self._versions[model.name])))
        self._get[path] = lambda: about
        self._get[f"{path}/ready"] = lambda: self._readiness(runner, name=model.name)
        self._infer[f"{path}/infer"] = runner
        self._feedback[f"{path}/feedback"] = runner

    @property
    def _posted(self) -> set[str]:
        """Paths that take POST."""
        return {*self._infer, *self._feedback, "/v2/repository/index"}

    def _readiness(self, *runners: Runner, **about: str) -> tuple[int, bytes]:
        """Say whether all of ``runners`` would take a request now."""
        ready = not self._draining() and all(r.ready for r in runners)
        return 200 if ready else 503, write_json(about | {"ready": ready})

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"no {scope['type']} here")
        try:
            runner = self._infer.get(scope["path"]) or self._infer.get(scope["path"].rstrip("/"))
            if runner is not None and scope["method"] == "POST":
                status, body, headers = await _infer(runner, scope, receive)
            elif scope["method"] == "POST" and (judged := self._feedback.get(scope["path"].rstrip("/"))) is not None:
                status, body, headers = await _reward(judged, scope, receive)
            else:
                status, body, headers = self._other(scope["method"], scope["path"])
        except ClientGone:
            return
        except Exception as error:  # a client gets an answer, whatever happened
            status, body, headers = _failure(error)
        headers += [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _other(self, method: str, path: str) -> tuple[int, bytes, Headers]:
        """Answer all that is no inference."""
        path = path.rstrip("/") or "/"
        if path == "/metrics":
            named = {f"{n}/{v}": r.metrics for n, versions in self._versions.items() for v, r in versions.items()}
            return 200, exposition(named).encode(), [(b"content-type", b"text/plain; version=0.0.4")]
        if path == "/v2/repository/index" and method == "POST":
            index = [
                {"name": n, "version": v, "state": "READY" if runner.ready else "UNAVAILABLE"}
                for n, versions in self._versions.items()
                for v, runner in versions.items()
            ]
            return 200, write_json(index), [JSON]
        handler = self._get.get(path)
        if handler is None or method != "GET":
            raise self._refusal(method, path)
        done = handler()
        return (*done, [JSON]) if isinstance(done, tuple) else (200, done, [JSON])

    def _refusal(self, method: str, path: str) -> LearnsysError:
        """Say why there is nothing at ``path``, or not by ``method``."""
        allowed = "GET" if path in self._get else "POST" if path in self._posted else ""
        if allowed:
            return HttpError(405, f"{method} is not allowed here", next=f"use {allowed}",
                             headers=[(b"allow", allowed.encode())])  # fmt: skip
        match path.split("/")[1:]:
            case ["v2", "models", name, *_] if name not in self._versions:
                unknown: LearnsysError = UnknownName.of("model", name, self._versions)
            case ["v2", "models", name, "versions", version, *_] if version not in self._versions[name]:
                unknown = UnknownName.of(f"version of model {name!r}", version, self._versions[name])
            case _:
                unknown = UnknownName.of("path", path, [*self._get, *self._posted])
        return HttpError(404, unknown.message, next=unknown.next)


def _check(model: Predictor, taken: dict[str, dict[str, Runner]]) -> None:
    for what, word in (("name", model.name), ("version", model.version)):
        if not _NAME.fullmatch(word):
            raise InputError(f"a model's {what} stands in URLs, {word!r} cannot", value=word, next="rename it")
    if model.version in taken.get(model.name, ()):
        raise InputError(
            f"two models are named {model.name!r}, version {model.version!r}", value=model.name, next="rename one"
        )


async def _infer(runner: Runner, scope: Message, receive: Receive) -> tuple[int, bytes, Headers]:
    length, binary, encoding = None, None, None
    for key, value in scope["headers"]:
        if key == b"content-length":
            length = value
        elif key == HEADER_LENGTH:
            binary = value
        elif key == b"content-encoding":
            encoding = value
    if encoding not in (None, b"identity"):
        raise HttpError(415, f"content-encoding {encoding.decode('latin-1')!r} is not supported", next="send it plain")
    body = await _read_body(receive, length)
    arrived = runner.clock()
    runner.metrics.requests += 1
    status = 500
    try:
        if binary is not None and not (binary.isdigit() and len(binary) <= MAX_DIGITS):
            shown = binary[: MAX_DIGITS + 1].decode("latin-1")
            raise InputError(f"Inference-Header-Content-Length is {shown!r}, no number of bytes")
        question = read_question(body, None if binary is None else int(binary), runner.predictor.outputs)
        ticket = runner.submit(question.inputs, arrived=arrived)
        outputs = await _outcome(runner, ticket, receive)
        answer, json_length = write_answer(runner.predictor, question, outputs)
        status = 200
        if question.id is not None:
            runner.feedback.answered(question.id)
    except LearnsysError as error:
        status = _status(error)
        raise
    finally:
        runner.metrics.response(status, runner.clock() - arrived)
    if json_length is None:
        return status, answer, [JSON]
    return status, answer, [(b"content-type", b"application/octet-stream"), (HEADER_LENGTH, b"%d" % json_length)]


async def _reward(runner: Runner, scope: Message, receive: Receive) -> tuple[int, bytes, Headers]:
    """Take what a client tells of an answer that it got before."""
    reward = runner.feedback.reward(await _read_body(receive, dict(scope["headers"]).get(b"content-length")))
    runner.metrics.feedback(reward)
    return 200, write_json({"reward": reward}), [JSON]


async def _outcome(runner: Runner, ticket: Ticket, receive: Receive) -> Any:
    """Wait for the answer; while still queued, watch for the client leaving."""
    if ticket.state != "queued":
        return await ticket.payload.future
    watch = asyncio.get_running_loop().create_task(_until_gone(runner, ticket, receive))
    try:
        return await ticket.payload.future
    finally:
        watch.cancel()


async def _until_gone(runner: Runner, ticket: Ticket, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    runner.leave(ticket)


async def _read_body(receive: Receive, length: bytes | None) -> bytes:
    """Read the whole body, at most ``MAX_BODY`` bytes in ``BODY_S`` seconds."""
    if length is not None and (len(length) > MAX_DIGITS or int(length) > MAX_BODY):
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_S):
            message = await receive()
            if not message.get("more_body") and message["type"] == "http.request":
                return bytes(message.get("body", b""))
            body = bytearray(message.get("body", b""))
            while message["type"] == "http.request" and message.get("more_body"):
                message = await receive()
                body += message.get("body", b"")
                if len(body) > MAX_BODY:
                    raise _too_large()
    except TimeoutError as error:
        raise HttpError(408, f"the body did not come within {BODY_S:.0f} s", headers=[CLOSE]) from error
    if message["type"] == "http.disconnect":
        raise ClientGone("the client has gone")
    return bytes(body)


def _too_large() -> HttpError:
    return HttpError(413, f"the body is larger than {MAX_BODY} bytes", next="send fewer rows", headers=[CLOSE])


def _status(error: LearnsysError) -> int:
    if isinstance(error, HttpError):
        return error.status
    if isinstance(error, ClientGone):
        return 499  # nobody reads it; the counters do
    return 503 if isinstance(error, Shed) else 400 if isinstance(error, Refused) else 500


def _failure(error: Exception) -> tuple[int, bytes, Headers]:
    """Write an error as the protocol has it."""
    if not isinstance(error, LearnsysError):
        _LOG.error("cannot answer", exc_info=error)
        return 500, write_json({"error": "internal error, see the server's log"}), [JSON]
    headers = [JSON, *(error.headers if isinstance(error, HttpError) else [])]
    if isinstance(error, Shed):
        headers.append((b"retry-after", b"1"))
    return _status(error), write_json({"error": str(error)}), headers
