"""Open a source as a query."""

from typing import Any

from learnsys.core.errors import InputError
from learnsys.series.graph.memory import InMemory
from learnsys.series.graph.nodes import Scan
from learnsys.series.graph.query import Query
from learnsys.series.types import Samples


def scan(data: Any, *, tz: str = "UTC", **columns: Any) -> Query:
    """Open samples as a query; nothing is read yet."""
    if isinstance(data, Samples):
        return Query(Scan(source=InMemory(data)), tz)
    raise InputError(f"{type(data).__name__} is no source", value=type(data).__name__, next="give Samples")
