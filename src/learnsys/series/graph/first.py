"""What the first rows of a source and its size tell of all samples, before they are read."""

import msgspec
import numpy as np

from learnsys.series.estimate.types import Facts
from learnsys.series.graph import nodes
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.graph.values import apply
from learnsys.series.types import Samples


def first_facts(node: AbstractNode) -> Facts:
    """Guess what all samples of a node tell from the first rows."""
    samples, share = _first(node)
    return stretched(Facts.of(samples), share)


def _first(node: AbstractNode) -> tuple[Samples, float]:
    """Make the samples of the first rows, and tell which share of all rows they are."""
    if isinstance(node, nodes.Scan):
        first, whole = node.source.first(node)
        return first, first.t.size / max(whole, 1)
    if isinstance(node, nodes.Filter):
        return _first(node.child)
    below, share = _first(node.children[0])
    return apply(node, below), share


def stretched(facts: Facts, share: float) -> Facts:
    """Guess what all samples tell from a share of them, the first ones."""
    if not 0 < share < 1:
        return facts
    counts = {name: getattr(facts, name) / share for name in ("sum_w", "sum_w2")}
    last = facts.first_s + (facts.last_s - facts.first_s) / share
    n = np.rint(facts.n / share).astype(np.int64)
    return msgspec.structs.replace(facts, n=n, last_s=last, **counts)
