"""What ``learnsys machines lab`` returns."""

from pathlib import Path
from typing import TYPE_CHECKING, final

import msgspec

from learnsys.core.host import Host
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt


@final
class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One run that counts, as a chart draws it."""

    program: str
    size: float
    cpu: float
    memory_bytes: int
    outcome: str
    elapsed_s: float | None
    peak_bytes: int


@final
class Lab(AbstractResult, frozen=True, kw_only=True):
    """How far the lab has come.

    Attributes
    ----------
    file : Path
        The journal of runs.
    sites : dict
        The hosts by label.
    points : tuple of Point
        Runs that count.
    rejected : int
        Runs that other work disturbed.
    left : int
        Runs still to be made.
    missing : dict
        For each program that was skipped, the library or command that it lacks.
    """

    file: Path
    sites: dict[str, Host]
    points: tuple[Point, ...]
    rejected: int
    left: int
    missing: dict[str, str]

    def table(self) -> Table:
        """Show a row a program, with its full input at one CPU."""
        hosts = tuple(f"{label}: {host.cpu}, {host.cores} cores" for label, host in self.sites.items())
        skipped = tuple(f"skipped {program}: {what} is not installed" for program, what in self.missing.items())
        left = (f"{self.left} runs left: run it again to go on",) if self.left else ()
        return Table(
            title=f"lab: {len(self.points)} runs count, {self.rejected} more disturbed",
            columns=(
                Column(name="program"),
                Column(name="runs", kind="integer"),
                Column(name="time", unit="s", kind="duration"),
                Column(name="peak memory", unit="B", kind="size"),
                Column(name="out of memory", kind="integer"),
            ),
            rows=tuple(self._row(name) for name in dict.fromkeys(p.program for p in self.points)),
            notes=(*hosts, f"kept in {self.file}", *skipped, *left),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw seconds against memory at one CPU: the memory cliff."""
        from learnsys.machines.lab.charts import cliff_chart

        return cliff_chart(self)

    def _row(self, name: str) -> tuple[str, int, float | None, int | None, int]:
        points = [p for p in self.points if p.program == name]
        whole = [p for p in points if p.size == 1.0 and p.cpu == 1.0 and p.elapsed_s is not None]
        times = sorted(p.elapsed_s for p in whole if p.elapsed_s is not None)
        killed = {(p.size, p.cpu, p.memory_bytes) for p in points if p.outcome == "oom"}
        peak = max((p.peak_bytes for p in whole), default=None)
        return name, len(points), times[len(times) // 2] if times else None, peak, len(killed)
