"""Hosts that are processes of this machine, at the other end of a pipe.

They are started afresh, never forked: a fork copies locks that threads of numba or BLAS may hold. They are started as
plain subprocesses and not by ``multiprocessing``, which would import the user's script again in each of them and
leave a tracker process behind. A process whose driver dies reads the end of its pipe and ends as well.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from multiprocessing.connection import Connection, Pipe
from types import FunctionType
from typing import Any, Final, final

from learnsys.core.engine.crews import Crews, Failure, Reply
from learnsys.core.engine.hosts import AbstractHost, HostLost
from learnsys.core.engine.one_thread import limit_for_good
from learnsys.core.engine.remote import RemoteEngine
from learnsys.core.errors import Incompatible

_BOOT: Final = "import sys; from learnsys.core.engine.processes import serve; serve(int(sys.argv[1]))"
_PATIENCE_S: Final = 1.0


def open_processes(slots: int) -> RemoteEngine:
    """Open an engine on ``slots`` processes."""
    return RemoteEngine("local", [PipeHost() for _ in range(slots)])


@final
class PipeHost(AbstractHost):
    """A process that is spoken to in pickles. What is packed is ``bytes``; states come and go as they are."""

    _process: subprocess.Popen[bytes] | None = None
    _line: Connection
    _busy: bool = False

    @staticmethod
    def pack(value: Any) -> bytes:
        """Pickle ``value``; functions and classes travel by name.

        Raises
        ------
        Incompatible
            If it holds a function or class of the script that runs: no other process can import it.
        """
        buffer = BytesIO()
        _Pickler(buffer, protocol=5).dump(value)
        return buffer.getvalue()

    def start(self) -> None:
        """Start an interpreter with the same import path, and stdout on stderr."""
        self._line, theirs = Pipe()
        path = os.pathsep.join(os.path.abspath(folder) for folder in sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOT, str(theirs.fileno())],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=2,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def send(self, command: str, *args: Any) -> None:
        """Send the number of parts and then each."""
        parts = [arg if isinstance(arg, bytes) else pickle.dumps(arg, protocol=5) for arg in (command, *args)]
        self._busy = True
        with suppress(OSError):  # receive() tells of a death
            self._line.send(len(parts))
            for part in parts:
                self._line.send_bytes(part)

    def receive(self) -> tuple[Reply, bytes]:
        """Wait for the two parts of an answer."""
        try:
            reply, states = self._line.recv_bytes(), self._line.recv_bytes()
        except (EOFError, OSError):
            raise HostLost(self._death()) from None
        self._busy = False
        return pickle.loads(reply), states

    def stop(self) -> None:
        """Hang up: an idle process ends by itself, a busy one is killed."""
        if self._process:
            self._end(self._process, 0.0 if self._busy else _PATIENCE_S)

    def _end(self, process: subprocess.Popen[bytes], patience_s: float) -> int:
        """Hang up, wait, kill if need be, and return the exit code."""
        self._line.close()
        self._process, self._busy = None, False
        with suppress(subprocess.TimeoutExpired):
            return process.wait(patience_s)
        process.kill()
        return process.wait()

    def _death(self) -> str:
        if (process := self._process) is None:
            return "it was stopped"
        code = self._end(process, _PATIENCE_S)
        return f"process {process.pid} " + (f"got signal {-code}" if code < 0 else f"ended with exit code {code}")


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Refuse what the other side would not find, where the mistake is made."""
        if isinstance(value, FunctionType | type) and value.__module__ == "__main__":
            raise Incompatible(
                f"{value.__qualname__} is defined in the script that runs, which processes cannot import",
                value=value.__qualname__,
                next="move it to a module, or use kind='threads'",
            )
        return NotImplemented


def serve(descriptor: int) -> None:
    """Carry out commands from a pipe until it is closed; Ctrl-C is for the driver to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_for_good()
    crews = Crews()
    with Connection(descriptor) as line, suppress(EOFError, OSError):
        while True:
            for part in _answer(crews, [line.recv_bytes() for _ in range(line.recv())]):
                line.send_bytes(part)


def _answer(crews: Crews, parts: Sequence[bytes]) -> tuple[bytes, bytes]:
    try:
        reply, states = crews.run(*map(pickle.loads, parts))
        return pickle.dumps(reply, protocol=5), pickle.dumps(states, protocol=5)
    except Exception as error:  # an argument or a result that cannot be pickled
        return pickle.dumps(Reply.of([Failure.of(error)])[0]), b""
