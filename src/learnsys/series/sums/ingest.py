# mypy: disable-error-code="untyped-decorator"
"""Rows of many series as they come, put onto a moving window of the grid, and weighted on the way.

A Voronoi weight is half the time from the stamp before to the stamp after, so a stamp waits until the next one of its
series is seen. It is capped at ``cap`` mean gaps (of a gap that is given, or of the stamps so far) and counts in
seconds: unlike ``estimate.weights.voronoi``, which divides by the mean weight, a series need not be known to its end.
"""

from typing import Final

import numpy as np

from learnsys.series.sums.compiled import jit
from learnsys.series.sums.spread import LANES, LINE, add_line

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
    flat, table, width, lines = out.reshape(-1), phi.reshape(-1), out.shape[1], powers == LINE and lanes == LANES
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
        if lines:
            add_line(flat, table, (place[d, 0] * width + k0, place[d, 1] * width + k0, row), (wx, ww, dy))
            continue
        here_x, here_w, q = out[place[d, 0], k0 : k0 + lanes], out[place[d, 1], k0 : k0 + lanes], phi[row]
        if powers == LINE:
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
def add_even_rows(  # type: ignore[no-untyped-def]
    window, series, chunk, begin, late, closed
):
    """Do what ``add_rows`` does where all samples weigh 1 and phi is tabulated by lines of ``LANES`` cells.

    Sums are kept side by side, and added to the tables at the end: to change ten numbers far apart for each row would
    take longer than to spread it.
    """
    codes, t, x = chunk
    _, tally, means = series
    out, own, touched, place, setting, phi = window
    rate, half, low, end, length = setting
    flat, table, width = out.reshape(-1), phi.reshape(-1), out.shape[1]
    to, places, count = phi.dtype.type, phi.shape[0], tally.shape[0]
    sums = np.zeros((own.shape[0] * count, 4))  # n, sums of x and of x^2; the fourth for the sake of places in memory
    least, most = np.full(count, np.inf), np.full(count, -np.inf)
    first, last, lates, stop = touched[0], low - LANES, 0, codes.size
    for i in range(begin, codes.size):
        d, now = int(codes[i]), t[i]
        at = now * rate - half
        up = np.ceil(at)
        cell = np.int64(up)
        if cell >= end:
            stop = i
            break
        if cell < closed:
            late[lates] = i
            lates += 1
            continue
        value = x[i] - means[d]
        y = (up - at) * places
        row = np.int64(y)
        first, last = min(first, cell), max(last, cell)
        k0 = cell - low
        at_sums = np.int64(np.uint32(k0) // np.uint32(length)) * count + d
        sums[at_sums, 0] += 1.0
        sums[at_sums, 1] += value
        sums[at_sums, 2] += value * value
        least[d], most[d] = min(least[d], now), max(most[d], now)
        where = (place[d, 0] * width + k0, place[d, 1] * width + k0, row)
        add_line(flat, table, where, (to(value), to(1.0), to(y - row - 0.5)))
    if last >= low:
        touched[0], touched[1] = first, max(touched[1], last + LANES)
    for d in range(count):
        for r in range(own.shape[0]):
            n, sx, sxx = sums[r * count + d, 0], sums[r * count + d, 1], sums[r * count + d, 2]
            own[r, 0, d] += n
            own[r, 1, d] += sx
            own[r, 2, d] += sxx
            if tally[d, N] == 0:
                tally[d, FIRST], tally[d, LAST] = np.inf, -np.inf
            tally[d, N] += n
            tally[d, W] += n
            tally[d, WW] += n
            tally[d, WX] += sx
            tally[d, WXX] += sxx
        tally[d, FIRST], tally[d, LAST] = min(tally[d, FIRST], least[d]), max(tally[d, LAST], most[d])
        if tally[d, N] == 0:
            tally[d, FIRST] = tally[d, LAST] = 0
    return stop, lates


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
