"""What all pictures of the room share: sizes, colours, units of time, thinning, and the choice among kinds."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.chart import altair, styled
from learnsys.core.errors import UnknownName

if TYPE_CHECKING:
    import altair as alt

WIDTH: Final = 520
HEIGHT: Final = 280
MOST_PANELS: Final = 9  # small ones beside each other
MOST_LABELS: Final = 30  # names along an axis that can be read
MOST_POINTS: Final = 400  # on a line
QUIET: Final = "#9aa5ad"
DARK: Final = "#3a444b"
_UNITS: Final = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "us"))


def drawn(result: Any, kind: str | None, kinds: Mapping[str, Callable[[Any, Any], Any]]) -> "alt.Chart":
    """Draw ``result`` in the house style by the function of ``kind``, the first one if None.

    Raises
    ------
    UnknownName
        If there is no such kind.
    """
    kind = next(iter(kinds)) if kind is None else kind
    if kind not in kinds:
        raise UnknownName.of("kind of chart", kind, kinds)
    return styled(kinds[kind](altair(), result))


def unit(reach_s: float) -> tuple[float, str]:
    """Choose the unit of time in which ``reach_s`` reads well: seconds in it, and its name.

    Examples
    --------
    >>> unit(7200.0)
    (3600.0, 'h')
    """
    return next(((size, name) for size, name in _UNITS if reach_s >= 2 * size), _UNITS[-1])


def thinned(n: int, most: int = MOST_POINTS) -> NDArray[np.int64]:
    """Choose at most ``most`` of ``n`` places, evenly spread."""
    return np.arange(n) if n <= most else np.unique(np.linspace(0, n - 1, most).round().astype(np.int64))


def number(value: float) -> float | None:
    """Turn NaN into None, as JSON wants it."""
    return float(value) if np.isfinite(value) else None
