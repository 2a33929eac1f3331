"""Run a command under measurement, in a shape of this host: the whole process tree, limited, watched and buried."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, Literal

import msgspec

from learnsys.core.errors import BadFile, Incompatible, InputError, Interrupted, WorkFailed
from learnsys.core.fingerprint import Run
from learnsys.core.units import format_size
from learnsys.machines.measure import leftovers, summary
from learnsys.machines.measure.shape import Shape

# The supervisor begins here: in a bare interpreter, with the packages above it left empty, so that none is loaded.
_BEGIN: Final = """
import sys, types
for name, path in zip(("learnsys", "learnsys.machines", "learnsys.machines.measure"), sys.argv[2:]):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [path]
from learnsys.machines.measure.supervisor import main
main(int(sys.argv[1]))
"""
FORWARDED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
IMPATIENT: Final = 3  # signals after which a job that does not end is killed
Output = int | IO[Any] | None


def measure(
    command: Sequence[str],
    *,
    shape: Shape | None = None,
    timeout_s: float | None = None,
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    stdin: Output = subprocess.DEVNULL,
    stdout: Output = None,
    stderr: Output = None,
    quiet: bool = True,
    sample_s: float | None = None,
    size: float | None = None,
    weak: bool = False,
) -> Run:
    """Run ``command`` once and tell what it did to the machine.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments; no shell reads them.
    shape : Shape, optional
        CPUs and memory it may use; all of this host if not given.
    timeout_s : float, optional
        Seconds after which it is ended, with all it started.
    cwd, env, stdin, stdout, stderr
        As for ``subprocess.Popen``; it reads nothing if ``stdin`` is not given.
    quiet : bool
        Throw away what it prints, except where ``stdout`` or ``stderr`` is given.
    sample_s : float, optional
        Longest pause between two looks at it.
    size : float, optional
        Size of its data, for the record.
    weak : bool
        Use no control groups, as where this user may make none: memory is watched instead of limited.

    Returns
    -------
    Run
        Whatever became of the command: ``outcome`` is ok, failed, timeout or oom.

    Raises
    ------
    InputError
        If the command cannot be started.
    Incompatible
        If the shape has more CPUs or memory than this process may use, or a share of a CPU cannot be given.
    BadFile
        If there is no folder for temporary files.
    Interrupted
        If the user ended it; nothing is recorded then.
    """
    host = Shape.of_host()
    if shape is not None:
        _check(shape, host)
    request = {
        "command": [_program(command, cwd, env), *command[1:]],
        "notes": _notes(),
        "cpu": shape and shape.cpu, "memory_bytes": shape and shape.memory_bytes,
        "timeout_s": timeout_s, "sample_s": sample_s, "weak": weak,
        "foreground": stdin is None and _foreground(),
    }  # fmt: skip
    rest = subprocess.DEVNULL if quiet else None
    reply = _conduct(
        request, cwd=cwd, env=env, stdin=stdin,
        stdout=rest if stdout is None else stdout, stderr=rest if stderr is None else stderr,
    )  # fmt: skip
    if "refused" in reply:
        raise _refusal(reply, command, shape)
    return _run(reply, shape or host, size)


def readable(command: Sequence[str]) -> tuple[str, ...]:
    """Write a command as it can be kept: bytes that are no text as ``\\xff``."""
    return tuple(os.fsencode(word).decode(errors="backslashreplace") for word in command)


def _check(shape: Shape, host: Shape) -> None:
    """Refuse a shape that is more than there is: what happens in it would be recorded as of more."""
    if shape.cpu > host.cpu:
        raise Incompatible(
            f"a shape of {shape.cpu:g} CPUs where {host.cpu:g} may be used",
            value=shape.cpu, next=f"ask for cpu <= {host.cpu:g}",
        )  # fmt: skip
    if shape.memory_bytes > host.memory_bytes:
        most = format_size(host.memory_bytes)
        raise Incompatible(
            f"a shape of {format_size(shape.memory_bytes)} where {most} may be used",
            value=shape.memory_bytes, next=f"ask for mem <= {most}",
        )  # fmt: skip


def _notes() -> str:
    try:
        return leftovers.folder()
    except OSError as error:
        raise BadFile(f"cannot keep notes of what runs: {error}", value=error.filename, next="set TMPDIR") from error


def _program(command: Sequence[str], cwd: Path | str | None, env: Mapping[str, str] | None) -> str:
    """Find the file that the command names."""
    if not command:
        raise InputError("no command to run", value="", next="write it after --, as in: -- python job.py")
    if cwd is not None and not Path(cwd).is_dir():
        raise InputError(f"no folder {cwd}", value=str(cwd), next="check the path")
    name = command[0]
    if os.sep in name:
        path = os.path.join(os.path.abspath(cwd or "."), name)
        found = path if os.access(path, os.X_OK) and not os.path.isdir(path) else None
    else:
        found = shutil.which(name, path=(os.environ if env is None else env).get("PATH", os.defpath))
    if found is None:
        raise InputError(
            f"cannot start {name!r}: no such program, or it may not be run",
            value=name, next="check its name, its path and that it is executable (chmod +x)",
        )  # fmt: skip
    return os.path.abspath(found)


def _conduct(request: Mapping[str, object], **popen: Any) -> dict[str, Any]:
    """Start a supervisor, pass signals on to it, and take its reply."""
    folder = Path(__file__).parent
    packages = (folder.parents[1], folder.parent, folder)
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _BEGIN, str(theirs.fileno()), *map(str, packages)],
        pass_fds=[theirs.fileno()], start_new_session=not request["foreground"], **popen,
    )  # fmt: skip
    theirs.close()
    line = b""
    try:
        with ours, _forwarding(ours, foreground=bool(request["foreground"])) as got, suppress(ConnectionError):
            ours.sendall(json.dumps(request).encode() + b"\n")  # which keeps words that are no text
            with ours.makefile("rb") as file:
                line = file.readline()
    finally:
        process.wait()  # the socket is closed: whatever happened here, the job ends and is cleared away
    if not line:
        leftovers.sweep(str(request["notes"]))
    if got:
        signal.raise_signal(got[0])  # the job has been told and has ended: now we do what we would have done
        raise Interrupted(f"interrupted by {signal.Signals(got[0]).name}, nothing recorded", value=got[0])
    if not line:
        raise WorkFailed("the measurement itself was killed", value=process.returncode, next="run it again")
    reply: dict[str, Any] = msgspec.json.decode(line)
    return reply


@contextmanager
def _forwarding(to: socket.socket, *, foreground: bool) -> Iterator[list[int]]:
    """Pass signals that this process gets on to the job; yields the list of those that came."""
    got: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield got
        return

    def forward(number: int, _frame: object) -> None:
        got.append(number)
        if len(got) >= IMPATIENT:
            with suppress(OSError):
                to.shutdown(socket.SHUT_WR)
            return
        # The terminal tells a job in the foreground about its keys itself.
        if not (foreground and number in (signal.SIGINT, signal.SIGQUIT)):
            with suppress(OSError):
                to.sendall(f"signal {number} ".encode())

    heeded = [number for number in FORWARDED if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    before = {number: signal.signal(number, forward) for number in heeded}
    try:
        yield got
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _foreground() -> bool:
    """Tell whether this process group owns the terminal it reads from."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _refusal(reply: Mapping[str, Any], command: Sequence[str], shape: Shape | None) -> Exception:
    if reply["refused"] == "share":
        return Incompatible(
            f"a share of a CPU ({shape and shape.key}) needs control groups, and this user may make none here",
            value=shape and shape.cpu, next="run as root or in a delegated group, or ask for whole CPUs",
        )  # fmt: skip
    return InputError(
        f"cannot start {command[0]!r}: {os.strerror(reply['errno'])}",
        value=command[0], next="if it is a script, check its first line (#!)",
    )  # fmt: skip


def _run(reply: Mapping[str, Any], shape: Shape, size: float | None) -> Run:
    """Make the record of a run from what its supervisor saw."""
    looks, used, after = reply["looks"], reply["rusage"], reply["after"]
    elapsed = float(reply["elapsed_s"])
    peak = summary.peak(looks, reply["peak_rss_bytes"]) or round(after.get("mem_most", 0))
    outcome = _outcome(reply, fits=reply["isolation"] != "weak" or peak <= shape.memory_bytes)
    counted = summary.counters(looks, used, len(reply["cpus"]) or os.cpu_count() or 1)
    return Run(
        machine=shape.key,
        outcome=outcome,
        elapsed_s=elapsed if outcome == "ok" else None,
        cpu_s=after.get("cpu_s", used["cpu_s"]),
        peak_bytes=peak,
        working_set_bytes=summary.working_set(looks, peak),
        counters=counted | {"sampler.cores": (reply["cost_s"] / elapsed,) * 2},
        isolation=reply["isolation"],
        size=size,
        spent_s=elapsed,
        exit_code=reply["status"],
        threads=round(max(look.get("threads", 0.0) for look in looks)),
        throttled_s=after.get("throttled_s", 0.0),
        started=datetime.fromtimestamp(reply["started"], UTC),
    )


def _outcome(reply: Mapping[str, Any], *, fits: bool) -> Literal["ok", "oom", "timeout", "failed"]:
    """Name what became of a run; without a kernel that limits memory, one too large may end before it is caught."""
    if reply["ended"] == "oom" or reply["after"].get("oom_kills", 0) > 0 or not fits:
        return "oom"
    if reply["ended"] == "timeout":
        return "timeout"
    return "ok" if reply["status"] == 0 else "failed"
