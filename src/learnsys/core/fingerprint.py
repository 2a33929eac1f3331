"""What a job does to a machine: measured runs, kept under a name."""

from datetime import datetime
from typing import Literal, final

import msgspec

from learnsys.core.table import Column, Table


@final
class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a job on one machine.

    ``counters`` hold the mean and the 90th percentile over the run, by names such as ``cpu.user_frac`` and
    ``disk.read_bytes_s``; ``isolation`` says what kept other work away; ``rejected`` why a noisy run does
    not count. ``elapsed_s`` is the time of a run that ended well, and None otherwise; ``spent_s`` is when it ended,
    however it did. ``size`` is the size of its data, in bytes or any unit that is the same for all runs; ``command``
    is given where it differs from the fingerprint's, as for data of another size.
    """

    machine: str
    outcome: Literal["ok", "oom", "timeout", "failed"]
    elapsed_s: float | None
    cpu_s: float
    peak_bytes: int
    working_set_bytes: int
    counters: dict[str, tuple[float, float]] = {}
    isolation: Literal["cgroup2", "cgroup1", "weak"] = "weak"
    rejected: str | None = None
    size: float | None = None
    spent_s: float = 0.0
    exit_code: int | None = None
    threads: int = 0
    throttled_s: float = 0.0
    started: datetime | None = None
    command: tuple[str, ...] = ()


@final
class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of one command."""

    name: str
    command: tuple[str, ...]
    runs: tuple[Run, ...]

    def table(self) -> Table:
        """Show the runs."""
        sized = any(r.size is not None for r in self.runs)
        return Table(
            title=f"{self.name}: {' '.join(self.command)}" if self.command else self.name,
            columns=(
                Column(name="machine"),
                *((Column(name="data", unit="B", kind="size"),) if sized else ()),
                Column(name="outcome"),
                Column(name="elapsed", unit="s", kind="duration"),
                Column(name="cpu", unit="s", kind="duration"),
                Column(name="peak memory", unit="B", kind="size"),
                Column(name="rejected"),
            ),
            rows=tuple(
                (r.machine, *((r.size,) if sized else ()), r.outcome, r.elapsed_s, r.cpu_s, r.peak_bytes, r.rejected)
                for r in self.runs
            ),
        )
