"""A table of covariance functions that processes in continuous time have: what an estimate is shrunk towards.

About a delay D, with decay c and frequency d, u = tau - D, and e = exp(-c |u|), each cell of the table spans

    e cos(d u),   e sin(d |u|),   exp(-c |u|) (for d = 0: exp(-c |u| / 4)),   e sin(d u)

(sin(d u) becomes 2 c u where d = 0): the covariances of a damped oscillator of second order, smooth or not at its peak,
with a slower or plain decay beside it, and with more on one side of the peak than on the other. Cells are as dense as a
cell is wide: D in steps of 1/c, d in steps of c, so there are as many of each decay.

The table has what a lag kernel makes of these functions, since that is what the ratio of sums over pairs estimates; and
it has their cosine transforms along the lags, since the noise of neighbouring lags is alike, that of half-waves is not.
"""

from functools import lru_cache
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from learnsys.series.sums.kernels import density
from learnsys.series.types import Floats, Kernel, Lags

DECAYS: Final = 10
SLOWEST: Final = 0.75  # of one over the reach of the lags: the slowest decay
FASTEST: Final = 1.25  # of one over their step: the fastest
TAIL: Final = 4.0  # times slower than the main decay
SIDE: Final = 0.5  # prior standard deviation of all functions of a cell but the first
DELAY_STEP: Final = 0.35  # of 1 / c
OMEGA_STEP: Final = 0.6  # of c
OMEGA_LEAST: Final = 0.75  # of one over the reach: a slower oscillation looks like a decay
MOST_BINS: Final = 64  # lags that enter the table; of more, neighbours are averaged
FINE: Final = 8.0  # points a bandwidth or step of the profiles that are smoothed
SPREAD: Final = 5.0  # bandwidths of the kernel that are integrated over


@final
class Waves(msgspec.Struct, frozen=True, kw_only=True):
    """The table for some lags and a kernel; K cells of m functions, L bins of lags.

    Attributes
    ----------
    even : bool
        Whether functions that are not symmetric are left out, as for a series with itself.
    cells : ndarray, shape (K, 3)
        Delay (s), decay (1/s) and frequency (radians a second) of each.
    log_prior : ndarray, shape (K,)
        All decays alike, in each half for d = 0 and half for all other frequencies, and all delays alike.
    bins : ndarray of int64, shape (L,)
        The first lag of each bin.
    transformed : ndarray of float32, shape (L, K, m)
        The functions after the kernel, averaged over each bin: their orthonormal cosine transform over bins.
    products : ndarray of float32, shape (L, K, m (m + 1) / 2)
        Products of these, by rows of the upper triangle.
    areas : ndarray, shape (K, m)
        Their integrals over all lags, seconds.
    """

    even: bool
    cells: Floats
    log_prior: Floats
    bins: NDArray[np.int64]
    transformed: NDArray[np.float32]
    products: NDArray[np.float32]
    areas: Floats


def functions(cells: Floats, u: Floats, *, even: bool) -> Floats:
    """Evaluate the functions of cells at distances from their delays, shape (K, n, m).

    Parameters
    ----------
    cells : ndarray, shape (K, 3)
    u : ndarray, shape (n,) or (K, n)
        Seconds.
    even : bool
        Leave out what is not symmetric, as for a series with itself.
    """
    c, d = cells[:, 1, None], cells[:, 2, None]
    away = np.abs(u)
    e = np.exp(-c * away)
    turns = d > 0
    one_sided = np.where(turns, np.sin(d * u), 2 * c * u)
    tail = np.where(turns, e, np.exp(-c / TAIL * away))
    parts = [e * np.cos(d * u), SIDE * e * one_sided * np.sign(u), SIDE * tail]
    return np.stack(parts if even else [*parts, SIDE * e * one_sided], axis=2)


@lru_cache(maxsize=6)
def waves(lags: Lags, kernel: Kernel, *, even: bool) -> Waves:
    """Make the table, or find it made before."""
    cells, prior = _cells(lags, even=even)
    bins = np.arange(0, lags.count, -(-lags.count // MOST_BINS))
    smoothed = np.add.reduceat(_smoothed(cells, lags, kernel, even=even), bins, axis=0)
    smoothed /= np.diff(bins, append=lags.count)[:, None, None]
    wave = dct(smoothed, axis=0, norm="ortho")
    i, j = np.triu_indices(wave.shape[2])
    return Waves(
        even=even, cells=cells, log_prior=np.log(prior), bins=bins, transformed=wave.astype(np.float32),
        products=(wave[:, :, i] * wave[:, :, j]).astype(np.float32), areas=_areas(cells, even=even),
    )  # fmt: skip


def _cells(lags: Lags, *, even: bool) -> tuple[Floats, Floats]:
    """Lay out the cells, shape (K, 3), and their prior, shape (K,)."""
    cells, prior = [], []
    last = lags.first_s + lags.step_s * (lags.count - 1)
    reach = max(lags.reach_s, lags.step_s)
    for c in np.geomspace(SLOWEST / reach, max(FASTEST / lags.step_s, 2 * SLOWEST / reach), DECAYS):
        count = 1 if even else 1 + int(np.ceil((last - lags.first_s) * c / DELAY_STEP))
        delays = np.zeros(1) if even else np.linspace(lags.first_s, last, count)
        omegas = np.arange(0.0, np.pi / (2 * lags.step_s), max(OMEGA_STEP * c, OMEGA_LEAST / reach))
        for d in omegas:
            cells += [(delay, c, d) for delay in delays]
            share = 1.0 if len(omegas) == 1 else 0.5 if d == 0 else 0.5 / (len(omegas) - 1)
            prior += [share / len(delays) / DECAYS] * len(delays)
    return np.array(cells), np.array(prior)


def _smoothed(cells: Floats, lags: Lags, kernel: Kernel, *, even: bool) -> Floats:
    """Evaluate the functions after the kernel at all lags, shape (lags, K, m).

    Cells that differ in their delay only are one function of u: it is smoothed on a fine grid and looked up.
    """
    step = min(lags.step_s, kernel.h) / FINE
    half = np.arange(np.ceil(SPREAD * kernel.h / step) + 1) * step
    weights = density(kernel, np.concatenate([-half[:0:-1], half]))
    weights /= weights.sum()
    reach = 2 * lags.reach_s + step
    grid = np.arange(-np.ceil(reach / step), np.ceil(reach / step) + 1) * step
    padded = np.arange(-half.size + 1, half.size) * step
    wide = np.concatenate([grid[0] + padded[: half.size - 1], grid, grid[-1] + padded[half.size :]])
    kinds, which = np.unique(cells[:, 1:], axis=0, return_inverse=True)
    out: list[Floats] = [np.empty(0)] * len(cells)
    for k, kind in enumerate(kinds):
        profile = functions(np.array([[0.0, *kind]]), wide, even=even)[0]
        smooth = np.stack([np.convolve(column, weights, "valid") for column in profile.T], axis=1)
        for cell in np.flatnonzero(which == k):
            place = (lags.values - cells[cell, 0] - grid[0]) / step
            left = np.clip(place.astype(int), 0, grid.size - 2)
            share = (place - left)[:, None]
            out[cell] = (1 - share) * smooth[left] + share * smooth[left + 1]
    return np.stack(out, axis=1)


def _areas(cells: Floats, *, even: bool) -> Floats:
    c, d = cells[:, 1], cells[:, 2]
    turns = d > 0
    size = c**2 + d**2
    parts = [2 * c / size, SIDE * np.where(turns, 2 * d / size, 4 / c), SIDE * np.where(turns, 2 / c, 2 * TAIL / c)]
    return np.stack(parts if even else [*parts, np.zeros_like(c)], axis=1)
