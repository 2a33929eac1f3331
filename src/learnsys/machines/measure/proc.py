"""Read processes and the host from ``/proc``: what control groups do not tell, and all of it where there are none.

Standard library only, for the supervisor (see ``cgroup``). Reference: proc(5).
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple

TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
BUSY: Final = (0, 1, 2, 5, 6)  # of a line of /proc/stat: user, nice, system, irq, softirq
STEAL: Final = 7


class Usage(NamedTuple):
    """What one process has used so far, without its children; ``rss_bytes`` and ``threads`` are of now."""

    parent: int
    user_s: float
    system_s: float
    minor_faults: int
    major_faults: int
    threads: int
    rss_bytes: int
    started: int
    dead: bool


class Counted(NamedTuple):
    """What one process has done so far; ``waited_s`` is how long its main thread was ready and had no processor."""

    voluntary: int
    involuntary: int
    read_bytes: int
    write_bytes: int
    waited_s: float


def usage(pid: int) -> Usage | None:
    """Read what process ``pid`` has used, None if it is gone."""
    text = read(f"/proc/{pid}/stat")
    if not text:
        return None
    f = text[text.rindex(")") + 2 :].split()  # the name before may hold anything
    return Usage(
        parent=int(f[1]), user_s=int(f[11]) * TICK_S, system_s=int(f[12]) * TICK_S,
        minor_faults=int(f[7]), major_faults=int(f[9]), threads=int(f[17]),
        rss_bytes=int(f[21]) * PAGE, started=int(f[19]), dead=f[0] in "ZX",
    )  # fmt: skip


def counted(pid: int) -> Counted:
    """Read context switches of the main thread of ``pid``, and the bytes it moved from and to disks."""
    found = {}
    for line in (read(f"/proc/{pid}/status") + read(f"/proc/{pid}/io")).splitlines():
        name, _, value = line.partition(":")
        found[name] = value
    return Counted(
        int(found.get("voluntary_ctxt_switches", 0)),
        int(found.get("nonvoluntary_ctxt_switches", 0)),
        int(found.get("read_bytes", 0)),
        int(found.get("write_bytes", 0)),
        _waited(pid),
    )


def _waited(pid: int) -> float:
    words = read(f"/proc/{pid}/schedstat").split()
    return float(words[1]) / 1e9 if len(words) > 1 else 0.0


def parents() -> dict[int, int]:
    """Map every process to its parent."""
    return {pid: used.parent for pid in pids() if (used := usage(pid)) is not None}


def pids() -> list[int]:
    """List all processes."""
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def descendants(root: int) -> set[int]:
    """List the children of ``root``, theirs, and so on."""
    found: set[int] = set()
    ahead = [root]
    while ahead:
        born = [pid for pid in _children(ahead.pop()) if pid not in found]
        ahead.extend(born)
        found.update(born)
    return found


def _children(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):  # a kernel without checkpoints
        return [child for child, parent in parents().items() if parent == pid]
    return [int(child) for thread in threads for child in read(f"/proc/{pid}/task/{thread}/children").split()]


def with_environment(mark: str) -> set[int]:
    """List the processes that were started with ``mark``, as ``NAME=value``, in their environment."""
    found = set()
    for pid in pids():
        with suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
            if mark.encode() in file.read().split(b"\0"):
                found.add(pid)
    return found


def start_time(pid: int) -> int:
    """Return when ``pid`` was started, in ticks since boot: with it, a number used again is told apart; 0 if dead."""
    used = usage(pid)
    return 0 if used is None or used.dead else used.started


def most_resident() -> int:
    """Return the most KiB that this program held; getrusage would add what whoever started it had held before."""
    return next(
        (int(line.split()[1]) for line in read("/proc/self/status").splitlines() if line.startswith("VmHWM")), 0
    )


def host(cpus: Iterable[int] = ()) -> dict[str, float]:
    """Read the seconds that all processors, and those of ``cpus``, were busy and stolen, and the bytes on networks."""
    wanted = {f"cpu{n}" for n in cpus}
    seconds = dict.fromkeys(("host_busy_s", "host_steal_s", "cpus_busy_s", "cpus_steal_s"), 0.0)
    for line in read("/proc/stat").splitlines():
        name, *ticks = line.split()
        if not name.startswith("cpu"):
            break
        busy, steal = sum(int(ticks[i]) for i in BUSY) * TICK_S, int(ticks[STEAL]) * TICK_S
        if name == "cpu":
            seconds["host_busy_s"], seconds["host_steal_s"] = busy, steal
        elif name in wanted or not wanted:
            seconds["cpus_busy_s"] += busy
            seconds["cpus_steal_s"] += steal
    received = sent = 0
    for line in read("/proc/net/dev").splitlines()[2:]:
        name, _, counts = line.partition(":")
        if name.strip() != "lo":
            received, sent = received + int(counts.split()[0]), sent + int(counts.split()[8])
    return seconds | {"net_received_bytes": float(received), "net_sent_bytes": float(sent)}


def pressures() -> dict[str, float]:
    """Read the seconds in which some task of the host waited for CPU, IO or memory."""
    waits = {}
    for what in ("cpu", "io", "memory"):
        with suppress(ValueError, IndexError):
            waits[f"psi_{what}_s"] = float(read(f"/proc/pressure/{what}").split("total=")[1].split()[0]) / 1e6
    return waits


def least_busy(cpus: Iterable[int], count: int, before: str, after: str) -> tuple[int, ...]:
    """Choose ``count`` of ``cpus`` that were idle most between two readings of ``/proc/stat``."""
    busy = {}
    for cpu in cpus:
        first, last = (_ticks(text, cpu) for text in (before, after))
        busy[cpu] = last - first
    return tuple(sorted(sorted(busy, key=lambda cpu: (busy[cpu], cpu))[:count]))


def _ticks(stat: str, cpu: int) -> int:
    for line in stat.splitlines():
        if line.startswith(f"cpu{cpu} "):
            return sum(int(word) for i, word in enumerate(line.split()[1:]) if i in (*BUSY, STEAL))
    return 0


def read(path: str) -> str:
    """Read a small file of ``/proc`` whole; nothing if it is gone or closed to this user."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return ""
    try:
        parts = []
        while part := os.read(fd, 1 << 16):
            parts.append(part)
        return b"".join(parts).decode(errors="replace")
    except OSError:
        return ""
    finally:
        os.close(fd)
