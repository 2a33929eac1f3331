"""The rules that rewrite a query, as a table: one pattern function each.

A rule gets a node over children that no rule changes any more and gives what is to stand in its place, or None. Two
phases rewrite to a fixpoint: ``simplify`` works on one query, ``share`` on all that are collected together. The third,
``lower``, knows the samples: see ``learnsys.series.graph.lower``.
"""

from collections.abc import Callable
from typing import Any, Final, Literal, final

import msgspec

from learnsys.series.graph import nodes
from learnsys.series.graph.literal import second_order, without_resample
from learnsys.series.graph.nodes import NOTHING, AbstractNode, Ask, replace
from learnsys.series.sources.types import Condition

Phase = Literal["simplify", "share", "lower"]
PHASES: Final[tuple[Phase, ...]] = ("simplify", "share", "lower")


@final
class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A way to make a graph cheaper that leaves its answers as they are.

    Attributes
    ----------
    name : str
    phase : {"simplify", "share", "lower"}
    on : tuple of class
        Nodes on which it is tried.
    why : str
        What it saves.
    apply : callable
        The pattern: a node in, its replacement or None out.
    """

    name: str
    phase: Phase
    on: tuple[type[AbstractNode], ...]
    why: str
    apply: Callable[[Any], AbstractNode | None]


def _filter_pushdown(node: AbstractNode) -> AbstractNode | None:
    match node:
        case nodes.Filter(child=nodes.Scan() as scan):
            return replace(scan, where=_both(scan.where, node.where))
    return None


def _both(one: tuple[Condition, ...], other: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """All conditions, once each, in one order, so that equal sets of conditions are equal scans."""
    return tuple(sorted(dict.fromkeys((*one, *other)), key=repr))


def _range_pushdown(node: AbstractNode) -> AbstractNode | None:
    match node:
        case nodes.Between(child=nodes.Scan() as scan):
            return _range(scan, node)
        case nodes.Between(child=nodes.Filter() | nodes.Log() | nodes.Scale() | nodes.Duplicates() as below):
            return below.over(node.over(below.child))
    return None


def _range(below: nodes.Scan, above: nodes.Between) -> AbstractNode | None:
    """Intersect; an empty range stays as it is written."""
    start = max((e for e in (below.start, above.start) if e is not None), default=None)
    end = min((e for e in (below.end, above.end) if e is not None), default=None)
    return None if start is not None and end is not None and start > end else replace(below, start=start, end=end)


def _select_pushdown(node: AbstractNode) -> AbstractNode | None:
    if not isinstance(node, nodes.Select):
        return None
    match node.child:
        case nodes.Select() | nodes.Scan() as below if below.ids is None or set(node.ids) <= set(below.ids):
            return replace(below, ids=node.ids)
        case nodes.Scale() | nodes.Shift() as below if below.ids is not None:
            ids = tuple(name for name in below.ids if name in node.ids)
            return replace(below, child=node.over(below.child), ids=ids) if ids else node.over(below.child)
        case nodes.Combine() as below:
            return _select_below_combine(node, below)
        case (
            nodes.Filter() | nodes.Between() | nodes.Log() | nodes.Scale() | nodes.Shift() | nodes.Difference()
            | nodes.Demean() | nodes.Detrend() | nodes.Weights() | nodes.Resample() | nodes.Duplicates()
        ) as below:  # fmt: skip
            return below.over(node.over(below.child))
    return None


def _select_below_combine(node: nodes.Select, below: nodes.Combine) -> AbstractNode | None:
    """Leave the sum out where nobody asks for it; else read no more than it and the others need."""
    if below.name not in node.ids:
        return node.over(below.child)
    needed = tuple(dict.fromkeys([n for n in node.ids if n != below.name] + [n for n, _ in below.terms]))
    if isinstance(below.child, nodes.Select | nodes.Scan) and below.child.ids is not None:
        return None
    if isinstance(below.child, nodes.AbstractUnary) and any(
        getattr(n, "ids", None) == needed for n in nodes.walk(below.child)
    ):
        return None
    return node.over(below.over(nodes.Select(child=below.child, ids=needed)))


def _identity(node: AbstractNode) -> AbstractNode | None:
    match node:
        case nodes.Scale(a=1.0, b=0.0) | nodes.Shift(by_s=0.0) | nodes.Between(start=None, end=None):
            return node.child
        case nodes.Filter(where=()) | nodes.Duplicates(policy="keep"):
            return node.child
        case nodes.Weights(child=nodes.Weights() as below):
            return node.over(below.child)
        case nodes.Weights(rule="uniform") if _alike(node.child):
            return node.child
    return None


def _alike(node: AbstractNode) -> bool:
    """Tell whether all samples weigh 1 anyway."""
    match node:
        case nodes.Scan():
            return bool(node.source.alike)
        case nodes.Difference() | nodes.Resample():
            return True
        case nodes.Weights():
            return node.rule == "uniform"
    return _alike(node.children[0])


def _lift_affine(node: AbstractNode) -> AbstractNode | None:
    match node:
        case (
            nodes.Difference(child=nodes.Scale() as below)
            | nodes.Detrend(child=nodes.Scale() as below)
            | nodes.Demean(child=nodes.Scale() as below)
        ):
            return replace(below, child=node.over(below.child), b=0.0)
        case (
            nodes.Weights(child=nodes.Scale() as below)
            | nodes.Duplicates(child=nodes.Scale() as below)
            | nodes.Resample(child=nodes.Scale() as below)
        ):
            return below.over(node.over(below.child))
    return None


def _lift_shift(node: AbstractNode) -> AbstractNode | None:
    match node:
        case nodes.Detrend(child=nodes.Shift() as below) if not node.season.periods_s:
            return below.over(node.over(below.child))
        case (
            nodes.Log(child=nodes.Shift() as below)
            | nodes.Difference(child=nodes.Shift() as below)
            | nodes.Demean(child=nodes.Shift() as below)
            | nodes.Weights(child=nodes.Shift() as below)
            | nodes.Duplicates(child=nodes.Shift() as below)
        ):
            return below.over(node.over(below.child))
    return None


def _columns(node: AbstractNode) -> AbstractNode | None:
    return replace(node, narrow=True) if isinstance(node, nodes.Scan) and not node.narrow else None


def _no_resample(node: AbstractNode) -> AbstractNode | None:
    if (
        isinstance(node, Ask)
        and second_order(node.statistic)
        and (below := without_resample(node.child)) is not node.child
    ):
        return node.over(below)
    return None


def _commuting(kind: type[AbstractNode]) -> Callable[[AbstractNode], AbstractNode | None]:
    def apply(node: AbstractNode) -> AbstractNode | None:
        if isinstance(node, Ask) and isinstance(node.child, kind) and second_order(node.statistic):
            op = node.child
            return replace(node, child=op.children[0], after=(op.over(NOTHING), *node.after))
        return None

    return apply


def _group(node: AbstractNode) -> AbstractNode | None:
    """Gather the questions of one child; each keeps its number."""
    if not isinstance(node, nodes.Batch) or not any(isinstance(ask, Ask) for ask in node.asks):
        return None
    groups: dict[AbstractNode, list[tuple[int, Ask]]] = {}
    for n, ask in enumerate(node.asks):
        groups.setdefault(ask.children[0], []).append((n, ask))  # type: ignore[arg-type]  # all are, before
    return nodes.Batch(asks=tuple(nodes.Shared(child=c, asks=tuple(asks)) for c, asks in groups.items()))


def _widen(node: AbstractNode) -> AbstractNode | None:
    """Ask of the union of two selections what was asked of each, if all that is asked are sums."""
    if not isinstance(node, nodes.Batch):
        return None
    groups = [g for g in node.asks if isinstance(g, nodes.Shared)]
    for i, one in enumerate(groups):
        for other in groups[i + 1 :]:
            if (wide := _union(one, other)) is not None:
                return nodes.Batch(asks=tuple(wide if g is one else g for g in node.asks if g is not other))
    return None


def _union(one: nodes.Shared, other: nodes.Shared) -> nodes.Shared | None:
    if not all(second_order(ask.statistic) for _, ask in (*one.asks, *other.asks)):
        return None
    mine, theirs = (_selection(g.child) for g in (one, other))
    if mine == theirs or _with_ids(one.child, None) is not _with_ids(other.child, None):
        return None
    ids = None if mine is None or theirs is None else tuple(dict.fromkeys((*mine, *theirs)))
    child = _with_ids(one.child, ids)
    asks = (*_seen_from(one, ids), *_seen_from(other, ids))
    return nodes.Shared(child=child, asks=tuple((n, ask.over(child)) for n, ask in asks))  # type: ignore[misc]


def _selection(child: AbstractNode) -> tuple[str, ...] | None:
    return next((n.ids for n in nodes.walk(child) if isinstance(n, nodes.Scan)), None)


def _with_ids(child: AbstractNode, ids: tuple[str, ...] | None) -> AbstractNode:
    return nodes.rebuild(child, lambda n: replace(n, ids=ids) if isinstance(n, nodes.Scan) else n)


def _seen_from(group: nodes.Shared, ids: tuple[str, ...] | None) -> list[tuple[int, Ask]]:
    mine = _selection(group.child)
    if mine is None or mine == ids:
        return list(group.asks)
    only = nodes.Select(child=NOTHING, ids=mine)
    return [(n, replace(ask, after=(only, *ask.after))) for n, ask in group.asks]  # type: ignore[misc]


RULES: Final = (
    Rule(name="resample-elimination", phase="simplify", on=(Ask,), apply=_no_resample,
         why="statistics of second order are inferred from the samples as they are"),
    Rule(name="filter-pushdown", phase="simplify", on=(nodes.Filter,), apply=_filter_pushdown,
         why="the scan tests all conditions at once, skips what no row group holds, and gives fewer rows"),
    Rule(name="range-pushdown", phase="simplify", on=(nodes.Between,), apply=_range_pushdown,
         why="the scan skips row groups of other times"),
    Rule(name="select-pushdown", phase="simplify", on=(nodes.Select,), apply=_select_pushdown,
         why="only the series that are asked for are read"),
    Rule(name="column-pushdown", phase="simplify", on=(nodes.Scan,), apply=_columns,
         why="only the columns that are needed are read"),
    Rule(name="identity-elimination", phase="simplify",
         on=(nodes.Scale, nodes.Shift, nodes.Between, nodes.Filter, nodes.Duplicates, nodes.Weights),
         apply=_identity, why="what changes nothing is not done"),
    Rule(name="affine-lifting", phase="simplify",
         on=(nodes.Difference, nodes.Detrend, nodes.Demean, nodes.Weights, nodes.Duplicates, nodes.Resample),
         apply=_lift_affine,
         why="a map near the statistic can be done to sums, and queries that differ in it share what is below"),
    Rule(name="shift-lifting", phase="simplify",
         on=(nodes.Detrend, nodes.Log, nodes.Difference, nodes.Demean, nodes.Weights, nodes.Duplicates),
         apply=_lift_shift,
         why="a shift near the statistic can be done to lags, and queries that differ in it share what is below"),
    Rule(name="affine-after-sums", phase="share", on=(Ask,), apply=_commuting(nodes.Scale),
         why="sums of a x + b follow from those of x"),
    Rule(name="shift-after-sums", phase="share", on=(Ask,), apply=_commuting(nodes.Shift),
         why="sums of shifted series are those at other lags: all shifts share one set of sums"),
    Rule(name="demean-after-sums", phase="share", on=(Ask,), apply=_commuting(nodes.Demean),
         why="sums are of centred samples anyway"),
    Rule(name="sharing", phase="share", on=(nodes.Batch,), apply=_group,
         why="what is asked of the same samples reads them once"),
    Rule(name="selection-union", phase="share", on=(nodes.Batch,), apply=_widen,
         why="queries of different series of one source share a scan"),
)  # fmt: skip
LOWERING: Final = {
    "sums-merging": "one set of sums on common lags serves several statistics, where that is cheaper",
    "lowering": "the way to compute sums that costs least for these samples, lags and pairs",
    "single-precision": "sums are no more exact than covariances need",
    "cache": "what was asked before of the same content is not computed again",
}
NAMES: Final = (*(rule.name for rule in RULES), *LOWERING)


def rules_of(phase: Phase, without: frozenset[str] = frozenset()) -> tuple[Rule, ...]:
    """List the rules of a phase that are not switched off."""
    return tuple(rule for rule in RULES if rule.phase == phase and rule.name not in without)
