"""Control groups: limit a process tree, read what it used, kill it whole. Linux, versions 1 and 2, stdlib only.

The supervisor runs these lines in a bare interpreter, so that it starts in milliseconds and weighs little beside the
job: that is why nothing here imports the rest of learnsys.
References: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/ of the Linux kernel.
"""

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

PERIOD_US: Final = 100_000  # of the CPU quota: the kernel's default
NEEDED: Final = ("cpu", "memory")
HELPFUL: Final = ("cpuacct", "cpuset", "blkio")
KILL_S: Final = 5.0  # how long a killed group may take to die


class Limits(NamedTuple):
    """What a group may use; ``cpus`` are the numbers of the processors it is pinned to, all if empty."""

    cpu: float | None = None
    memory_bytes: int | None = None
    cpus: tuple[int, ...] = ()


class Group(NamedTuple):
    """A group of processes: a directory a controller in version 1, one for all in version 2 (under ``"unified"``)."""

    version: int
    dirs: dict[str, str]


def own_groups(mountinfo: str = "/proc/self/mountinfo", cgroups: str = "/proc/self/cgroup") -> dict[str, str]:
    """Find the directory of this process's own group for each mounted controller; version 2 is ``"unified"``."""
    own = {}
    for line in _lines(cgroups):
        _, names, path = line.split(":", 2)
        own.update(dict.fromkeys((names or "unified").split(","), path))
    found = {}
    for line in _lines(mountinfo):
        left, _, right = line.partition(" - ")
        root, point = (word.replace("\\040", " ") for word in left.split(" ")[3:5])
        kind, _, options = right.split(" ")[:3]
        if kind not in ("cgroup", "cgroup2"):
            continue
        for name in ("unified",) if kind == "cgroup2" else options.split(","):
            if name in own:
                inside = os.path.relpath(own[name], root)
                found[name] = point if inside.startswith("..") else os.path.normpath(os.path.join(point, inside))
    return found


def candidates(name: str, own: Mapping[str, str]) -> list[str]:
    """List the directories that ``create`` may make, so that they can be noted down first."""
    paths = dict.fromkeys([*own.values(), *_upwards(own, "unified")])
    return [os.path.join(path, name) for path in paths]


def ceiling(own: Mapping[str, str] | None = None) -> Limits:
    """Tell to how many CPUs and how much memory this process is held already, as in a container."""
    own = own_groups() if own is None else own
    cpus, sizes = [], []
    for path in _upwards(own, "cpu"):
        with suppress(OSError):
            if (quota := int(_read(path, "cpu.cfs_quota_us"))) > 0:
                cpus.append(quota / int(_read(path, "cpu.cfs_period_us")))
    for path in _upwards(own, "memory"):
        with suppress(OSError):
            sizes.append(int(_read(path, "memory.limit_in_bytes")))
    for path in _upwards(own, "unified"):
        with suppress(OSError, ValueError):  # "max", or no such controller
            quota_us, period_us = map(int, _read(path, "cpu.max").split())
            cpus.append(quota_us / period_us)
        with suppress(OSError, ValueError):
            sizes.append(int(_read(path, "memory.max")))
    return Limits(min(cpus, default=None), min(sizes, default=None))


def _upwards(own: Mapping[str, str], controller: str) -> Iterator[str]:
    """Go from this process's own group to those above it, as far as they can be seen."""
    path = own.get(controller, "")
    while os.path.isfile(os.path.join(path, "cgroup.procs")):
        yield path
        path = os.path.dirname(path)


def create(name: str, limits: Limits, own: Mapping[str, str] | None = None) -> Group | None:
    """Make an empty group called ``name`` with these limits, or return None where this user may not."""
    own = own_groups() if own is None else own
    for make in (_create_1, _create_2):
        if (group := make(name, limits, own)) is not None:
            return group
    return None


def _create_1(name: str, limits: Limits, own: Mapping[str, str]) -> Group | None:
    if not set(NEEDED) <= set(own):
        return None
    dirs = {c: os.path.join(own[c], name) for c in (*NEEDED, *HELPFUL, "unified") if c in own}
    group = Group(1, dirs)
    made: set[str] = set()
    for controller, path in list(dirs.items()):
        try:
            if path not in made:  # cpu and cpuacct are one directory on most hosts
                os.mkdir(path)
                made.add(path)
        except OSError:
            del dirs[controller]
            if controller in NEEDED:
                remove(group)
                return None
    try:
        _limit_1(dirs, limits, own)
    except OSError:
        remove(group)
        return None
    return group


def _limit_1(dirs: dict[str, str], limits: Limits, own: Mapping[str, str]) -> None:
    # So that other work on the host takes next to nothing from the job: repetitions then agree within 1-2 %.
    _write(dirs["cpu"], "cpu.shares", 262144)
    if limits.cpu is not None and limits.cpu % 1:
        _write(dirs["cpu"], "cpu.cfs_period_us", PERIOD_US)
        _write(dirs["cpu"], "cpu.cfs_quota_us", round(limits.cpu * PERIOD_US))
    if "cpuset" in dirs:
        try:  # a new cpuset is empty, and nothing can join it until it is filled
            _write(dirs["cpuset"], "cpuset.mems", _read(own["cpuset"], "cpuset.mems"))
            _write(dirs["cpuset"], "cpuset.cpus", _listed(limits.cpus) or _read(own["cpuset"], "cpuset.cpus"))
        except OSError:
            os.rmdir(dirs.pop("cpuset"))
    if limits.memory_bytes is not None:
        _write(dirs["memory"], "memory.limit_in_bytes", limits.memory_bytes)
        with suppress(OSError):  # absent without swap accounting: then no swap is counted, and none limited
            _write(dirs["memory"], "memory.memsw.limit_in_bytes", limits.memory_bytes)


def _create_2(name: str, limits: Limits, own: Mapping[str, str]) -> Group | None:
    """Make the group in the nearest group above this process that hands its controllers on and is ours to write."""
    parent = next((path for path in _upwards(own, "unified") if set(NEEDED) <= set(_handed_on(path))), None)
    if parent is None:
        return None
    group = Group(2, {"unified": os.path.join(parent, name)})
    try:
        os.mkdir(group.dirs["unified"])
    except OSError:
        return None
    try:
        _limit_2(group.dirs["unified"], limits)
    except OSError:
        remove(group)
        return None
    return group


def _handed_on(parent: str) -> list[str]:
    """List the controllers that children of ``parent`` have; ask for those that are missing."""
    with suppress(OSError):
        offered = _read(parent, "cgroup.controllers").split()
        wanted = [c for c in (*NEEDED, "cpuset", "io") if c in offered]
        for controller in wanted:
            if controller not in _read(parent, "cgroup.subtree_control").split():
                with suppress(OSError):  # busy: it has processes of its own
                    _write(parent, "cgroup.subtree_control", f"+{controller}")
    with suppress(OSError):
        return _read(parent, "cgroup.subtree_control").split()
    return []


def _limit_2(path: str, limits: Limits) -> None:
    _write(path, "cpu.weight", 10000)
    if limits.cpu is not None and limits.cpu % 1:
        _write(path, "cpu.max", f"{round(limits.cpu * PERIOD_US)} {PERIOD_US}")
    if limits.cpus:
        with suppress(OSError):  # no cpuset controller: the launcher sets the affinity as well
            _write(path, "cpuset.cpus", _listed(limits.cpus))
    if limits.memory_bytes is not None:
        _write(path, "memory.max", limits.memory_bytes)
        with suppress(OSError):  # absent without swap accounting
            _write(path, "memory.swap.max", 0)


def join(group: Group) -> None:
    """Move this process into the group; its children follow."""
    for path in group.dirs.values():
        _write(path, "cgroup.procs", 0)


def members(dirs: Iterable[str]) -> set[int]:
    """List the processes in these directories."""
    pids: set[int] = set()
    for path in dirs:
        with suppress(OSError):
            pids.update(map(int, _read(path, "cgroup.procs").split()))
    return pids - {0}  # so are those of other namespaces listed, and kill(0) would end our own group


def kill(dirs: Iterable[str]) -> None:
    """Kill every process in these directories, those that are born meanwhile too."""
    dirs = list(dirs)
    end = time.monotonic() + KILL_S
    while (pids := members(dirs)) and time.monotonic() < end:
        for path in dirs:
            with suppress(OSError):  # version 2, Linux 5.14
                _write(path, "cgroup.kill", 1)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)


def remove(group: Group) -> bool:
    """Kill what is left in the group and remove it; tell whether it is gone."""
    return remove_dirs(group.dirs.values())


def remove_dirs(dirs: Iterable[str]) -> bool:
    """Kill what is left in these directories and remove them; tell whether all are gone."""
    left = list(dirs)
    kill(left)
    end = time.monotonic() + KILL_S
    while left and time.monotonic() < end:
        for path in list(left):
            try:
                os.rmdir(path)
            except FileNotFoundError:
                left.remove(path)
            except OSError:  # busy until its last process has been buried
                pass
            else:
                left.remove(path)
        if left:
            time.sleep(0.002)
    return not left


def read_group(group: Group) -> dict[str, float]:
    """Read what the group has used so far (``_s``, counts), holds now (``mem_``), and held at most (``mem_most``)."""
    if group.version == 2:
        return _read_2(group.dirs["unified"])
    return _read_1(group.dirs)


def _read_1(dirs: dict[str, str]) -> dict[str, float]:
    stat = _pairs(dirs["memory"], "memory.stat")
    used = {
        "throttled_s": _pairs(dirs["cpu"], "cpu.stat").get("throttled_time", 0.0) / 1e9,
        "mem_anon": stat.get("total_rss", 0.0),
        "mem_shmem": stat.get("total_shmem", 0.0),
        "mem_mapped": stat.get("total_mapped_file", 0.0),
        "mem_inactive_file": stat.get("total_inactive_file", 0.0),
        "mem_usage": float(_read(dirs["memory"], "memory.usage_in_bytes")),
        "mem_most": float(_read(dirs["memory"], "memory.max_usage_in_bytes")),
        "oom_kills": _pairs(dirs["memory"], "memory.oom_control").get("oom_kill", 0.0),
    }
    if "cpuacct" in dirs:
        for name, file in (("cpu_s", "usage"), ("user_s", "usage_user"), ("system_s", "usage_sys")):
            with suppress(OSError):
                used[name] = float(_read(dirs["cpuacct"], f"cpuacct.{file}")) / 1e9
    return used | (_pressures(dirs["unified"]) if "unified" in dirs else {})


def _read_2(path: str) -> dict[str, float]:
    cpu, stat = _pairs(path, "cpu.stat"), _pairs(path, "memory.stat")
    return (
        {
            "cpu_s": cpu.get("usage_usec", 0.0) / 1e6,
            "user_s": cpu.get("user_usec", 0.0) / 1e6,
            "system_s": cpu.get("system_usec", 0.0) / 1e6,
            "throttled_s": cpu.get("throttled_usec", 0.0) / 1e6,
            "mem_anon": stat.get("anon", 0.0),
            "mem_shmem": stat.get("shmem", 0.0),
            "mem_mapped": stat.get("file_mapped", 0.0),
            "mem_inactive_file": stat.get("inactive_file", 0.0),
            "mem_usage": float(_read(path, "memory.current")),
            "oom_kills": _pairs(path, "memory.events").get("oom_kill", 0.0),
        }
        | _most(path)
        | _pressures(path)
    )


def _most(path: str) -> dict[str, float]:
    with suppress(OSError):  # Linux 5.19
        return {"mem_most": float(_read(path, "memory.peak"))}
    return {}


def _pressures(path: str) -> dict[str, float]:
    """Read the seconds in which some task waited for CPU, IO or memory."""
    waits = {}
    for what in ("cpu", "io", "memory"):
        with suppress(OSError, ValueError, IndexError):  # pressure may be off
            waits[f"psi_{what}_s"] = float(_read(path, f"{what}.pressure").split("total=")[1].split()[0]) / 1e6
    return waits


def _pairs(path: str, name: str) -> dict[str, float]:
    words = _read(path, name).split()
    return {key: float(value) for key, value in zip(words[::2], words[1::2], strict=False)}


def _listed(cpus: Iterable[int]) -> str:
    return ",".join(map(str, cpus))


def _lines(path: str) -> list[str]:
    try:
        with open(path) as file:
            return file.read().splitlines()
    except OSError:
        return []


def _read(path: str, name: str) -> str:
    fd = os.open(f"{path}/{name}", os.O_RDONLY)  # a Python file object costs three times as much
    try:
        return os.read(fd, 1 << 16).decode()
    finally:
        os.close(fd)


def _write(path: str, name: str, value: object) -> None:
    with open(os.path.join(path, name), "w") as file:
        file.write(str(value))
