"""How many irregularly sampled series move together, and who leads: lazily, without aligning anything.

>>> import numpy as np
>>> from learnsys import series
>>> from learnsys.series.types import Samples
>>> rng = np.random.default_rng(0)
>>> a, b = np.sort(rng.uniform(0, 100, (2, 2000)))
>>> q = series.scan(Samples.of({"a": (a, np.sin(a)), "b": (b, np.sin(b - 0.5))}))
>>> xc = q.xcov(lags=series.lags(-2, 2, 0.25), bandwidth=0.1, pairs=[("a", "b")], ci=None).collect()
>>> float(xc.lags.values[xc.peaks()[0]])  # a leads b
0.5
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from learnsys.series.graph.collect import collect
    from learnsys.series.graph.door import scan
    from learnsys.series.graph.explain import explain
    from learnsys.series.types import lags

__all__ = ["collect", "explain", "lags", "scan"]

_HOMES: Final = {
    "collect": "learnsys.series.graph.collect",
    "explain": "learnsys.series.graph.explain",
    "lags": "learnsys.series.types",
    "scan": "learnsys.series.graph.door",
}


def __getattr__(name: str) -> Any:
    """Import each name on first use."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'learnsys.series' has no attribute {name!r}")
