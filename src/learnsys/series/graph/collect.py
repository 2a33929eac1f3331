"""Compute what was asked, all at once."""

from learnsys.core.result import Result
from learnsys.series.graph import literal
from learnsys.series.graph.query import Asked


def collect(*asked: Asked) -> tuple[Result, ...]:
    """Compute statistics together: one scan and one projection for all that can share them."""
    return tuple(literal.answer(one.node) for one in asked)
