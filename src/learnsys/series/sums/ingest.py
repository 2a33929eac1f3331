# mypy: disable-error-code="untyped-decorator"
"""Rows of many series as they come, put onto a moving window of the grid, and weighted on the way.

A Voronoi weight is half the time from the stamp before to the stamp after, so a stamp waits until the next one of its
series is seen. It is capped at ``cap`` mean gaps (of a gap that is given, or of the stamps so far) and counts in
seconds: unlike ``estimate.weights.voronoi``, which divides by the mean weight, a series need not be known to its end.
"""

from typing import Final

import numpy as np

from learnsys.series.sums.compiled import jit

# Columns of a series' table of what waits: the stamp before, the stamp that waits, its samples, sums of x and x^2, and
# how many stamps there were.
BEFORE: Final = 0
AT: Final = 1
WAITING: Final = 2
X: Final = 3
XX: Final = 4
STAMPS: Final = 5
PENDING: Final = 6

# Columns of a series' tally: samples, first and last stamp, sums of w, w^2, w x and w x^2.
N: Final = 0
FIRST: Final = 1
LAST: Final = 2
W: Final = 3
WW: Final = 4
WX: Final = 5
WXX: Final = 6
TALLY: Final = 7


@jit
def _spread(  # type: ignore[no-untyped-def]
    window, tally, d, t, group, weight
):
    """Spread samples of one stamp, ``group`` = how many, sum of x and of x^2, that share a weight."""
    out, own, touched, place, setting, phi = window
    count, sx, sxx = group
    rate, half, low, _, length = setting
    places, powers, lanes = phi.shape
    to = phi.dtype.type
    each = weight / count
    at = t * rate - half
    cell = np.ceil(at)
    y = (cell - at) * places
    row = int(y)
    dy = to(y - row - 0.5)
    cell = int(cell)
    touched[0], touched[1] = min(touched[0], cell), max(touched[1], cell + lanes)
    k0 = cell - low
    own[k0 // length, 0, d] += each * weight
    own[k0 // length, 1, d] += each * each * sx
    own[k0 // length, 2, d] += each * each * sxx
    tally[d, W] += weight
    tally[d, WW] += each * weight
    tally[d, WX] += each * sx
    tally[d, WXX] += each * sxx
    wx, ww = to(each * sx), to(weight)
    here_x, here_w, q = out[place[d, 0], k0 : k0 + lanes], out[place[d, 1], k0 : k0 + lanes], phi[row]
    if powers == 2:
        for k in range(lanes):
            v = q[0, k] + dy * q[1, k]
            here_x[k] += wx * v
            here_w[k] += ww * v
    else:
        for k in range(lanes):
            v = q[0, k] + dy * (q[1, k] + dy * (q[2, k] + dy * q[3, k]))
            here_x[k] += wx * v
            here_w[k] += ww * v


@jit
def _cell_s(  # type: ignore[no-untyped-def]
    pending, first, d, after, cap, gaps
):
    """The Voronoi cell of the stamp that waits, ``after`` seconds before the next; NaN: there is none."""
    before = pending[d, AT] - pending[d, BEFORE]
    if np.isnan(before):
        before = after
    if np.isnan(after):
        after = before
    if np.isnan(before):
        return 1.0
    gap = gaps[d]
    if gap <= 0 and pending[d, STAMPS] > 1:
        gap = (pending[d, AT] - first) / (pending[d, STAMPS] - 1)
    cell = 0.5 * (before + after)
    return min(cell, cap * gap) if gap > 0 else cell


@jit
def add_rows(  # type: ignore[no-untyped-def]
    window, series, chunk, begin, late, weighting
):
    """Add rows from number ``begin`` on, up to the first one that is beyond the window; say which, and how many late.

    Parameters
    ----------
    window : tuple
        Cells, shape (rows of x and w, cells); sums of samples with themselves, by row of the grid; first and last cell
        that was touched; where each series' x and w are; (cells a second, half the width, first cell, the cell after
        the last, length of a row); the table of phi.
    series : tuple
        The tables of what waits and of tallies, and the provisional means.
    chunk : tuple
        Series, stamps in seconds, values.
    late : ndarray of int64
        Gets the numbers of rows before the window.
    weighting : tuple
        Whether weights are Voronoi cells, the cap, the mean gap of each series (0: not known), and the first cell that
        is not closed.
    """
    codes, t, x = chunk
    pending, tally, means = series
    voronoi, cap, gaps, closed = weighting
    out, own, touched, place, setting, phi = window
    rate, half, low, end, length = setting
    places, powers, lanes = phi.shape
    to = phi.dtype.type
    first, last, lates = touched[0], touched[1], 0
    for i in range(begin, codes.size):
        d, now = codes[i], t[i]
        at = now * rate - half
        cell = int(np.ceil(at))
        if cell >= end:
            touched[0], touched[1] = first, last
            return i, lates
        if cell < closed:
            late[lates] = i
            lates += 1
            continue
        value = x[i] - means[d]
        if tally[d, N] == 0:
            tally[d, FIRST] = tally[d, LAST] = now
        tally[d, N] += 1
        tally[d, FIRST] = min(tally[d, FIRST], now)
        tally[d, LAST] = max(tally[d, LAST], now)
        count, sx, sxx, weight = 1.0, value, value * value, 1.0
        if voronoi and now < pending[d, AT]:  # a little late: what its neighbours are is not known any more
            weight = _cell_s(pending, tally[d, FIRST], d, np.nan, cap, gaps)
        elif voronoi:
            before, there = pending[d, AT], pending[d, WAITING]
            count, sx, sxx = there, pending[d, X], pending[d, XX]
            if now != before:
                if there > 0:
                    weight = _cell_s(pending, tally[d, FIRST], d, now - before, cap, gaps)
                pending[d, BEFORE], pending[d, AT] = before, now
                pending[d, WAITING] = pending[d, X] = pending[d, XX] = 0
                pending[d, STAMPS] += 1
            pending[d, WAITING] += 1
            pending[d, X] += value
            pending[d, XX] += value * value
            if now == before or there == 0:
                continue
            at = before * rate - half
            cell = int(np.ceil(at))
        # from here on as ``_spread``, since a call would take as long as the work
        each = weight / count
        y = (cell - at) * places
        row = int(y)
        dy = to(y - row - 0.5)
        first, last = min(first, cell), max(last, cell + lanes)
        k0 = cell - low
        r = k0 // length
        own[r, 0, d] += each * weight
        own[r, 1, d] += each * each * sx
        own[r, 2, d] += each * each * sxx
        tally[d, W] += weight
        tally[d, WW] += each * weight
        tally[d, WX] += each * sx
        tally[d, WXX] += each * sxx
        wx, ww = to(each * sx), to(weight)
        here_x, here_w, q = out[place[d, 0], k0 : k0 + lanes], out[place[d, 1], k0 : k0 + lanes], phi[row]
        if powers == 2:
            for k in range(lanes):
                v = q[0, k] + dy * q[1, k]
                here_x[k] += wx * v
                here_w[k] += ww * v
        else:
            for k in range(lanes):
                v = q[0, k] + dy * (q[1, k] + dy * (q[2, k] + dy * q[3, k]))
                here_x[k] += wx * v
                here_w[k] += ww * v
    touched[0], touched[1] = first, last
    return codes.size, lates


@jit
def release(  # type: ignore[no-untyped-def]
    window, series, before, now, weighting
):
    """Spread the stamps that wait in cells before ``before``; no next stamp came until ``now`` (NaN: none will)."""
    pending, tally, _ = series
    _, cap, gaps, _ = weighting
    rate, half, _, _, _ = window[4]
    for d in range(pending.shape[0]):
        if pending[d, WAITING] > 0 and int(np.ceil(pending[d, AT] * rate - half)) < before:
            cell_s = _cell_s(pending, tally[d, FIRST], d, now - pending[d, AT], cap, gaps)
            group = (pending[d, WAITING], pending[d, X], pending[d, XX])
            _spread(window, tally, d, pending[d, AT], group, cell_s)
            pending[d, WAITING] = pending[d, X] = pending[d, XX] = 0
