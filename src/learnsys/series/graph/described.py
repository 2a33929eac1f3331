"""Descriptions of what is read: in a pass of their own, since samples do not tell what was left out of them."""

from learnsys.series.graph import nodes
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.graph.stored import Stored, StoredRows, rows_wanted
from learnsys.series.results.description import Description


def description_of(child: AbstractNode, ask: nodes.Ask) -> Description | None:
    """Describe the rows of a source; None if something else is asked, or of samples that were changed on the way."""
    from learnsys.series.estimate.describe import Describe, describe

    if not isinstance(ask.statistic, Describe) or ask.after or (rows := _rows(child)) is None:
        return None
    return describe(rows.source, predicate=rows.where, time_range=rows.range, ids=rows.ids)


def _rows(node: AbstractNode) -> StoredRows | None:
    """The rows that a node chooses of a source, if it only chooses."""
    if isinstance(node, nodes.Scan):
        return rows_wanted(node.source.source, node) if isinstance(node.source, Stored) else None
    if not isinstance(node, nodes.Filter | nodes.Between | nodes.Select) or (below := _rows(node.child)) is None:
        return None
    if isinstance(node, nodes.Filter):
        return below.filter(node.where)
    return below.between(node.start, node.end) if isinstance(node, nodes.Between) else below.select(node.ids)
