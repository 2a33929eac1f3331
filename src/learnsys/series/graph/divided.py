"""Running sums of files that several workers read: each takes neighbouring row groups, and the states are added.

Only what is done to each row alone can be divided: an increment from the last row of one part to the first of the next
would be lost, and a Voronoi weight there be another one. Everything else is read by one worker.
"""

from functools import reduce
from operator import add
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.engine.types import Engine
from learnsys.series import state_file
from learnsys.series.graph import nodes
from learnsys.series.graph.chunks import chunks
from learnsys.series.graph.nodes import AbstractNode, Scan, rebuild, replace, walk
from learnsys.series.graph.stored import Stored
from learnsys.series.sources.dataset import Dataset
from learnsys.series.sums.cell_sums import CellGrid
from learnsys.series.sums.lag_state import LagState

ROW_BY_ROW: Final = (nodes.Scan, nodes.Log, nodes.Scale, nodes.Weights)


@final
class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """What every worker makes its state for: the grid, the series, their pairs, and the most blocks kept."""

    grid: CellGrid
    ids: tuple[str, ...]
    pairs: NDArray[np.int64] | None
    blocks: int


def parts(node: AbstractNode, most: int) -> list[AbstractNode]:
    """Divide what a node reads into up to ``most`` parts, each with all series; none if it cannot be divided."""
    steps = list(walk(node))
    scan = next(step for step in steps if isinstance(step, Scan))
    source = scan.source.source if isinstance(scan.source, Stored) else None
    whole = scan.where == () and scan.start is None and scan.end is None
    if source is None or not isinstance(source.table, Dataset) or not (scan.ids or whole):
        return []
    if any(not isinstance(step, ROW_BY_ROW) or getattr(step, "rule", "uniform") != "uniform" for step in steps):
        return []
    from learnsys.series.scale import divided

    ids = scan.ids or source.names()  # known beforehand, so that all workers number them alike
    scans = [replace(scan, source=Stored(source=part), ids=ids) for part in divided(source, most)]
    return [rebuild(node, lambda step, new=new: new if isinstance(step, Scan) else step) for new in scans]  # type: ignore[misc]


def gather(divided: list[AbstractNode], how: Grid, engine: Engine) -> LagState:
    """Make the state of all parts.

    Raises
    ------
    InputError
        If rows are far out of order of time.
    BadFile
        If a file is missing or damaged.
    """
    packed = engine.map(gather_part, divided, engine.put(how))
    state: LagState = reduce(add, map(state_file.unpack, packed))
    return state


def gather_part(node: AbstractNode, how: Grid) -> bytes:
    """Make the state of one part, and pack it for the way."""
    from learnsys.series.sums.running import Running

    running = Running(how.grid, how.ids, pairs=how.pairs, blocks=how.blocks)
    for rows in chunks(node):
        t: Any = rows.t + (rows.t0_ns - how.grid.t0_ns) / 1e9
        running.add(rows.ids, rows.codes, t, rows.x)
    return state_file.pack(running.finish())
