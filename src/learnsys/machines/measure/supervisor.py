"""Conduct one run, in a process of its own: make the group, start the command in it, watch, end and remove all.

The caller holds the other end of a socket. If the caller is killed the socket closes, and the supervisor ends the job;
if the supervisor is killed the kernel kills the command, and the next run removes the rest (see ``leftovers``).
Started by ``run.measure`` in a bare interpreter: standard library only.

One line of JSON comes in (``Request``), lines ``signal N`` may follow, one line of JSON goes out.
"""

import ctypes
import errno
import json
import math
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any, Final, Literal, NamedTuple

from learnsys.machines.measure import cgroup, leftovers, proc
from learnsys.machines.measure.sampler import LONGEST_S, Sampler

PR_SET_PDEATHSIG: Final = 1
PR_SET_CHILD_SUBREAPER: Final = 36
CHOOSE_S: Final = 0.04  # how long the load of the processors is watched before some are chosen
WATCH_S: Final = 0.02  # between looks at the memory alone, where no kernel guards the limit
HUSHED: Final = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP)  # the caller decides what is passed on
_libc: Final = ctypes.CDLL(None, use_errno=True)


class Request(NamedTuple):
    """What to run: ``command[0]`` is a path.

    ``notes`` is the folder of ``leftovers``; ``weak`` forbids control groups, ``foreground`` shares the terminal.
    """

    command: list[str]
    notes: str
    cpu: float | None = None
    memory_bytes: int | None = None
    timeout_s: float | None = None
    sample_s: float | None = None
    weak: bool = False
    foreground: bool = False
    ignored: tuple[int, ...] = ()  # signals, as under nohup
    nice: int = 0


class Supervisor:
    """Runs one ``Request``; ``reply`` is what the caller gets."""

    def __init__(self, request: Request, caller: socket.socket) -> None:
        self.request, self.caller = request, caller
        self.run = leftovers.mark(os.getpid())
        self.ended: Literal["timeout", "oom", "caller"] | None = None
        self.group: cgroup.Group | None = None
        self.cpus: tuple[int, ...] = ()
        self.rusage = dict.fromkeys(("cpu_s", "minor", "major", "voluntary", "involuntary", "read", "write"), 0.0)
        self.peak_bytes = 0  # of the largest process
        self.status: int | None = None
        self.end_s = 0.0

    def reply(self) -> dict[str, Any]:
        """Run the command to its end and tell what happened; leave nothing behind."""
        leftovers.sweep(self.request.notes)
        dirs = cgroup.candidates(f"learnsys-{self.run}", cgroup.own_groups())
        note = leftovers.note(self.request.notes, self.run, dirs)
        try:
            if (problem := self._prepare()) is not None:
                return {"refused": problem}
            return self._conduct()
        finally:
            self._bury()
            os.unlink(note)

    def _prepare(self) -> str | None:
        want = self.request
        if want.cpu is not None:
            self.cpus = _choose(math.ceil(want.cpu))
        limits = cgroup.Limits(want.cpu, want.memory_bytes, self.cpus)
        if not want.weak:
            self.group = cgroup.create(f"learnsys-{self.run}", limits)
        return "share" if self.group is None and want.cpu is not None and want.cpu % 1 else None

    def _conduct(self) -> dict[str, Any]:
        sampler = Sampler(self.group, self.cpus, self.request.sample_s or LONGEST_S)
        wakes, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        started = time.time()
        before = sampler.look()
        pid, start = self._launch()
        if pid == 0:
            return {"refused": "start", "errno": int(start)}
        sampler.begin(start)
        self._watch(pid, start, sampler, wakes)
        with suppress(OSError):
            sampler.look()
        self._bury(keep_group=True)
        after = cgroup.read_group(self.group) if self.group else {}
        return {
            "isolation": f"cgroup{self.group.version}" if self.group else "weak",
            "started": started, "elapsed_s": self.end_s - start, "status": self.status, "ended": self.ended,
            "cpus": self.cpus, "rusage": self.rusage, "peak_rss_bytes": self.peak_bytes, "after": after,
            "cost_s": sampler.cost_s, "looks": [{**before, "t": 0.0}, *sampler.looks[1:]],
        }  # fmt: skip

    def _launch(self) -> tuple[int, float]:
        """Start the command inside its group; return its number and the moment, or 0 and the error of the system."""
        told, tell = os.pipe2(os.O_CLOEXEC)
        supervisor = os.getpid()
        if (pid := os.fork()) == 0:
            try:
                self._become(supervisor, tell)
            except OSError as error:
                os.write(tell, f"error {error.errno or errno.EIO}".encode())
            finally:
                os._exit(127)
        os.close(tell)
        with os.fdopen(told) as file:
            said = file.read().split()
        if said[-2:-1] == ["error"]:
            os.waitpid(pid, 0)
            return 0, float(said[-1])
        return pid, float(said[1]) if said else time.monotonic()

    def _become(self, supervisor: int, tell: int) -> None:
        """Turn this child into the command."""
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:
            os._exit(127)
        if not self.request.foreground:
            os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, *self.request.ignored}:
            with suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        os.setpriority(os.PRIO_PROCESS, 0, self.request.nice)
        if self.cpus:
            os.sched_setaffinity(0, self.cpus)
        os.environ[leftovers.MARK] = self.run
        if self.group is not None:
            cgroup.join(self.group)
        os.write(tell, f"start {time.monotonic()!r} ".encode())
        os.execv(self.request.command[0], self.request.command)

    def _watch(self, pid: int, start: float, sampler: Sampler, wakes: int) -> None:
        """Look at the job until it ends; end it if it must."""
        deadline = start + self.request.timeout_s if self.request.timeout_s is not None else math.inf
        poll = select.poll()
        poll.register(wakes, select.POLLIN)
        poll.register(self.caller, select.POLLIN)
        ahead = sampler.next_look()
        guarded = self.group is None and self.request.memory_bytes is not None
        while not self._reap(pid):
            pause = min(ahead, deadline) - time.monotonic()
            events = dict(poll.poll(max(0.0, min(pause, WATCH_S) if guarded else pause) * 1e3))
            with suppress(BlockingIOError):
                os.read(wakes, 4096)
            if self.caller.fileno() in events and not self._obey(pid):
                self._end("caller")
                poll.unregister(self.caller)
            now = time.monotonic()
            if now >= deadline:
                self._end("timeout")
                deadline = math.inf
            elif now >= ahead:
                look = sampler.look()
                ahead = sampler.next_look()
                if look.get("oom_kills", 0) > 0:  # part of the job is gone: the rest is of no use
                    self._end("oom")
            elif guarded and sampler.watch() > (self.request.memory_bytes or math.inf):
                self._end("oom")

    def _obey(self, pid: int) -> bool:
        """Pass signals on to the job; False when the caller is gone."""
        with suppress(ConnectionError):
            words = self.caller.recv(4096).decode().split()
            for number in words[1::2]:
                with suppress(ProcessLookupError):
                    (os.kill if self.request.foreground else os.killpg)(pid, int(number))
            return bool(words)
        return False

    def _end(self, why: Literal["timeout", "oom", "caller"]) -> None:
        self.ended = self.ended or why
        if self.group is not None:
            cgroup.kill(self.group.dirs.values())
        else:
            self._kill_descendants()

    def _kill_descendants(self) -> None:
        for child in proc.descendants(os.getpid()) | proc.with_environment(f"{leftovers.MARK}={self.run}"):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)

    def _reap(self, pid: int | None = None) -> bool:
        """Bury the dead, orphans too, and add up what they used; tell whether ``pid`` is dead, or no child is left."""
        while True:
            try:
                dead, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if dead == 0:
                return self.status is not None and pid is not None
            if dead == pid:
                self.end_s, self.status = time.monotonic(), os.waitstatus_to_exitcode(status)
            # A process is born as our copy: what is no larger than we are says nothing of it.
            if used.ru_maxrss > proc.most_resident():
                self.peak_bytes = max(self.peak_bytes, used.ru_maxrss * 1024)
            for name, amount in (
                ("cpu_s", used.ru_utime + used.ru_stime), ("minor", used.ru_minflt), ("major", used.ru_majflt),
                ("voluntary", used.ru_nvcsw), ("involuntary", used.ru_nivcsw),
                ("read", used.ru_inblock * 512), ("write", used.ru_oublock * 512),
            ):  # fmt: skip
                self.rusage[name] += amount

    def _bury(self, *, keep_group: bool = False) -> None:
        """Kill and reap whatever is left of the job, then remove its group."""
        end = time.monotonic() + cgroup.KILL_S
        while not self._reap() and time.monotonic() < end:
            self._end("caller") if self.status is None else self._sweep_up()
            time.sleep(0.001)
        if self.group is not None and not keep_group:
            cgroup.remove(self.group)

    def _sweep_up(self) -> None:
        if self.group is not None:
            cgroup.kill(self.group.dirs.values())
        self._kill_descendants()


def _choose(count: int) -> tuple[int, ...]:
    """Choose the processors that are busy least just now."""
    allowed = sorted(os.sched_getaffinity(0))
    if count >= len(allowed):
        return tuple(allowed)
    before = proc.read("/proc/stat")
    time.sleep(CHOOSE_S)
    return proc.least_busy(allowed, count, before, proc.read("/proc/stat"))


def main(fd: int) -> None:
    """Serve the one caller at the other end of socket ``fd``."""
    caller = socket.socket(fileno=fd)
    caller.set_inheritable(False)  # held by the job, it would not close with us
    nice = os.getpriority(os.PRIO_PROCESS, 0)  # which the real-time class below would reset
    ignored = tuple(n for n in HUSHED if signal.getsignal(n) is signal.SIG_IGN)
    for number in HUSHED:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    line = b""
    while not line.endswith(b"\n"):
        if not (part := caller.recv(1 << 16)):
            return
        line += part
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    with suppress(OSError, AttributeError):  # a job with all the weight would starve us otherwise
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    reply = Supervisor(Request(**json.loads(line), ignored=ignored, nice=nice), caller).reply()
    with suppress(BrokenPipeError):
        caller.sendall(json.dumps(reply).encode() + b"\n")
