"""Stamps of samples: regular, at random, by day only, in bursts, on a clock's ticks.

All take a generator and give stamps in order within ``[0, span_s)``.
"""

import numpy as np

from learnsys.core.errors import InputError
from learnsys.series.types import Floats


def regular(span_s: float, gap_s: float) -> Floats:
    """One sample every ``gap_s``.

    Examples
    --------
    >>> regular(1.0, 0.25).tolist()
    [0.0, 0.25, 0.5, 0.75]
    """
    return np.asarray(gap_s * np.arange(int(np.ceil(span_s / gap_s - 1e-9))), float)


def jittered(rng: np.random.Generator, span_s: float, gap_s: float, *, jitter: float = 0.5) -> Floats:
    """One sample every ``gap_s``, moved by up to half of ``jitter`` gaps to either side."""
    t = regular(span_s, gap_s)
    return np.asarray(np.sort(np.clip(t + jitter * gap_s * rng.uniform(-0.5, 0.5, t.size), 0, span_s)), float)


def poisson(rng: np.random.Generator, span_s: float, rate: float) -> Floats:
    """Samples at random, ``rate`` a second on average."""
    return np.sort(rng.uniform(0, span_s, rng.poisson(rate * span_s)))


def on_off(
    rng: np.random.Generator, span_s: float, rate: float, *, on_s: float = 28800.0, off_s: float = 57600.0
) -> Floats:
    """Samples at random while a market is open: ``on_s`` of each ``on_s + off_s``, ``rate`` a second meanwhile."""
    t = poisson(rng, span_s, rate)
    return np.asarray(t[t % (on_s + off_s) < on_s], float)


def bursty(rng: np.random.Generator, span_s: float, rate: float, *, size: float = 8.0, length_s: float = 1.0) -> Floats:
    """Bursts at random of ``size`` samples on average (geometric) within about ``length_s``; ``rate`` over all."""
    starts = poisson(rng, span_s, rate / size)
    owner = np.repeat(starts, rng.geometric(1 / size, starts.size))
    t = np.sort(owner + rng.exponential(length_s, owner.size))
    return np.asarray(t[t < span_s], float)


def gamma_renewal(rng: np.random.Generator, span_s: float, gap_s: float, *, skewness: float = 1.0) -> Floats:
    """Independent gaps with a gamma distribution of mean ``gap_s``, from a clock (skewness 0) to clumps (4).

    References
    ----------
    Rehfeld et al., "Comparison of correlation analysis techniques for irregularly sampled time series", NPG 18 (2011).
    """
    if skewness < 0:
        raise InputError.below("skewness", skewness, 0)
    if skewness == 0:
        return regular(span_s, gap_s)
    shape = 4.0 / skewness**2
    expected = span_s / gap_s
    count = int(expected + 6 * np.sqrt(expected * max(1.0, 1 / shape)) + 20)
    t = np.cumsum(rng.gamma(shape, gap_s / shape, count)) - gap_s * rng.uniform()
    return np.asarray(t[(t >= 0) & (t < span_s)], float)


def quantised(t: Floats, quantum_s: float) -> Floats:
    """What a clock with a coarse tick says of stamps; several may be equal."""
    return np.asarray(quantum_s * np.floor(t / quantum_s), float)
