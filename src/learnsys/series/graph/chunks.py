"""Operators on rows that come chunk by chunk: the same samples as in memory, in the order in which they are read."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import WorkFailed
from learnsys.series.graph import nodes, values
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.types import Floats

POLICIES: Final = ("keep", "mean", "first", "last")


class DoesNotStream(WorkFailed):
    """What is asked needs all samples in memory: the one reason to read them after all."""


class OutOfOrder(DoesNotStream):
    """Rows that have to be in order of time are not: they must be sorted in memory."""


@final
class Rows(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Some rows: numbers of ``ids``, seconds since the origin, and values."""

    ids: tuple[str, ...]
    t0_ns: int
    codes: NDArray[np.int32]
    t: Floats
    x: NDArray[Any]


Step = Callable[[Rows], Rows]


def steps(node: AbstractNode) -> list[Callable[[], Step]] | None:
    """List makers of what is done to chunks between the scan and ``node``; None if something needs all samples."""
    if isinstance(node, nodes.Scan):
        return []
    if type(node) not in _HOW or (below := steps(node.children[0])) is None:
        return None
    return [*below, lambda: _HOW[type(node)](node)]


def chunks(node: AbstractNode) -> Iterator[Rows]:
    """Read and compute the chunks of a node for which ``steps`` finds a way.

    Raises
    ------
    OutOfOrder
        If increments are wanted of rows that are not in order of time.
    """
    scan = next(n for n in nodes.walk(node) if isinstance(n, nodes.Scan))
    made = [make() for make in steps(node) or ()]
    last, t0_ns = None, None
    for chunk in _with_rows(scan.source.chunks(scan)):
        if t0_ns is None:  # the first stamp, near which seconds lose nothing
            t0_ns = int(chunk.t[0]) if chunk.t.dtype.kind == "i" and chunk.t.size else 0
        rows = Rows(ids=chunk.ids, t0_ns=t0_ns, codes=chunk.codes, t=chunk.seconds(t0_ns), x=chunk.x)
        last = rows
        for step in made:
            rows = step(rows)
        yield rows
    if last is not None:
        yield from _rest(made, last)


def _with_rows(read: Iterator[Any]) -> Iterator[Any]:
    """Leave out empty chunks; if all are, give the last."""
    chunk, some = None, False
    for chunk in read:
        if chunk.t.size:
            some = True
            yield chunk
    if chunk is not None and not some:
        yield chunk


def _rest(made: list[Step], last: Rows) -> Iterator[Rows]:
    """Let go on what waits for the next stamp."""
    for n, step in enumerate(made):
        if isinstance(step, _Merging):
            rows = step.rest(last)
            for later in made[n + 1 :]:
                rows = later(rows)
            yield rows


def _logged(_: nodes.Log) -> Step:
    def step(rows: Rows) -> Rows:
        return msgspec.structs.replace(rows, x=values.logarithms(rows.x, lambda row: rows.ids[rows.codes[row]]))

    return step


def _scaled(node: nodes.Scale) -> Step:
    def step(rows: Rows) -> Rows:
        on = np.array([node.ids is None or name in node.ids for name in rows.ids], bool)[rows.codes]
        return msgspec.structs.replace(rows, x=np.where(on, node.a * rows.x + node.b, rows.x))

    return step


def _inside(node: nodes.Between) -> Step:
    def step(rows: Rows) -> Rows:
        low, high = values.edges(node.start, node.end, rows.t0_ns)
        return _kept(rows, (rows.t >= low) & (rows.t < high))

    return step


def _weighed(node: nodes.Weights) -> Step:
    """Weights are what sums give to rows as they come."""
    return lambda rows: rows


def _kept(rows: Rows, keep: NDArray[np.bool_]) -> Rows:
    return msgspec.structs.replace(rows, codes=rows.codes[keep], t=rows.t[keep], x=rows.x[keep])


@final
class _Carried:
    """What a kernel of ``carry`` carries from chunk to chunk."""

    def __init__(self) -> None:
        self.state: tuple[NDArray[Any], ...] = (np.zeros(0), np.zeros(0), np.zeros(0, np.int64))

    def run(self, kernel: Callable[..., int], rows: Rows, *more: Any) -> Rows:
        """Give the rows that go on."""
        from learnsys.series.graph.carry import grown

        self.state = grown(self.state, len(rows.ids))
        out = (np.empty(rows.t.size, np.int32), np.empty(rows.t.size), np.empty(rows.t.size))
        n = kernel(rows.codes, rows.t, rows.x, self.state, *more, out)
        if n < 0:
            raise OutOfOrder("the rows of a series are not in order of time", next="sort them by time")
        return msgspec.structs.replace(rows, codes=out[0][:n], t=out[1][:n], x=out[2][:n])


@final
class _Merging:
    """One row of those at one stamp."""

    def __init__(self, node: nodes.Duplicates) -> None:
        self.carried = _Carried()
        self.policy = POLICIES.index(node.policy)

    def __call__(self, rows: Rows) -> Rows:
        from learnsys.series.graph.carry import merge_stamps

        return self.carried.run(merge_stamps, rows, self.policy)

    def rest(self, last: Rows) -> Rows:
        """The stamps that wait."""
        at, value, count = self.carried.state
        codes = np.flatnonzero(count).astype(np.int32)
        x = value[codes] / (count[codes] if POLICIES[self.policy] == "mean" else 1)
        return msgspec.structs.replace(last, codes=codes, t=at[codes], x=x)


def _differenced(node: nodes.Difference) -> Step:
    """Increments."""
    from learnsys.series.graph.carry import increments

    return partial(_Carried().run, increments)


_HOW: Final[dict[type[AbstractNode], Callable[[Any], Step]]] = {
    nodes.Log: _logged, nodes.Scale: _scaled, nodes.Between: _inside, nodes.Duplicates: _Merging,
    nodes.Difference: _differenced, nodes.Weights: _weighed,
}  # fmt: skip
