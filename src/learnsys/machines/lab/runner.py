"""Run cells one after the other, each kept as it ends, until all are done or the time is up."""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from learnsys.core.fingerprint import Run
from learnsys.machines.lab.grid import REPS, SIZES, Cell
from learnsys.machines.lab.journal import HERE, Journal, Measured, here
from learnsys.machines.lab.programs import PROGRAMS
from learnsys.machines.lab.warm import warm
from learnsys.machines.measure.noise import disturbed
from learnsys.machines.measure.run import measure
from learnsys.machines.measure.shape import Shape

TIMEOUT_S: Final = 90.0  # thirty times what a program takes at one CPU
UNKNOWN_BYTES: Final = 5 << 29  # touched before the first run of a program
MARGIN: Final = 1.15
# A program chooses its threads itself, whatever was asked of the process that measures it.
CHOICES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "JAVA_TOOL_OPTIONS")

Report = Callable[[int, int, Measured], None]


def run_cell(cell: Cell, memory_bytes: int | None) -> Run:
    """Run one cell once.

    Parameters
    ----------
    cell : Cell
    memory_bytes : int, optional
        What it is known to hold.
    """
    program = PROGRAMS[cell.program]
    return run_program(program.command(cell.size), cell.shape, memory_bytes, disk_bytes=program.disk_bytes * cell.size)


def run_program(
    command: Sequence[str], shape: Shape, memory_bytes: int | None = None, *, disk_bytes: float = 0.0
) -> Run:
    """Run a command once in a folder of its own, on memory that was touched before.

    Parameters
    ----------
    command : sequence of str
    shape : Shape
    memory_bytes : int, optional
        What it is known to hold.
    disk_bytes : float
        What it writes to files.
    """
    need = UNKNOWN_BYTES if memory_bytes is None else round(MARGIN * memory_bytes)
    with tempfile.TemporaryDirectory(prefix="learnsys-lab-") as folder:
        warm(min(shape.memory_bytes, need + round(disk_bytes)))
        env = {**os.environ, "TMPDIR": folder, "PYTHONHASHSEED": "0"}
        for name in CHOICES:
            env.pop(name, None)
        run = measure(command, shape=shape, timeout_s=TIMEOUT_S, env=env, cwd=folder)
    return msgspec.structs.replace(run, rejected=disturbed(run))


def on_site(label: str, cell: Cell, run: Run) -> Measured:
    """Name the host that a run was made on."""
    here = msgspec.structs.replace(run, machine=f"{label}/{run.machine.partition('/')[2]}")
    return Measured(program=cell.program, size=cell.size, run=here)


def run_lab(
    journal: Journal,
    cells: Sequence[Cell],
    *,
    reps: int = REPS,
    seconds: float | None = None,
    report: Report | None = None,
) -> int:
    """Measure what is still to be measured here; return the number of runs made.

    Parameters
    ----------
    journal : Journal
        Where runs are kept, and what is known already.
    cells : sequence of Cell
    reps : int
        Runs of a cheap cell; long ones get fewer.
    seconds : float, optional
        Begin no run after this long.
    report : function (done, left, measured), optional
        Called after each run.
    """
    journal.enter(here())
    began, done = time.monotonic(), 0
    todo = journal.todo(HERE, cells, reps)
    read: set[str] = set()
    while todo and (seconds is None or time.monotonic() - began < seconds):
        cell = todo[0]
        if cell.program not in read:  # from the disk once, so that the first run does not wait for what the others find
            run_cell(msgspec.structs.replace(cell, size=SIZES[-1]), None)
            read.add(cell.program)
        measured = on_site(HERE, cell, run_cell(cell, journal.memory(HERE, cell)))
        journal.add(measured)
        done += 1
        todo = journal.todo(HERE, cells, reps)
        if report is not None:
            report(done, len(todo), measured)
    return done
