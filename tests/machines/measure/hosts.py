"""What this host lets its user do, so that each test runs the real thing where it can and the fallback where not."""

import os
import subprocess
import sys
import time
from pathlib import Path

from learnsys.machines.measure import cgroup, leftovers

PROBE = cgroup.create(f"learnsys-probe-{os.getpid()}", cgroup.Limits(cpu=0.5, memory_bytes=64 << 20))
ISOLATION = f"cgroup{PROBE.version}" if PROBE else "weak"
if PROBE:
    cgroup.remove(PROBE)

WAYS = [False, True] if PROBE else [True]  # of ``measure(weak=)``
SLEEP = f"sleep 77.{os.getpid()}"  # others may measure on this host just now: know our own by their naps
TREE = f"({SLEEP} &); (setsid {SLEEP} &); {SLEEP} & {SLEEP}"  # orphans, another session, a child


def python(program, *words):
    """Return the command that runs a Python program."""
    return [sys.executable, "-c", program, *words]


def groups(supervisor):
    """List the directories of the groups that a supervisor has made."""
    own = set(cgroup.own_groups().values())
    return {path for top in own for path in Path(top).glob(f"learnsys-{supervisor}-*")}


def sleepers():
    """List the processes that ``TREE`` starts."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if (entry / "cmdline").read_bytes() == SLEEP.encode().replace(b" ", b"\0") + b"\0" and " Z " not in (
                    entry / "stat"
                ).read_text():
                    found.add(int(entry.name))
            except OSError:
                pass
    return found


def left(supervisor):
    """List all that the run of a supervisor could leave behind."""
    return [*groups(supervisor), *sleepers(), *os.listdir(leftovers.folder())]


def soon(condition, seconds=10.0):
    """Wait until ``condition()`` holds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def start(program, *words, **options):
    """Start a Python program that measures, and return it."""
    return subprocess.Popen(python(program, *words), text=True, **options)
