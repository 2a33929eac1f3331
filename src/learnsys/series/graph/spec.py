"""Which graphs are legal: a table of laws, checked before the first rule and after every phase.

A graph that a rule has made illegal is a mistake of this package, and the message names the node and the phase; one
that is illegal as written is a mistake of its user, and the message says what to write instead.
"""

from collections.abc import Callable
from typing import Final, final

import msgspec

from learnsys.core.errors import InputError, WorkFailed
from learnsys.series.graph import nodes
from learnsys.series.graph.nodes import AbstractNode, walk

ROWS: Final = (nodes.Scan, nodes.Filter, nodes.Between, nodes.Select)
ABOVE_RESAMPLE: Final = (
    nodes.Weights, nodes.Scale, nodes.Shift, nodes.Demean, nodes.Select, nodes.Between,
)  # fmt: skip
TAIL: Final = (nodes.Scale, nodes.Shift, nodes.Demean, nodes.Select)


@final
class Law(msgspec.Struct, frozen=True, kw_only=True):
    """What holds of each node: ``broken`` says how it does not, or nothing."""

    name: str
    broken: Callable[[AbstractNode], str | None]
    next: str


def _filters_rows(node: AbstractNode) -> str | None:
    below = [n for n in walk(node) if not isinstance(n, ROWS)] if isinstance(node, nodes.Filter) else []
    return f"{node.label} needs the columns of rows, which {below[0].label} no longer has" if below else None


def _nothing_after_resample(node: AbstractNode) -> str | None:
    if isinstance(node, (nodes.Resample, nodes.Ask, nodes.Shared, nodes.Batch, *ABOVE_RESAMPLE)):
        return None
    below = [n for n in walk(node) if isinstance(n, nodes.Resample)]
    return f"{node.label} follows {below[0].label}, which says where results are wanted" if below else None


def _resampled_once(node: AbstractNode) -> str | None:
    if isinstance(node, nodes.Resample) and any(isinstance(n, nodes.Resample) for n in walk(node.child)):
        return f"{node.label} follows another"
    return None


def _positive(node: AbstractNode) -> str | None:
    if isinstance(node, nodes.Resample) and not node.step_s > 0:
        return f"{node.label} has no positive step"
    return None


def _forward(node: AbstractNode) -> str | None:
    if not isinstance(node, (nodes.Between, nodes.Scan)) or node.start is None or node.end is None:
        return None
    return f"{node.label} ends before it begins" if node.end < node.start else None


def _some(node: AbstractNode) -> str | None:
    ids = node.ids if isinstance(node, (nodes.Select, nodes.Scan)) else None
    if ids is not None and not ids:
        return f"{node.label} keeps no series"
    return f"{node.label} names a series twice" if ids is not None and len(set(ids)) < len(ids) else None


def _terminal(node: AbstractNode) -> str | None:
    above = (nodes.Batch, nodes.Shared)
    for child in node.children:
        if isinstance(child, nodes.Ask) and not isinstance(node, above):
            return f"{node.label} works on samples, but {child.label} is a result"
    return None


def _tail(node: AbstractNode) -> str | None:
    bad = [op for op in node.after if not isinstance(op, TAIL)] if isinstance(node, nodes.Ask) else []
    return f"{bad[0].label} does not commute with sums over pairs" if bad else None


LAWS: Final = (
    Law(name="filters come first", broken=_filters_rows, next="filter before log(), difference() and the like"),
    Law(name="resample comes last", broken=_nothing_after_resample, next="call resample() last"),
    Law(name="one grid is enough", broken=_resampled_once, next="call resample() once"),
    Law(name="steps are positive", broken=_positive, next="give a step such as 1s"),
    Law(name="times run forward", broken=_forward, next="swap start and end"),
    Law(name="a selection names each series once", broken=_some, next="name at least one series, each once"),
    Law(name="statistics come last", broken=_terminal, next="ask for a statistic last"),
    Law(name="only what commutes is done to sums", broken=_tail, next="report this"),
)


def check(root: AbstractNode, *, phase: str = "") -> None:
    """Check each law at each node.

    Parameters
    ----------
    root : AbstractNode
    phase : str
        The phase of the optimiser that made the graph; empty: the user did.

    Raises
    ------
    InputError
        If the graph as written is not legal.
    WorkFailed
        If a rule made it so.
    """
    for node in walk(root):
        for law in LAWS:
            if problem := law.broken(node):
                if phase:
                    raise WorkFailed(f"after the phase {phase!r}: {problem} (law: {law.name})", value=node.label)
                raise InputError(problem, value=node.label, next=law.next)
