"""Where results come from: the query, the content of its sources, versions and options."""

from learnsys.core.host import this_host
from learnsys.series.graph.nodes import AbstractNode, Scan, walk
from learnsys.series.results.types import Provenance


def provenance(root: AbstractNode, *, optimise: str, without: tuple[str, ...]) -> Provenance:
    """Describe what answers to a graph are made from and by."""
    sources = dict.fromkeys(node.source.fingerprint for node in walk(root) if isinstance(node, Scan))
    options = {"optimise": optimise} | ({"without": ", ".join(without)} if without else {})
    return Provenance(query=drawn(root), sources=tuple(sources), options=options, versions=this_host().versions)


def drawn(root: AbstractNode) -> str:
    """Draw a graph as an indented tree; a node that was drawn before is referred to by its number.

    Examples
    --------
    >>> from learnsys.series.graph.nodes import NOTHING, Log, Scale
    >>> print(drawn(Log(child=Scale(child=NOTHING, a=2.0))))
    Log()
      Scale(a=2)
        Nothing()
    """
    parents: dict[AbstractNode, int] = {}
    for node in walk(root):
        for child in node.children:
            parents[child] = parents.get(child, 0) + 1
    numbers: dict[AbstractNode, int] = {}
    lines: list[str] = []

    def draw(node: AbstractNode, indent: int) -> None:
        mark = ""
        if parents.get(node, 0) > 1 and node.children:
            if node in numbers:
                lines.append(f"{'  ' * indent}as #{numbers[node]}")
                return
            numbers[node] = len(numbers) + 1
            mark = f"#{numbers[node]} "
        lines.append(f"{'  ' * indent}{mark}{node.label}")
        for child in node.children:
            draw(child, indent + 1)

    draw(root, 0)
    return "\n".join(lines)
