"""Weights of samples: how much time each one stands for.

Where samples come in bursts, sums over pairs see mostly the bursts. A sample that weighs as much as its Voronoi cell,
the time nearer to it than to any other stamp, sees all of the time alike. Cells are capped, since the one sample before
a long gap tells little about the gap (a night, a holiday) and would otherwise outweigh everything.
"""

from typing import Final, Literal

import msgspec
import numpy as np

from learnsys.core.errors import UnknownName
from learnsys.series.types import Floats, Samples

Weights = Literal["voronoi", "uniform"]
WEIGHTS: Final[tuple[Weights, ...]] = ("voronoi", "uniform")
CAP: Final = 2.0  # mean gaps: a cell is no longer than that


def voronoi(t: Floats, *, cap: float = CAP) -> Floats:
    """Weigh each sample by the length of its cell, so that the mean weight is 1.

    Samples at one stamp share its cell. The cells of the first and the last stamp reach as far out as in.

    Parameters
    ----------
    t : ndarray, shape (n,)
        Stamps in order.
    cap : float
        A cell is cut to so many mean gaps between stamps.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> voronoi(np.array([0.0, 1.0, 3.0, 6.0])).tolist()
    [0.5, 0.75, 1.25, 1.5]
    """
    stamps, place, shared = np.unique(t, return_inverse=True, return_counts=True)
    if stamps.size < 2:
        return np.ones_like(t)
    gaps = np.diff(stamps)
    cells = 0.5 * (np.append(gaps[0], gaps) + np.append(gaps, gaps[-1]))
    weights = (np.minimum(cells, cap * gaps.mean()) / shared)[place]
    return np.asarray(weights / weights.mean(), float)


def weighted(samples: Samples, how: Weights = "voronoi") -> Samples:
    """Weigh the samples of each series.

    Raises
    ------
    UnknownName
        If there is no such way.
    """
    if how not in WEIGHTS:
        raise UnknownName.of("way to weigh samples", how, WEIGHTS)
    if how == "uniform" or not samples.t.size:
        return msgspec.structs.replace(samples, w=np.ones_like(samples.t))
    parts = np.split(samples.t, samples.starts[1:-1])
    return msgspec.structs.replace(samples, w=np.concatenate([voronoi(t) if t.size else t for t in parts]))
