# mypy: disable-error-code="untyped-decorator"
"""Sums over pairs of increments, weighted by how long their intervals overlap once one series is shifted by a lag.

Increments of Brownian motions that follow each other at a lag are correlated where their intervals overlap, in
proportion to the overlap o_ij(lag). For a small correlation the likelihood of a lag is therefore that of

    S(lag) = sum_ij q_i o_ij(lag) r_j,     q, r: increments divided by their covariances (``motion.whitened``)

(without noise dx_i o_ij dy_j / (dt_i ds_j)), where Hayashi and Yoshida (Bernoulli 2005) add up dx_i dy_j over all that
overlap however little. S is smooth in the lag where theirs jumps with every stamp. It costs one walk along both series
a lag, adds up over blocks of time, and needs no bandwidth.
"""

import numpy as np
from numpy.typing import NDArray

from learnsys.series.sums.compiled import jit
from learnsys.series.types import Floats


def contrast(
    a: tuple[Floats, Floats], b: tuple[Floats, Floats], lags: Floats, *, edges: Floats | None = None
) -> NDArray[np.float64]:
    """Add up products of weighted increments times overlaps, shape (blocks, L).

    Parameters
    ----------
    a, b : tuple of ndarray
        Stamps of the levels, shape (n + 1,), increasing, and a number q for each interval between them, shape (n,).
    lags : ndarray, shape (L,)
        By how many seconds a leads b.
    edges : ndarray, shape (blocks + 1,), optional
        Blocks of time; a pair counts in the block where the interval of a begins. One block by default.

    Examples
    --------
    >>> one = np.array([0.0, 2.0]), np.array([3.0])
    >>> contrast(one, one, np.array([-1.0, 0.0, 0.5])).tolist()
    [[9.0, 18.0, 13.5]]
    """
    block = np.zeros(a[1].size, np.int64)
    if edges is not None:
        block = np.clip(np.searchsorted(edges, a[0][:-1], side="right") - 1, 0, edges.size - 2)
    out = np.zeros((1 if edges is None else edges.size - 1, lags.size))
    if a[1].size and b[1].size:
        _add_overlaps(out, *a, block.astype(np.int64), *b, np.asarray(lags, float))
    return out


def wrapped(b: tuple[Floats, Floats], period_s: float) -> tuple[Floats, Floats]:
    """Repeat a series once, a period later, so that lags from 0 to the period shift it in a circle."""
    return np.concatenate([b[0], b[0] + period_s]), np.concatenate([b[1], [0.0], b[1]])


@jit
def _add_overlaps(out, ta, q, block, tb, r, lags):  # type: ignore[no-untyped-def]
    for l in range(lags.size):
        first = 0
        for i in range(q.size):
            start, end = ta[i] + lags[l], ta[i + 1] + lags[l]
            while first < r.size and tb[first + 1] <= start:
                first += 1
            total, j = 0.0, first
            while j < r.size and tb[j] < end:
                total += r[j] * (min(end, tb[j + 1]) - max(start, tb[j]))
                j += 1
            out[block[i], l] += q[i] * total
