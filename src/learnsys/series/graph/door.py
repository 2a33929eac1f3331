"""Open a source as a query."""

from typing import Any

from learnsys.series.graph.memory import InMemory
from learnsys.series.graph.nodes import Scan
from learnsys.series.graph.query import Query
from learnsys.series.types import Samples


def scan(what: Any, **how: Any) -> Query:
    """Open a source as a query; only names, types and the first stamps are read.

    Parameters
    ----------
    what : Samples, path, pattern, folder, list of paths, frame, table, relation, stream, or mapping
        Samples in memory, or anything that ``learnsys.series.sources.scan`` reads: Parquet, CSV or Arrow files; a
        polars, pandas or pyarrow table; a DuckDB relation; anything that has ``__arrow_c_stream__``; or a mapping from
        names to (stamps, values).
    **how
        Of such a source: ``time``, ``series`` and ``value`` name its columns, ``tz``, ``unit`` and ``format`` say how
        stamps are read, ``nan`` what becomes of NaN.

    Examples
    --------
    >>> scan({"a": ([0.0, 1.5, 4.0], [1.0, 2.0, 8.0])}).between(1).log().samples().t.tolist()
    [1.5, 4.0]
    """
    if isinstance(what, Samples) and not how:
        return Query(Scan(source=InMemory(what)))
    from learnsys.series.graph.stored import Stored
    from learnsys.series.sources.scan import scan as source

    return Query(Scan(source=Stored(source=source(what, **how))))
