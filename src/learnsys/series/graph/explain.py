"""Show how a query will be computed."""

from learnsys.series.graph.nodes import Node
from learnsys.series.graph.query import Asked


def explain(*asked: Asked) -> str:
    """Draw the graph."""
    return "\n".join(drawn(one.node) for one in asked)


def drawn(root: Node, indent: int = 0) -> str:
    """Draw a graph as an indented tree."""
    return "\n".join(["  " * indent + root.label, *(drawn(child, indent + 1) for child in root.children)])
