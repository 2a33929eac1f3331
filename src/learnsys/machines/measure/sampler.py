"""Look at a running job again and again, seldom enough to cost less than a hundredth of a core.

The first looks come every 10 ms, so that a job of a second has tens of them; then the pause grows with the age of the
job. Standard library only, for the supervisor (see ``cgroup``).
"""

import os
import time
from typing import Final

from learnsys.machines.measure import cgroup, proc

FIRST_S: Final = 0.01
GROWTH: Final = 0.1  # of the age: 23 looks for each factor of ten
SHARE: Final = 0.008  # of one core that looking may cost, after the first few looks
FREE: Final = 5  # the first looks, when nothing is in any cache yet: a slow host would look at a short job no more
LONGEST_S: Final = 0.5
MOST_LOOKS: Final = 2000  # beyond LONGEST_S * MOST_LOOKS the pause grows on, so that the record stays small
MOST_PROCESSES: Final = 64  # whose files are read one by one

Look = dict[str, float]


class Sampler:
    """Looks at the processes of ``group``, or at the descendants of this process where there is none."""

    def __init__(self, group: cgroup.Group | None, cpus: tuple[int, ...], longest_s: float = LONGEST_S) -> None:
        self.looks: list[Look] = []
        self.cost_s = self._free_s = 0.0
        self._group, self._cpus, self._longest_s = group, cpus, longest_s
        self._seen: dict[int, tuple[float, ...]] = {}
        self._sums = [0.0] * 9
        self._start = time.monotonic()

    def begin(self, start: float) -> None:
        """Count the age of the job from ``start``, on the monotonic clock."""
        self._start = start

    def look(self) -> Look:
        """Take one look and keep it."""
        before = time.thread_time()
        look = {"t": time.monotonic() - self._start}
        if self._group is not None:
            look |= cgroup.read_group(self._group)
            pids = cgroup.members(list(self._group.dirs.values())[:1])
        else:
            pids = proc.descendants(os.getpid())
        look |= self._processes(pids, look) | proc.host(self._cpus)
        if "psi_cpu_s" in look:
            look["waited_s"] = look["psi_cpu_s"]  # all threads, not only the first of each process
        else:
            look |= proc.pressures()  # of the whole host
        self.looks.append(look)
        self.cost_s += time.thread_time() - before
        return look

    def watch(self) -> float:
        """Return the memory of the job just now, in bytes, at a tenth of the cost of a look."""
        before = time.thread_time()
        seen = [used.rss_bytes for pid in proc.descendants(os.getpid()) if (used := proc.usage(pid)) is not None]
        self.cost_s += time.thread_time() - before
        return float(sum(seen))

    def next_look(self) -> float:
        """Return when to look again, on the monotonic clock."""
        now = time.monotonic()
        age = now - self._start
        pause = max(FIRST_S, min(age * GROWTH, max(self._longest_s, age / MOST_LOOKS)))
        if len(self.looks) <= FREE:
            self._free_s = self.cost_s
        affordable = self._start + (self.cost_s - self._free_s) / SHARE
        return max(now + pause, affordable)

    def _processes(self, pids: set[int], look: Look) -> Look:
        """Add up over the processes; one that ended keeps what it was last seen to have used."""
        threads = rss = largest = 0
        for pid in sorted(pids)[:MOST_PROCESSES]:
            used = proc.usage(pid)
            if used is None or used.dead:
                continue
            threads, rss, largest = threads + used.threads, rss + used.rss_bytes, max(largest, used.rss_bytes)
            now = (used.user_s, used.system_s, used.minor_faults, used.major_faults, *proc.counted(pid))
            last = self._seen.get(pid, (0.0,) * 9)
            self._seen[pid] = now
            self._sums = [total + max(0.0, n - l) for total, n, l in zip(self._sums, now, last, strict=True)]
        user, system, minor, major, voluntary, involuntary, read, write, waited = self._sums
        sums = {
            "faults_minor": minor, "faults_major": major, "switches_voluntary": voluntary,
            "switches_involuntary": involuntary, "read_bytes": read, "write_bytes": write, "waited_s": waited,
            "threads": float(threads), "procs": float(len(pids)), "rss": float(rss),
            "rss_largest": float(largest),
        }  # fmt: skip
        return sums if "user_s" in look else sums | {"user_s": user, "system_s": system, "cpu_s": user + system}
