"""Sums and coefficients of a source that does not fit in memory: chunk by chunk, in one pass, or two.

What the questions need depends on how many samples there are, which is guessed from the first rows and what the source
tells of itself; the grid of the sums is made for that. Facts are exact afterwards. Coefficients need to know how long
the samples last: they are computed in a second pass. Voronoi weights are capped by the mean gap of the first rows.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from learnsys.core.engine.types import Engine
from learnsys.core.errors import WorkFailed
from learnsys.core.result import Result
from learnsys.series.estimate.types import Facts
from learnsys.series.graph import coefficients, lower, nodes, tolerance
from learnsys.series.graph.chunks import Rows, chunks, steps
from learnsys.series.graph.cost import CostModel
from learnsys.series.graph.first import first_facts
from learnsys.series.graph.lower import Member, Questions
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.graph.view import View
from learnsys.series.types import Floats, Kernel, Lags

SUMS: Final = "running sums"
PROJECTION: Final = "running projection"
BYTES_A_ROW: Final = 40  # of samples in memory, with what is made of them on the way
STATE_BYTES: Final = 96 << 20  # that correlations may take: more blocks of the jackknife, as long as there is room
LEAST_BLOCKS: Final = 8


class DoesNotStream(WorkFailed):
    """What is asked needs all samples in memory."""


def can_stream(group: nodes.Shared) -> bool:
    """Tell whether the samples of a group can come chunk by chunk."""
    weights = [n for n in nodes.walk(group.child) if isinstance(n, nodes.Weights)]
    return steps(group.child) is not None and (not weights or weights == [group.child])


def is_large(group: nodes.Shared, memory_bytes: float) -> bool:
    """Tell whether the samples of a group are too many to be held, and need not be."""
    source = next(node.source for node in nodes.walk(group.child) if isinstance(node, nodes.Scan))
    if source.held or not can_stream(group) or (source.rows or 0) * BYTES_A_ROW <= memory_bytes:
        return False
    return float(first_facts(group.child).n.sum()) * BYTES_A_ROW > memory_bytes


def answers(
    group: nodes.Shared,
    model: CostModel,
    told: Callable[[str, tuple[int, ...], int, float], None],
    *,
    engine: Engine | None = None,
) -> dict[int, Result]:
    """Answer the questions of a group for which ``can_stream`` holds.

    Parameters
    ----------
    group : Shared
    model : CostModel
    told : callable
        Gets what was done, for which questions, with how many rows, and the seconds expected.
    engine : Engine, optional
        Where sums are computed, if files are read and every row can be taken alone.

    Raises
    ------
    DoesNotStream
        If a question turns out to need all samples.
    OutOfOrder, InputError
        If rows are not, or not nearly, in order of time.
    """
    expected = first_facts(group.child)
    asked = Questions.of(group, expected)
    if asked.values:
        raise DoesNotStream("a statistic wants the samples themselves", value=asked.values[0].ask.label)
    found: dict[int, Result] = {}
    facts = None
    if asked.sums:
        facts, found = _sums(group.child, asked.sums, expected, engine)
        told(SUMS, tuple(m.number for m in asked.sums), int(facts.n.sum()), expected_s(asked, expected, model)[0])
    if asked.projections:
        facts = facts or _counted(group.child)
        found |= _projections(group.child, Questions.of(group, facts).projections, facts)
        numbers = tuple(m.number for m in asked.projections)
        told(PROJECTION, numbers, int(facts.n.sum()), expected_s(asked, expected, model)[1])
    return found


def expected_s(asked: Questions, facts: Facts, model: CostModel) -> tuple[float, float]:
    """Predict the seconds of the sums and of the coefficients that questions want."""
    sums = max((model.running(facts, member.spec) for member in asked.sums), default=0.0)
    specs = coefficients.merged([member.spec for member in asked.projections])
    return sums, sum((model.scan(facts.n.sum()) + model.projection(facts, spec) for spec in specs), 0.0)


def _sums(
    node: AbstractNode, members: Sequence[Member], expected: Facts, engine: Engine | None
) -> tuple[Facts, dict[int, Result]]:
    """Compute in one pass, and in another, more exactly, if the pairs of samples turn out to need it."""
    first = tolerance.first_try(expected, [k for m in members for k in m.spec.kernels])
    for tol in (first, min(first, tolerance.tight(expected)) / 2):
        if (found := _to(tol, node, members, (expected, engine))) is not None:
            return found
    raise DoesNotStream("too few pairs of samples", value=first)


def _to(
    tol: float, node: AbstractNode, members: Sequence[Member], how: tuple[Facts, Engine | None]
) -> tuple[Facts, dict[int, Result]] | None:
    """Compute sums to a tolerance; None if that is not exact enough."""
    expected, engine = how
    state = _state(node, members, expected, (tol, engine))
    facts = state.facts()
    found = {}
    for guessed in members:
        view = View.through(guessed.ask.after, facts)
        member = msgspec.structs.replace(guessed, view=view, facts=view.facts(facts))
        if (wanted := lower.request(member, facts)) is None:
            raise DoesNotStream("shifted blocks of time", value=member.ask.label)
        blocks = min(wanted.blocks, max(len(state.numbers) // 2 * 2, 1))  # intervals take them by twos
        sums = state.sums(msgspec.structs.replace(wanted.spec(len(facts.ids)), blocks=blocks))
        if not tolerance.holds(sums, facts, tol):
            return None
        found[member.number] = member.ask.statistic.finish(wanted.given(member, sums, len(facts.ids)), member.facts)
    return facts, found


def _state(node: AbstractNode, members: Sequence[Member], expected: Facts, how: tuple[float, Engine | None]) -> Any:
    from learnsys.series.graph import divided
    from learnsys.series.sums.running import Running

    tol, engine = how
    requests = [lower.request(member, expected) for member in members]
    if any(request is None for request in requests):
        raise DoesNotStream("blocks of time that are cut elsewhere", value=len(requests))
    kernels = tuple(dict.fromkeys(kernel for m in members for kernel in m.spec.kernels))
    reach = max(request.lags.reach_s for request in requests if request is not None)
    blocks = max(m.spec.blocks for m in members)
    if engine is not None and (parts := divided.parts(node, engine.slots)):
        ids = next(scan.ids for scan in nodes.walk(parts[0]) if isinstance(scan, nodes.Scan))
        grid = _grid(kernels, reach, expected, (tol, expected.t0_ns, blocks))
        wanted = divided.Grid(grid=grid, ids=ids or (), blocks=_most_blocks(grid, len(ids or ()), blocks))
        return divided.gather(parts, wanted, engine)
    running: Running | None = None
    for rows in chunks(node):
        if running is None:
            grid = _grid(kernels, reach, expected, (tol, rows.t0_ns, blocks))
            most = _most_blocks(grid, len(expected.ids), blocks)
            rule = node.rule if isinstance(node, nodes.Weights) else "uniform"
            running = Running(grid, expected.ids, weights=rule, gaps_s=_gaps_s(expected), blocks=most)
        running.add(rows.ids, rows.codes, rows.t, rows.x)
    assert running is not None
    return running.finish()


def _most_blocks(grid: Any, d: int, blocks: int) -> int:
    """How many blocks of the jackknife there is room for."""
    room = STATE_BYTES // (32 * (2 * grid.halo + 1) * max(d**2 // 2, 1))
    if room < 1:
        raise DoesNotStream("correlations of so many pairs", value=d)
    return 1 if blocks == 1 else min(blocks, max(room, LEAST_BLOCKS))


def _grid(kernels: tuple[Kernel, ...], reach_s: float, expected: Facts, how: tuple[float, int, int]) -> Any:
    from learnsys.series.sums.cell_sums import CellGrid

    tol, t0_ns, blocks = how
    span = float(np.nanmax(expected.last_s) - np.nanmin(expected.first_s)) if np.any(expected.n) else 1.0
    lags = Lags(first_s=-reach_s, step_s=max(2 * reach_s, 1e-9), count=2)
    return CellGrid.of(kernels, lags, tol=tol, t0_ns=t0_ns, block_s=span / (2 * blocks) if blocks > 1 else None)


def _gaps_s(facts: Facts) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num((facts.last_s - facts.first_s) / (facts.n - 1), nan=0.0, posinf=0.0)


def _projections(node: AbstractNode, members: Sequence[Member], facts: Facts) -> dict[int, Result]:
    from learnsys.series.sums.projecting import Projecting

    if isinstance(node, nodes.Weights) and node.rule != "uniform":
        raise DoesNotStream("coefficients of weighted samples", value=node.label)
    specs = coefficients.merged([m.spec for m in members])
    running = [Projecting(spec, t0_ns=facts.t0_ns, tol=tolerance.tight(facts)) for spec in specs]
    for rows in chunks(node):
        for one in running:
            one.add(rows.ids, rows.codes, rows.t, rows.x)
    found = {}
    for spec, one in zip(specs, running, strict=True):
        made = one.finish().centred()
        for m in members:
            if m.spec.period_s == spec.period_s:
                found[m.number] = m.ask.statistic.finish(coefficients.taken(made, m.view, m.spec), m.facts)
    return found


def _counted(node: AbstractNode) -> Facts:
    """Look through the samples, all of which weigh the same."""
    from learnsys.series.graph.carry import count_rows, grown

    (table,), last = (np.zeros((6, 0)),), None
    for last in chunks(node):
        (table,) = grown((table,), len(last.ids))
        count_rows(last.codes, last.t, last.x, table)
    assert last is not None
    return counted(last, table)


def counted(last: Rows, table: Floats) -> Facts:
    """Make facts of a table of ``carry.count_rows``."""
    n, first, end, start, away, square = table
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, variance = start + away / n, square / n - (away / n) ** 2
    some = n > 0
    return Facts(
        ids=last.ids, t0_ns=last.t0_ns, n=n.astype(np.int64), first_s=np.where(some, first, np.nan),
        last_s=np.where(some, end, np.nan), sum_w=n, sum_w2=n, mean=np.where(some, mean, np.nan), variance=variance,
    )  # fmt: skip
