"""Execute a query as its optimised graph says."""

from learnsys.series.graph import literal
from learnsys.series.graph.nodes import Node
from learnsys.series.types import Samples


def samples(node: Node) -> Samples:
    """Make the samples that a node stands for."""
    return literal.samples_of(node)
