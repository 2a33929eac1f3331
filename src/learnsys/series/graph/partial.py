"""Partial states of what a query makes: chunk by chunk where that is possible, in memory that does not grow."""

from typing import Any

from learnsys.core.units import parse_duration
from learnsys.series.graph import nodes
from learnsys.series.graph.chunks import DoesNotStream, chunks, steps
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.state import State, coefficients_for, make_state, origin_for


def state_of(node: AbstractNode, *, bandwidth: str | float, period: str | float, **options: Any) -> State:
    """Make the state of a node's samples; options as of ``state.make_state``.

    Raises
    ------
    InputError, Incompatible
        As ``state.make_state``.
    """
    weighted = any(isinstance(n, nodes.Weights) and n.rule != "uniform" for n in nodes.walk(node))
    held = any(isinstance(n, nodes.Scan) and n.source.held for n in nodes.walk(node))
    if steps(node) is not None and not weighted and not held:
        try:
            return _streamed(node, parse_duration(bandwidth), parse_duration(period), **options)
        except DoesNotStream:  # rows have to be put in order
            pass
    from learnsys.series.graph.execute import samples

    return make_state(samples(node), bandwidth=bandwidth, period=period, **options)


def _streamed(
    node: AbstractNode, h: float, period_s: float, *, origin_ns: int | None = None, tol: float = 1e-6, **about: Any
) -> State:
    from learnsys.series.sums.projecting import Projecting

    spec = coefficients_for(h, period_s, tol)
    running: Projecting | None = None
    origin = origin_ns
    for rows in chunks(node):
        origin = origin_for(rows.t0_ns, period_s) if origin is None else origin
        running = running or Projecting(spec, t0_ns=origin, tol=tol)
        running.add(rows.ids, rows.codes, rows.t + (rows.t0_ns - origin) / 1e9, rows.x)
    if running is None:
        raise DoesNotStream("nothing was read", value=node.label)
    made = State(coefficients=running.finish(), bandwidth_s=h, tol=tol, **about)
    made.check_span()
    return made
