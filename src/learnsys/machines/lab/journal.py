"""The runs so far, a line each, in the order in which they ended: what makes the lab resumable."""

import math
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, final

import msgspec

from learnsys.core.errors import BadFile, InputError
from learnsys.core.fingerprint import Run
from learnsys.core.host import Host, this_host
from learnsys.core.store import default_root
from learnsys.machines.lab.grid import Cell, hopeless, wanted_reps
from learnsys.machines.measure.shape import Shape

HERE: Final = "host"
TRIES: Final = 3  # beyond the runs wanted, where other work disturbed some
APART: Final = 1.15  # times the fastest of a cell's runs: one that took longer was disturbed
LEAST_S: Final = 0.03  # or this much longer: clocks and starts of processes are no surer
PLENTY: Final = 2.5  # times what a program holds: more memory changes nothing


@final
class Site(msgspec.Struct, frozen=True, kw_only=True, tag="site"):
    """A host under its label: ``host`` for this one, ``node1`` ... on a cluster."""

    label: str
    host: Host


@final
class Measured(msgspec.Struct, frozen=True, kw_only=True, tag="run"):
    """One run of a program at a size; ``run.machine`` names the site and the shape."""

    program: str
    size: float
    run: Run

    @property
    def site(self) -> str:
        """Label of the host."""
        return self.run.machine.partition("/")[0]

    @property
    def cell(self) -> Cell:
        """Where in the grid it belongs."""
        return Cell(program=self.program, size=self.size, shape=Shape.parse(self.run.machine.partition("/")[2]))


def default_path() -> Path:
    """Where the runs are kept if the user names no file."""
    return default_root() / "lab.jsonl"


@final
class Journal:
    """The file of runs, read whole and written a line at a time.

    Parameters
    ----------
    path : Path
        A line that a kill cut short at its end is dropped.

    Raises
    ------
    BadFile
        If another line is malformed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sites: dict[str, Host] = {}
        self.runs: dict[tuple[str, Cell], list[Run]] = {}
        for line in self._whole_lines():
            self._take(line)

    def enter(self, site: Site) -> None:
        """Note what a label stands for.

        Raises
        ------
        InputError
            If it stood for another machine before: its runs cannot be compared.
        """
        if (known := self.sites.get(site.label)) is None:
            self._append(site)
        elif (known.cpu, known.cores, known.memory_bytes) != (site.host.cpu, site.host.cores, site.host.memory_bytes):
            raise InputError(
                f"{self.path} has runs of another {site.label} ({known.cpu}, {known.cores} cores)",
                value=str(self.path), next="give --file with a new name",
            )  # fmt: skip

    def add(self, measured: Measured) -> None:
        """Keep a run; it is on disk when this returns."""
        self._append(measured)

    def good(self, label: str, cell: Cell) -> list[Run]:
        """Runs of a cell that count."""
        return [run for run in judged(self.runs.get((label, cell), [])) if run.rejected is None]

    def memory(self, label: str, cell: Cell) -> int | None:
        """Bytes that the same program at this size or above was seen to hold; None if it never ran."""
        held = [
            max(run.peak_bytes, run.working_set_bytes)
            for (site, other), runs in self.runs.items()
            if site == label and other.program == cell.program and other.size >= cell.size
            for run in runs
        ]
        return max(held, default=None)

    def todo(self, label: str, cells: Iterable[Cell], reps: int) -> list[Cell]:
        """Cells still to be run on a host: first runs, second runs, then small inputs where memory is plenty."""
        cells = list(cells)
        killed: dict[str, list[Cell]] = defaultdict(list)
        for cell in cells:
            if any(run.outcome == "oom" for run in self.good(label, cell)):
                killed[cell.program].append(cell)
        held = self._held(label)
        waiting: list[tuple[float, Cell]] = []
        for cell in cells:
            plenty = cell.size < 1 and cell.shape.memory_bytes > PLENTY * held.get((cell.program, cell.size), math.inf)
            late = 1.5 if plenty else 0.0
            tried, good = self.runs.get((label, cell), []), self.good(label, cell)
            if not good:
                if len(tried) < TRIES and not hopeless(cell, killed[cell.program]):
                    waiting.append((late, cell))
                continue
            most = wanted_reps(good[0], reps)
            waiting += [(late + rep, cell) for rep in range(len(good), most) if len(tried) < most + TRIES]
        return [cell for _, cell in sorted(waiting, key=lambda pair: pair[0])]

    def _held(self, label: str) -> dict[tuple[str, float], int]:
        """Most memory that each program at each size was seen to hold."""
        held: dict[tuple[str, float], int] = {}
        for (site, cell), runs in self.runs.items():
            if site == label:
                most = max(run.peak_bytes for run in runs)
                held[cell.program, cell.size] = max(most, held.get((cell.program, cell.size), 0))
        return held

    def all_runs(self) -> list[Measured]:
        """Every run, those that were rejected too."""
        return [
            Measured(program=cell.program, size=cell.size, run=run)
            for (_, cell), runs in self.runs.items()
            for run in judged(runs)
        ]

    def _whole_lines(self) -> list[bytes]:
        if not self.path.exists():
            return []
        content = self.path.read_bytes()
        whole, _, cut = content.rpartition(b"\n")
        if cut:
            os.truncate(self.path, len(content) - len(cut))
        return whole.splitlines()

    def _take(self, line: bytes) -> None:
        try:
            entry = msgspec.json.decode(line, type=Site | Measured)
        except msgspec.MsgspecError as error:
            number = len(self.sites) + sum(map(len, self.runs.values())) + 1
            raise BadFile.line(self.path, number, str(error)) from error
        if isinstance(entry, Site):
            self.sites[entry.label] = entry.host
        else:
            self.runs.setdefault((entry.site, entry.cell), []).append(entry.run)

    def _append(self, entry: Site | Measured) -> None:
        line = msgspec.json.encode(entry)
        with open(self.path, "ab") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._take(line)


def judged(runs: Sequence[Run]) -> list[Run]:
    """Mark the runs of a cell that took longer than the fastest, with the reason.

    A program of the lab does the same work each time, and nothing makes it faster than it is. What slows it need not
    show: another virtual machine on the same processor takes its caches and clock, not its time.
    """
    ended = [run.elapsed_s for run in runs if run.rejected is None and run.elapsed_s is not None]
    if len(ended) < 2:
        return list(runs)
    limit = max(APART * min(ended), min(ended) + LEAST_S)
    return [
        msgspec.structs.replace(run, rejected=f"it took {run.elapsed_s / min(ended):.2f}x the time of the fastest run")
        if run.rejected is None and run.elapsed_s is not None and run.elapsed_s > limit
        else run
        for run in runs
    ]


def here() -> Site:
    """Describe this host."""
    return Site(label=HERE, host=this_host())
