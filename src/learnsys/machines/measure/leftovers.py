"""What to do about runs whose supervisor was killed: find their groups and processes, end and remove them.

Each supervisor writes a note before it makes anything, and removes it last. A note whose writer is gone names what it
left. Standard library only, for the supervisor (see ``cgroup``).
"""

import errno
import os
import signal
import tempfile
import time
from contextlib import suppress
from typing import Final

from learnsys.machines.measure import cgroup, proc

MARK: Final = "LEARNSYS_MEASURE"  # in the environment of every process of a run


def folder() -> str:
    """Find the folder of the notes of this user, made if need be."""
    path = os.path.join(tempfile.gettempdir(), f"learnsys-runs-{os.getuid()}")
    os.makedirs(path, mode=0o700, exist_ok=True)
    if os.lstat(path).st_uid != os.getuid():  # a note makes us kill: take none from another user, by a link neither
        raise PermissionError(errno.EPERM, "it belongs to another user", path)
    return path


def mark(pid: int) -> str:
    """Name the run that supervisor ``pid`` conducts, so that no later process of that number is taken for it."""
    return f"{pid}-{proc.start_time(pid)}"


def note(notes: str, run: str, dirs: list[str]) -> str:
    """Write down in folder ``notes`` the directories that ``run`` is about to make; return the path of the note."""
    path = os.path.join(notes, run)
    with open(path, "w") as file:
        file.write("\n".join(dirs))
    return path


def end_processes(run: str) -> None:
    """Kill the processes of ``run`` by their environment: all that is left of it where there are no groups."""
    end = time.monotonic() + cgroup.KILL_S
    while (pids := proc.with_environment(f"{MARK}={run}")) and time.monotonic() < end:
        for pid in pids:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)


def sweep(notes: str) -> list[str]:
    """End and remove what dead supervisors left by their notes in this folder; return the names of their runs."""
    swept = []
    for run in sorted(os.listdir(notes)):
        pid, _, started = run.partition("-")
        if not (pid.isdecimal() and started.isdecimal()) or proc.start_time(int(pid)) == int(started):
            continue
        path = os.path.join(notes, run)
        with suppress(FileNotFoundError):  # another process swept it first
            with open(path) as file:
                dirs = file.read().split("\n")
            end_processes(run)
            if cgroup.remove_dirs([d for d in dirs if os.path.basename(d) == f"learnsys-{run}"]):
                os.unlink(path)
                swept.append(run)
    return swept
