"""Brownian motions that lead and follow each other, at any stamps, with the truth known.

    x_d(t) = Z_d(t - delay_d) + noise,    Z: correlated fractional Brownian motions of one Hurst exponent H

so that series a leads series b by delay_b - delay_a with the correlation of Z_a and Z_b. H = 1/2 is Brownian motion,
the model of Hoffmann, Rosenbaum and Yoshida (Bernoulli 2013); it is exact at any stamps. For other H the paths are
drawn on a fine grid by circulant embedding (Davies and Harte, Biometrika 1987), and stamps move to the nearest point
of it, which keeps the values exact too. The noise stands for the microstructure of prices.
"""

from collections.abc import Mapping
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from learnsys.core.errors import InputError
from learnsys.series.types import Floats, Samples

FINEST: Final = 2**20  # points of the grid, at most
PER_GAP: Final = 64  # points of the grid in a mean gap between stamps


def fractional_noise(n: int, hurst: float, rng: np.random.Generator) -> Floats:
    """Draw fractional Gaussian noise of unit variance: the increments of fractional Brownian motion, shape (n,).

    Parameters
    ----------
    n : int
        How many, >= 1.
    hurst : float
        H in (0, 1): the covariance at lag k is (|k+1|^2H - 2|k|^2H + |k-1|^2H) / 2.
    rng : numpy.random.Generator

    References
    ----------
    Davies and Harte, Tests for Hurst effect, Biometrika 74 (1987): the covariances are embedded in a circulant matrix.
    """
    k = np.arange(n + 1.0)
    row = 0.5 * ((k + 1) ** (2 * hurst) - 2 * k ** (2 * hurst) + np.abs(k - 1) ** (2 * hurst))
    power = np.maximum(np.fft.rfft(np.concatenate([row, row[-2:0:-1]])).real, 0.0)
    white = np.fft.rfft(rng.normal(size=2 * n))
    return np.asarray(np.fft.irfft(white * np.sqrt(power), 2 * n)[:n], float)


@final
class Motions(msgspec.Struct, frozen=True, kw_only=True):
    """Correlated fractional Brownian motions, each seen after a delay; unit variance after one second.

    Attributes
    ----------
    correlation : ndarray, shape (D, D)
        Of the motions before they are delayed.
    delays_s : ndarray, shape (D,)
    hurst : float
        H in (0, 1).
    noise : float
        Standard deviation of the independent noise on each value.
    """

    correlation: Floats
    delays_s: Floats
    hurst: float = 0.5
    noise: float = 0.0

    @property
    def lag_s(self) -> Floats:
        """By how many seconds series a leads series b, shape (D, D)."""
        return self.delays_s[None, :] - self.delays_s[:, None]

    def draw(self, stamps: Mapping[str, ArrayLike], *, seed: int) -> Samples:
        """Draw values at the stamps of each series, in seconds.

        Raises
        ------
        InputError
            If the number of series does not suit, H is not in (0, 1), or the correlations are not positive
            semi-definite.

        Examples
        --------
        >>> two = pair(0.8, 2.0)
        >>> made = two.draw({"a": [0.0, 1.0, 5.0], "b": [2.0, 3.0]}, seed=0)
        >>> made.ids, made.t.tolist(), float(two.lag_s[0, 1])
        (('a', 'b'), [0.0, 1.0, 5.0, 2.0, 3.0], 2.0)
        """
        if len(stamps) != self.delays_s.size:
            raise InputError(f"{len(stamps)} series of stamps for {self.delays_s.size} motions", value=len(stamps))
        if not 0 < self.hurst < 1:
            raise InputError(f"hurst is {self.hurst}, but must be in (0, 1)", value=self.hurst)
        root, rng = _root(self.correlation), np.random.default_rng(seed)
        times = [np.sort(np.asarray(t, float)) - delay for t, delay in zip(stamps.values(), self.delays_s, strict=True)]
        every = np.unique(np.concatenate([*times, np.zeros(1)])) if self.hurst == 0.5 else _grid(times)
        paths = root @ np.stack([_path(every, self.hurst, rng) for _ in range(len(root))])
        series = {}
        for name, delay, t, path in zip(stamps, self.delays_s, times, paths, strict=True):
            at = _nearest(every, t)
            series[name] = (every[at] + delay, path[at] + self.noise * rng.normal(size=t.size))
        return Samples.of(series)


def pair(correlation: float, delay_s: float, *, hurst: float = 0.5, noise: float = 0.0) -> Motions:
    """Make two motions of which the first leads the second by ``delay_s``."""
    return Motions(
        correlation=np.array([[1.0, correlation], [correlation, 1.0]]), delays_s=np.array([0.0, delay_s]),
        hurst=hurst, noise=noise,
    )  # fmt: skip


def _root(correlation: Floats) -> Floats:
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < -1e-9:
        raise InputError("the correlations are not positive semi-definite", value=float(values[0]))
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), float)


def _grid(times: list[Floats]) -> Floats:
    """Equally spaced times that cover all stamps."""
    first, last = min(t.min() for t in times if t.size), max(t.max() for t in times if t.size)
    points = int(min(FINEST, max(2, PER_GAP * max(t.size for t in times))))
    return np.linspace(first, last, points) if last > first else np.array([first, first + 1.0])


def _path(times: Floats, hurst: float, rng: np.random.Generator) -> Floats:
    if hurst == 0.5:
        return np.cumsum(np.sqrt(np.diff(times, prepend=times[0])) * rng.normal(size=times.size))
    step = times[1] - times[0]
    return np.concatenate([[0.0], np.cumsum(step**hurst * fractional_noise(times.size - 1, hurst, rng))])


def _nearest(every: Floats, t: Floats) -> NDArray[np.intp]:
    after = np.clip(np.searchsorted(every, t), 1, every.size - 1)
    return np.asarray(after - (t - every[after - 1] < every[after] - t), np.intp)
