"""A server as a process of its own, for as long as a ``with`` block lasts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Final, Self

from learnsys.core.errors import LearnsysError, Refused, WorkFailed

START_S: Final = 60.0
STOP_S: Final = 15.0
# Names the descriptor of a pipe that nobody writes to: it ends with the process that started the server.
LIFELINE: Final = "LEARNSYS_SERVE_LIFELINE"


class ServerDied(WorkFailed):
    """A server process ended, or did not start or stop, as it should."""

    @classmethod
    def with_code(cls, code: int | None, log: str) -> Self:
        """It ended with ``code`` (None: it did not end in time) and wrote ``log``."""
        last = log.strip().splitlines()[-1].removeprefix("error: ") if log.strip() else "it said nothing"
        what = "did not answer in time" if code is None else f"ended with code {code}"
        return cls(f"the server {what}: {last}", value=code)


@contextmanager
def running(
    models: Path | str | Sequence[Path | str], *, slo: str | float = "10ms", host: str = "127.0.0.1", port: int = 0
) -> Iterator[str]:
    """Start ``learnsys serve run`` and yield its URL; stop it by SIGTERM at the end of the block.

    The server also stops when this process ends without coming to the end of the block, however it ends.

    Parameters
    ----------
    models : path or sequence of paths
        Folders of saved models.
    slo, host, port
        As in ``serve``; port 0 takes a free one.

    Raises
    ------
    Refused
        If the server refused to start, with its words.
    ServerDied
        If it failed, or did not stop with code 0.
    """
    folders = [models] if isinstance(models, Path | str) else models
    with TemporaryDirectory(prefix="learnsys-serve-") as folder:
        url, log = Path(folder, "url"), Path(folder, "log")
        command = [
            sys.executable, "-m", "learnsys", "serve", "run", *map(str, folders),
            "--slo", str(slo), "--host", host, "--port", str(port), "--announce", str(url),
        ]  # fmt: skip
        with log.open("wb") as out, _lifeline() as end:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                pass_fds=[end], env=os.environ | {LIFELINE: str(end)},
            )  # fmt: skip
            try:
                yield _ready(process, url, log)
            finally:
                code = _stop(process)
        if code != 0:
            raise ServerDied.with_code(code, log.read_text())


@contextmanager
def _lifeline() -> Iterator[int]:
    """Open a pipe and yield the end to read from; its other end stays with this process alone."""
    read, write = os.pipe()
    try:
        yield read
    finally:
        os.close(read)
        os.close(write)


def end_with_parent() -> None:
    """In a process that ``running`` started: have SIGTERM sent to it when its parent has ended."""
    end = os.environ.pop(LIFELINE, "")  # no child of this process is meant
    if end:
        Thread(target=_terminate_at_end, args=(int(end),), name="lifeline", daemon=True).start()


def _terminate_at_end(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _ready(process: "subprocess.Popen[bytes]", url: Path, log: Path) -> str:
    end = time.monotonic() + START_S
    while not url.exists():
        code = process.poll()
        if code is not None or time.monotonic() > end:
            raise _failure(code, log.read_text())
        time.sleep(0.01)
    return url.read_text()


def _failure(code: int | None, log: str) -> LearnsysError:
    if code == Refused.exit_code and log.strip():
        return Refused(log.strip().splitlines()[-1].removeprefix("error: "))
    return ServerDied.with_code(code, log)


def _stop(process: "subprocess.Popen[bytes]") -> int | None:
    """Ask ``process`` to end, then make it; None if it had to be made."""
    process.terminate()
    try:
        return process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None
