"""What others do for the covariances of irregular series, each with the settings among which the best is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnsys.series.types import Samples

Floats = NDArray[np.float64]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Peer:
    """``run(samples, pair, tau, setting)`` gives covariances at lags."""

    name: str
    run: Callable[[Samples, Pair, Floats, Any], Floats]
    settings: tuple[Any, ...]


def linear(samples: Samples, pair: Pair, tau: Floats, step: float) -> Floats:
    """Interpolate both series linearly to a grid and correlate by FFT."""
    return _on_grid(samples, pair, tau, step, np.interp)


def previous_tick(samples: Samples, pair: Pair, tau: Floats, step: float) -> Floats:
    """Carry the last value forward to a grid and correlate by FFT."""
    return _on_grid(samples, pair, tau, step, lambda g, t, x: x[np.maximum(np.searchsorted(t, g, "right") - 1, 0)])


def _on_grid(samples: Samples, pair: Pair, tau: Floats, step: float, fill: Any) -> Floats:
    (ta, xa, _), (tb, xb, _) = (samples.one(d) for d in pair)
    grid = np.arange(max(ta[0], tb[0]), min(ta[-1], tb[-1]), step)
    a, b = (fill(grid, t, x) for t, x in ((ta, xa), (tb, xb)))
    size = 2 ** int(np.ceil(np.log2(2 * grid.size)))
    products = np.fft.irfft(np.fft.rfft(a - a.mean(), size).conj() * np.fft.rfft(b - b.mean(), size), size)
    reach = int(np.ceil(np.abs(tau).max() / step)) + 1
    k = np.arange(-reach, reach + 1)
    return np.asarray(np.interp(tau, k * step, products[k] / (grid.size - np.abs(k))), float)


def slotting(samples: Samples, pair: Pair, tau: Floats, half: float) -> Floats:
    """Average the products of all pairs of samples whose distance is within ``half`` of a lag (Edelson & Krolik)."""
    (ta, xa, _), (tb, xb, _) = (samples.one(d) for d in pair)
    xa, xb = xa - xa.mean(), xb - xb.mean()
    cumulated = np.concatenate([[0.0], np.cumsum(xb)])
    out = np.empty(tau.size)
    for l, lag in enumerate(tau):
        low, high = np.searchsorted(tb, ta + lag - half, "left"), np.searchsorted(tb, ta + lag + half, "right")
        total, count = float(xa @ (cumulated[high] - cumulated[low])), int((high - low).sum())
        if pair[0] == pair[1] and abs(lag) <= half:  # not a sample with itself
            total, count = total - float(xa @ xa), count - xa.size
        out[l] = total / count if count else np.nan
    return out


def nufftcf(samples: Samples, pair: Pair, tau: Floats, setting: tuple[str, float]) -> Floats:
    """Kernel sums in real space; its correlations are multiplied by the variances that it divided by."""
    import nufftcf as library

    kind, width = setting
    (ta, xa, _), (tb, xb, _) = (samples.one(d) for d in pair)
    sides = (ta, library.standardize(xa), tb, library.standardize(xb))
    if pair[0] == pair[1]:
        # its auto-covariance has each sample with itself: take them out as it would count them
        count, products = (library.compute_b_gaussian, library.compute_c_gaussian)
        if kind == "rectangle":
            count, products = (library.compute_b_rectangle, library.compute_c_rectangle)
        itself = np.exp(-0.5 * (tau / width) ** 2) / (np.sqrt(2 * np.pi) * width)
        itself = itself if kind == "gaussian" else (np.abs(tau) <= width).astype(float)
        b, c = count(ta, tau, width), products(ta, tau, sides[1], width)
        return (c - itself * float(sides[1] @ sides[1])) / (b - itself * ta.size) * xa.var()
    count, products = (library.compute_b_gaussian_cross, library.compute_c_gaussian_cross)
    if kind == "rectangle":
        count, products = (library.compute_b_rectangle_cross, library.compute_c_rectangle_cross)
    b = count(ta, tb, tau, width)
    return np.asarray(products(*sides, tau, width) / b * np.sqrt(xa.var() * xb.var()), float)


def stingray(samples: Samples, pair: Pair, tau: Floats, setting: tuple[float, int]) -> Floats:
    """Transform Lomb-Scargle Fourier transforms back (Scargle 1989), scaled to the variances of the samples."""
    from stingray.fourier import lsft_fast

    highest, finer = setting
    (ta, xa, _), (tb, xb, _) = (samples.one(d) for d in pair)
    start = min(ta[0], tb[0])
    df = 1 / (finer * (max(ta[-1], tb[-1]) - start))
    f = np.arange(df, highest, df)
    a, b = lsft_fast(xa, ta - start, f, sign=-1), lsft_fast(xb, tb - start, f, sign=-1)
    scale = np.sqrt(xa.var() * xb.var() / (np.sum(np.abs(a) ** 2) * np.sum(np.abs(b) ** 2)))
    wave = np.exp(2j * np.pi * np.outer(tau, f))
    return np.asarray((wave @ (a.conj() * b)).real * scale, float)


PEERS = (
    Peer("linear interpolation + FFT", linear, (0.125, 0.25, 0.5, 1.0)),
    Peer("previous tick + FFT", previous_tick, (0.125, 0.25, 0.5, 1.0)),
    Peer("slotting", slotting, (0.25, 0.5, 1.0)),
    Peer("nufftcf, real space", nufftcf, (("gaussian", 0.25), ("gaussian", 0.5), ("gaussian", 1.0),
                                          ("rectangle", 0.5))),
    Peer("stingray, Lomb-Scargle", stingray, ((0.5, 1), (0.5, 2), (1.0, 2), (2.0, 2))),
)  # fmt: skip


def oracle(samples: Samples, pair: Pair, tau: Floats, step: float) -> Floats:
    """Covariances of a pair on a fine common grid: what no sampling can beat without a model."""
    return linear(samples, pair, tau, step)
