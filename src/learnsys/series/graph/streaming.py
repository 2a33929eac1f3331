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
from learnsys.core.errors import Incompatible, InputError
from learnsys.core.result import Result
from learnsys.series.estimate.types import Facts
from learnsys.series.graph import coefficients, lower, nodes, tolerance
from learnsys.series.graph.chunks import DoesNotStream, OutOfOrder, Rows, chunks, steps
from learnsys.series.graph.first import first_facts
from learnsys.series.graph.lower import Member, Questions
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.graph.view import View
from learnsys.series.sums.cost import CostModel
from learnsys.series.types import Floats, Kernel, Lags

SUMS: Final = "running sums"
PROJECTION: Final = "running projection"
BYTES_A_ROW: Final = 40  # of samples in memory, with what is made of them on the way
STATE_BYTES: Final = 96 << 20  # that correlations may take: more blocks of the jackknife, as long as there is room
LEAST_BLOCKS: Final = 8
CAPPED: Final = "Voronoi weights are capped by the mean gaps that the first rows promise"
GUESSED: Final = "bandwidths and lags are those for as many samples as the first rows promise"


def can_stream(group: nodes.Shared) -> bool:
    """Tell whether the samples of a group can come chunk by chunk."""
    weights = [n for n in nodes.walk(group.child) if isinstance(n, nodes.Weights)]
    return steps(group.child) is not None and (not weights or weights == [group.child])


def is_large(group: nodes.Shared, memory_bytes: float) -> bool:
    """Tell whether the samples of a group are too many to be held."""
    source = next(node.source for node in nodes.walk(group.child) if isinstance(node, nodes.Scan))
    if source.held or (source.rows or 0) * BYTES_A_ROW <= memory_bytes:
        return False
    return not can_stream(group) or float(first_facts(group.child).n.sum()) * BYTES_A_ROW > memory_bytes


def answers(
    group: nodes.Shared,
    model: CostModel,
    told: Callable[[str, tuple[int, ...], int, float], None],
    *,
    engine: Engine | None = None,
) -> dict[int, Result]:
    """Answer the questions of a group.

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
        If a question turns out to need all samples, or rows are not, or not nearly, in order of time.
    InputError
        If the samples do not suit a question.
    """
    if not can_stream(group):
        raise DoesNotStream(f"{_whole(group.child).label} takes all samples", value=group.child.label)
    expected, asked = _asked(group)
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


def _whole(node: AbstractNode) -> AbstractNode:
    """Find the lowest operator that does not work on chunks."""
    below = next((child for child in node.children if steps(child) is None), None)
    return node if below is None else _whole(below)


def _asked(group: nodes.Shared) -> tuple[Facts, Questions]:
    """Ask what is needed of the samples that the first rows promise; if these do not suit, of those that there are."""
    expected = first_facts(group.child)
    try:
        return expected, Questions.of(group, expected)
    except InputError:
        counted_ = _counted(group.child)
        return counted_, Questions.of(group, counted_)


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
    state = _in_order(node, members, expected, (tol, engine))
    facts = state.facts()
    told = _caps(node)
    found = {}
    for guessed in members:
        view = View.through(guessed.ask.after, facts)
        seen = view.facts(facts)
        exact = msgspec.structs.replace(guessed, view=view, facts=seen, spec=guessed.ask.statistic.needs(seen))
        try:
            member, notes = exact, told
            wanted, sums = _wanted(member, state, facts)
        except Incompatible:  # the grid was made for other kernels and lags
            member, notes = msgspec.structs.replace(exact, spec=guessed.spec), (*told, GUESSED)
            wanted, sums = _wanted(member, state, facts)
        if not tolerance.holds(sums, facts, tol):
            return None
        if (blocks := sums[0].ww.shape[1]) < wanted.blocks:
            notes = (*notes, f"intervals are from {blocks} blocks of time, not {wanted.blocks}: all that were kept")
        given = wanted.given(member, sums, len(facts.ids))
        found[member.number] = noted(member.ask.statistic.finish(given, member.facts), *notes)
    return facts, found


def _wanted(member: Member, state: Any, facts: Facts) -> tuple[lower.Request, Any]:
    """The sums that a question wants, from a state."""
    if (wanted := lower.request(member, facts)) is None:
        raise DoesNotStream("blocks of time are shifted", value=member.ask.label)
    blocks = min(wanted.blocks, max(len(state.numbers) // 2 * 2, 1))  # intervals take them by twos
    return wanted, state.sums(msgspec.structs.replace(wanted.spec(len(facts.ids)), blocks=blocks))


def _caps(node: AbstractNode) -> tuple[str, ...]:
    return (CAPPED,) if isinstance(node, nodes.Weights) and node.rule != "uniform" else ()


def noted(result: Result, *notes: str) -> Result:
    """Let a result tell more, if it has notes."""
    if not hasattr(result, "notes"):
        return result
    return msgspec.structs.replace(result, notes=(*result.notes, *notes))  # type: ignore[type-var]


def _in_order(*what: Any) -> Any:
    """Make the state; rows that are far out of order have to be sorted, in memory."""
    from learnsys.series.sums.running import LateRows

    try:
        return _state(*what)
    except LateRows as late:
        raise OutOfOrder(str(late), value=late.value, next=late.next) from late


def _state(node: AbstractNode, members: Sequence[Member], expected: Facts, how: tuple[float, Engine | None]) -> Any:
    from learnsys.series.graph import divided
    from learnsys.series.sums.running import Running
    from learnsys.series.sums.tiles import upper

    tol, engine = how
    requests = [request for member in members if (request := lower.request(member, expected)) is not None]
    if len(requests) < len(members):
        raise DoesNotStream("blocks of time are cut elsewhere for each question", value=len(members))
    kernels = tuple(dict.fromkeys(kernel for m in members for kernel in m.spec.kernels))
    reach = max(request.lags.reach_s for request in requests)
    blocks = max(m.spec.blocks for m in members)
    pairs = None
    if not any(isinstance(member.spec.pairs, str) for member in members):  # else of series that come later too
        codes = np.concatenate([request.codes for request in requests])
        pairs = np.stack(np.divmod(codes, max(len(expected.ids), 1)), axis=1)
    if engine is not None and (parts := divided.parts(node, engine.slots)):
        ids = next(scan.ids for scan in nodes.walk(parts[0]) if isinstance(scan, nodes.Scan))
        grid = _grid(kernels, reach, expected, (tol, expected.t0_ns, blocks))
        most = _most_blocks(grid, upper(len(ids or ())) if pairs is None else pairs, blocks)
        wanted = divided.Grid(grid=grid, ids=ids or (), pairs=pairs, blocks=most)
        return divided.gather(parts, wanted, engine)
    running: Running | None = None
    for rows in chunks(node):
        if running is None:
            grid = _grid(kernels, reach, expected, (tol, rows.t0_ns, blocks))
            most = _most_blocks(grid, upper(len(expected.ids)) if pairs is None else pairs, blocks)
            rule = node.rule if isinstance(node, nodes.Weights) else "uniform"
            running = Running(grid, expected.ids, weights=rule, gaps_s=_gaps_s(expected), pairs=pairs, blocks=most)
        running.add(rows.ids, rows.codes, rows.t, rows.x)
    if running is None:
        raise DoesNotStream("nothing was read", value=node.label)
    return running.finish()


def _most_blocks(grid: Any, pairs: Any, blocks: int) -> int:
    """How many blocks of the jackknife are kept: up to twice as many as wanted, from which so many can be made."""
    from learnsys.series.sums.tiles import SIDE, tiles_of

    tiles = len(tiles_of(np.sort(pairs, axis=1), SIDE))
    each = np.dtype(grid.dtype).itemsize * (2 * grid.halo + 1) * 4 * SIDE**2 * max(tiles, 1)
    if (room := STATE_BYTES // each) < 1:
        raise DoesNotStream("correlations of so many pairs take too much memory", value=len(pairs))
    return 1 if blocks == 1 else min(2 * blocks, max(room, LEAST_BLOCKS))


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
    if last is None:
        raise DoesNotStream("nothing was read", value=node.label)
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
