"""What the lab measures, and in which order: the first minutes already give a useful table.

A cell is a program at a size in a shape. The full input goes through all shapes; smaller inputs, from which the big
run is to be predicted, through the memories at one CPU that tell whether a program adapts.
"""

from collections.abc import Iterable, Mapping
from typing import Final, final

import msgspec

from learnsys.core.fingerprint import Run
from learnsys.machines.lab.programs import PROGRAMS
from learnsys.machines.measure.shape import Shape

MIB: Final = 1 << 20
LADDER: Final = (4096, 1024, 512, 256, 128, 2048)  # MiB; the ends and the middle first
TIGHT: Final = (512, 128)  # MiB in which smaller inputs are measured too
SIZES: Final = (1.0, 0.25, 0.5, 0.125)
FULL: Final[Mapping[float, tuple[int, ...]]] = {
    1.0: LADDER, 2.0: LADDER, 0.5: (1024, 4096), 1.5: (512, 4096), 0.25: (512, 4096),
}  # fmt: skip
REPS: Final = 3
CHEAP_S: Final = 1.2  # a run below it is measured as often as asked
DEAR_S: Final = 4.0  # a run above it is measured once


@final
class Cell(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One program at one size in one shape."""

    program: str
    size: float
    shape: Shape


def cells(programs: Iterable[str] | None = None, shapes: Iterable[Shape] | None = None) -> list[Cell]:
    """List the cells in the order in which they are measured.

    Parameters
    ----------
    programs : iterable of str, optional
        Names; all if not given.
    shapes : iterable of Shape, optional
        Every size of every program in each of these, in place of the grid.
    """
    names = list(PROGRAMS if programs is None else programs)
    if shapes is not None:
        return [Cell(program=n, size=s, shape=shape) for shape in shapes for s in SIZES for n in names]
    places = [(1.0, 1.0, LADDER[0]), *((size, 1.0, LADDER[0]) for size in SIZES[1:])]
    full = [(1.0, cpu, mems[rung]) for rung in range(6) for cpu, mems in FULL.items() if rung < len(mems)]
    places += full[:10] + [(size, 1.0, mib) for mib in TIGHT for size in SIZES[1:]] + full[10:]
    unique = dict.fromkeys(places)
    return [
        Cell(program=name, size=size, shape=Shape(cpu=cpu, memory_bytes=mib * MIB))
        for size, cpu, mib in unique
        for name in names
    ]


def wanted_reps(first: Run, reps: int = REPS) -> int:
    """Say how many runs a cell deserves, given its first: long runs are dear, and what died dies again."""
    if first.outcome != "ok":
        return min(reps, 2 if first.spent_s < CHEAP_S / 2 else 1)
    return reps if first.spent_s < CHEAP_S else min(reps, 2 if first.spent_s < DEAR_S else 1)


def hopeless(cell: Cell, killed: Iterable[Cell]) -> bool:
    """Tell whether the cell need not be run, because the same program died of memory in at least as much.

    ``killed`` are cells of that program. More CPUs do not help: programs that use them need more memory, not less.
    """
    return any(
        dead.size <= cell.size
        and dead.shape.cpu <= cell.shape.cpu
        and dead.shape.memory_bytes >= cell.shape.memory_bytes
        and dead != cell
        for dead in killed
    )
