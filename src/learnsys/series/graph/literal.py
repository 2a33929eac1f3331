"""Execute a query as it is written: each statistic on its own, each node on all samples, sums in double precision.

The slow twin of ``learnsys.series.graph.execute``: the same answers, by the shortest way from the definitions.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final, get_args, get_type_hints

from learnsys.core.errors import WorkFailed
from learnsys.core.result import Result
from learnsys.series.estimate.types import CoefficientsSpec, Facts
from learnsys.series.graph import nodes
from learnsys.series.graph.described import description_of
from learnsys.series.graph.nodes import AbstractNode, Ask, rebuild
from learnsys.series.graph.values import apply
from learnsys.series.sums.cost import Way
from learnsys.series.types import Samples

TOL: Final = 1e-10
WAYS: Final[tuple[Way, ...]] = ("direct", "spectral")


def answer(ask: Ask) -> Result:
    """Compute one statistic.

    Raises
    ------
    InputError
        If the samples or the parameters do not suit it.
    """
    if (told := description_of(ask.child, ask)) is not None:
        return told
    samples = samples_of(without_resample(ask.child) if second_order(ask.statistic) else ask.child)
    facts = Facts.of(samples)
    needed = ask.statistic.needs(facts)
    result: Result = ask.statistic.finish(samples if needed is None else given(samples, needed), facts)
    return result


def second_order(statistic: Any) -> bool:
    """Tell whether a statistic is a function of sums over pairs or of coefficients: its ``needs`` is never None."""
    if (told := getattr(statistic, "of_sums", None)) is not None:
        return bool(told)
    return _second_order(type(statistic).needs)


@cache
def _second_order(needs: Callable[..., Any]) -> bool:
    wanted = get_type_hints(needs)["return"]
    return type(None) not in (wanted, *get_args(wanted))


def without_resample(node: AbstractNode) -> AbstractNode:
    """See through ``Resample``: it says where results are wanted."""
    return rebuild(node, lambda n: n.child if isinstance(n, nodes.Resample) else n)


def given(samples: Samples, needed: Any) -> Any:
    """Compute what a statistic needs: of centred samples, unless it wants the sums by which it centres itself."""
    if isinstance(needed, CoefficientsSpec):
        from learnsys.series.sums.projection import project

        return project(samples.centred(), needed, tol=TOL)
    from learnsys.series.sums.compute import choose, sums

    way = choose(Facts.of(samples), needed, WAYS)
    return sums(samples if needed.cross else samples.centred(), needed, tol=TOL, how=way)


def samples_of(node: AbstractNode) -> Samples:
    """Make the samples that a node stands for."""
    rows = rows_of(node)
    return rows if isinstance(rows, Samples) else rows.to_samples()


def rows_of(node: AbstractNode) -> Any:
    """Make the rows of a node, or its samples where the operations on rows end."""
    match node:
        case nodes.Scan():
            return node.source.everything().filter(node.where).between(node.start, node.end).select(node.ids)
        case nodes.Filter():
            return rows_of(node.child).filter(node.where)
        case nodes.Between() if not isinstance(below := rows_of(node.child), Samples):
            return below.between(node.start, node.end)
        case nodes.Select() if not isinstance(below := rows_of(node.child), Samples):
            return below.select(node.ids)
        case nodes.AbstractUnary():
            return apply(node, samples_of(node.child))
    raise WorkFailed(f"no way to execute {node.label}", value=type(node).__name__)
