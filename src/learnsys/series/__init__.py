"""How many irregularly sampled series move together, and who leads: lazily, without aligning anything.

A query says what is to be done to samples; what is asked of it is computed together, each thing once:

>>> import numpy as np
>>> from learnsys import series
>>> rng = np.random.default_rng(0)
>>> a, b = np.sort(rng.uniform(0, 100, (2, 2000)))  # stamps of their own
>>> q = series.scan({"a": (a, np.sin(a)), "b": (b, np.sin(b - 0.5))})
>>> xc = q.xcov(lags=series.lags(-2, 2, 0.25), bandwidth=0.1, pairs=[("a", "b")], ci=None)
>>> covariances, spectra = series.collect(xc, q.select(["a"]).demean().psd(max_hz=1))
>>> float(covariances.lags.values[covariances.peaks()[0]])  # a leads b by half a second
0.5
>>> print(series.explain(xc, phase="written"))  # doctest: +ELLIPSIS
as written
Batch of 1
  XCov(lags=Lags(first_s=-2, step_s=0.25, count=17), bandwidth=0.1, pairs=((0, 1)), ci=None)
    Weights()
      Select(ids=(a, b))
        Scan(source=ArrowTable, 4,000 rows)
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from learnsys.series.graph.collect import collect
    from learnsys.series.graph.door import scan
    from learnsys.series.graph.explain import explain
    from learnsys.series.state import load_state
    from learnsys.series.stream.ring import Ring
    from learnsys.series.stream.watch import Watch
    from learnsys.series.types import lags

__all__ = ["Ring", "Watch", "collect", "explain", "lags", "load_state", "scan"]

_HOMES: Final = {
    "Ring": "learnsys.series.stream.ring",
    "Watch": "learnsys.series.stream.watch",
    "collect": "learnsys.series.graph.collect",
    "explain": "learnsys.series.graph.explain",
    "lags": "learnsys.series.types",
    "load_state": "learnsys.series.state",
    "scan": "learnsys.series.graph.door",
}


def __getattr__(name: str) -> Any:
    """Import each name on first use: what they need takes a second to import."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'learnsys.series' has no attribute {name!r}")
