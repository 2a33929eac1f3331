"""Gaussian processes with known covariances, sampled exactly at any stamps, that lead and follow each other.

A wave has covariance v exp(-c |tau|) cos(d tau): for d = 0 an Ornstein-Uhlenbeck process, otherwise an oscillator, a
CARMA(2, 1). It is the real part of a complex Ornstein-Uhlenbeck process, which steps exactly from stamp to stamp:

    z(t + s) = e^{-(c + i d) s} z(t) + noise of variance v (1 - e^{-2 c s}) in each part

so that n samples cost O(n), wherever they are. Sums of waves have several time scales.
"""

from collections.abc import Sequence
from typing import final

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from learnsys.core.errors import InputError
from learnsys.series.types import Floats, Samples


@final
class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """A process with covariance ``variance * exp(-decay |tau|) * cos(omega tau)``.

    Attributes
    ----------
    variance : float
        >= 0.
    decay : float
        c > 0, per second.
    omega : float
        d, radians a second.
    """

    variance: float = 1.0
    decay: float = 0.5
    omega: float = 0.0

    def covariance(self, lags_s: ArrayLike) -> Floats:
        """Evaluate the covariance at lags.

        Examples
        --------
        >>> Wave(decay=np.log(2.0)).covariance([-1.0, 0.0, 2.0]).tolist()
        [0.5, 1.0, 0.25]
        """
        tau = np.asarray(lags_s, float)
        return np.asarray(self.variance * np.exp(-self.decay * np.abs(tau)) * np.cos(self.omega * tau), float)

    def sample(self, t: Floats, rng: np.random.Generator) -> Floats:
        """Draw values at stamps in order, shape (n,).

        Raises
        ------
        InputError
            If the decay is not positive.
        """
        if self.decay <= 0:
            raise InputError(f"a wave decays by {self.decay} per second", value=self.decay, next="give decay > 0")
        gap = np.diff(t, prepend=t[:1])
        step = np.exp(-(self.decay + 1j * self.omega) * gap)
        shock = np.sqrt(self.variance) * (rng.normal(size=t.size) + 1j * rng.normal(size=t.size))
        shock[1:] *= np.sqrt(-np.expm1(-2 * self.decay * gap[1:]))
        z, path = 0j, []
        for rho, e in zip(step.tolist(), shock.tolist(), strict=True):
            z = rho * z + e
            path.append(z)
        return np.array(path, complex).real


@final
class Followers(msgspec.Struct, frozen=True, kw_only=True):
    """Series that repeat a common process after delays, each with a process and noise of its own.

        x_d(t) = load_d f(t - delay_d) + g_d(t) + noise_d e,
        C_ab(tau) = load_a load_b R_f(tau - delay_b + delay_a) + [a = b] R_d(tau)

    so that a leads b where its delay is the shorter one.

    Attributes
    ----------
    common : tuple of Wave
        f is their sum.
    delays_s, loads, noise : tuple of float, length D
        ``noise`` is the standard deviation of errors of single samples, which the covariances leave out.
    own : tuple of tuple of Wave, length D, or ()
        The waves of each g_d.
    """

    common: tuple[Wave, ...]
    delays_s: tuple[float, ...]
    loads: tuple[float, ...]
    noise: tuple[float, ...]
    own: tuple[tuple[Wave, ...], ...] = ()

    def covariance(self, lags_s: ArrayLike, a: int = 0, b: int = 1) -> Floats:
        """Evaluate the true C_ab at lags."""
        tau = np.asarray(lags_s, float)
        later = tau - self.delays_s[b] + self.delays_s[a]
        value = self.loads[a] * self.loads[b] * sum((w.covariance(later) for w in self.common), np.zeros_like(tau))
        own = self.own[a] if self.own and a == b else ()
        return np.asarray(value + sum((w.covariance(tau) for w in own), np.zeros_like(tau)), float)

    def sample(self, stamps: Sequence[ArrayLike], *, seed: int = 0) -> Samples:
        """Draw samples of each series at stamps of its own, in seconds and in any order; ids are s0, s1 ..."""
        rng = np.random.default_rng(seed)
        parts = [np.sort(np.asarray(t, float)) for t in stamps]
        start = np.cumsum([0, *(p.size for p in parts)])
        at = np.concatenate([p - delay for p, delay in zip(parts, self.delays_s, strict=True)])
        order = np.argsort(at, kind="stable")
        common = np.empty_like(at)
        common[order] = sum((w.sample(at[order], rng) for w in self.common), np.zeros_like(at))
        series = {}
        for d, t in enumerate(parts):
            own = sum((w.sample(t, rng) for w in (self.own[d] if self.own else ())), np.zeros_like(t))
            error = self.noise[d] * rng.normal(size=t.size)
            series[f"s{d}"] = (t, self.loads[d] * common[start[d] : start[d + 1]] + own + error)
        return Samples.of(series)
