"""What makes two runs the same problem besides their data: the loss, the penalty and its weight, the bias.

A sample keeps lam n, not lam, so that the product is what is compared. Only what both sides tell of can differ: a loop
of one's own need not say any of it.
"""

from collections.abc import Mapping
from math import isclose
from typing import Final

from learnsys.core.trace import Trace, Value

WEIGHT: Final = "lam x rows"
_TOLERANCE: Final = 1e-6
_KEPT: Final = ("loss", "penalty", "bias")


def settings_from(params: Mapping[str, Value], rows: float) -> dict[str, Value]:
    """Pick what defines the problem from the parameters of a run on ``rows`` rows.

    Examples
    --------
    >>> settings_from({"loss": "hinge", "lam": 0.01, "seed": 3}, 200)
    {'loss': 'hinge', 'lam x rows': 2.0}
    """
    kept = {name: params[name] for name in _KEPT if name in params}
    lam = params.get("lam")
    return kept if lam is None or isinstance(lam, str) else {**kept, WEIGHT: lam * rows}


def settings_of(trace: Trace) -> dict[str, Value]:
    """Pick what defines the problem of a trace; a sample has a whole number of rows."""
    return settings_from(trace.params, max(1, round(trace.data.n * trace.data.share)))


def differing(a: Mapping[str, Value], b: Mapping[str, Value]) -> str | None:
    """Name the first setting that both tell of and in which they differ."""
    return next((name for name, value in a.items() if name in b and not _same(value, b[name])), None)


def _same(a: Value, b: Value) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return isclose(a, b, rel_tol=_TOLERANCE)
