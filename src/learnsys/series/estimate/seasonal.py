"""Remove means, trends and seasons, which would drown every covariance, by weighted least squares.

The model of a series is a sum of terms c t^p e^{i w t}: powers of time (w = 0) and harmonics of periods (p = 0, in
pairs w and -w, so that the sum is real). Its normal equations are sums over samples,

    G_mn = sum_i w_i t_i^(p + q) e^{-i (w_m - w_n) t_i},     b_m = sum_i w_i x_i t_i^p e^{-i w_m t_i},

so chunks of samples add up exactly.
"""

import math
from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import Incompatible, InputError
from learnsys.core.units import parse_duration
from learnsys.series.types import Floats, Samples

Complexes = NDArray[np.complex128]

PERIODS_S: Final = {"hour": 3600.0, "day": 86400.0, "week": 7 * 86400.0, "year": 365.2425 * 86400.0}
POWERS: Final = {"mean": 0, "linear": 1, "quadratic": 2}
HARMONICS: Final = 4
UNIT_S: Final = 86400.0  # of time in its powers; columns are scaled to length 1 before the solution anyway
RANK: Final = 1e-10  # of the largest eigenvalue: directions below it are left at 0


@final
class Season(msgspec.Struct, frozen=True, kw_only=True):
    """What is removed from each series.

    Attributes
    ----------
    power : int
        The highest power of time: 0 a mean, 1 a line.
    periods_s : tuple of float
        Periods in seconds.
    harmonics : int
        How many of each period: the period, its half, its third ...
    """

    power: int = 0
    periods_s: tuple[float, ...] = ()
    harmonics: int = HARMONICS

    @property
    def terms(self) -> tuple[tuple[int, float], ...]:
        """Power and angular frequency of each term; a harmonic of several periods is taken once."""
        waves = {
            float(f"{2 * math.pi * j / period:.12g}"): 2 * math.pi * j / period
            for period in self.periods_s
            for j in range(1, self.harmonics + 1)
        }
        powers = [(p, 0.0) for p in range(self.power + 1)]
        return (*powers, *((0, sign * w) for w in waves.values() for sign in (1, -1)))


def season(*names: str, harmonics: int = HARMONICS) -> Season:
    """Name what is to be removed; a mean always is.

    Parameters
    ----------
    *names : str
        ``"mean"``, ``"linear"``, ``"quadratic"``; ``"hour"``, ``"day"``, ``"week"``, ``"year"``, or a period such as
        ``"12h"``.
    harmonics : int
        How many of each period, >= 1.

    Raises
    ------
    InputError
        If a name is neither, or ``harmonics < 1``.

    Examples
    --------
    >>> season("linear", "day", "12h")
    Season(power=1, periods_s=(86400.0, 43200.0), harmonics=4)
    """
    if harmonics < 1:
        raise InputError.below("harmonics", harmonics, 1)
    power = max((POWERS[name] for name in names if name in POWERS), default=0)
    return Season(
        power=power, periods_s=tuple(map(_period, (n for n in names if n not in POWERS))), harmonics=harmonics
    )


def _period(name: str) -> float:
    if name in PERIODS_S:
        return PERIODS_S[name]
    try:
        period = parse_duration(name)
    except InputError as error:
        known = ", ".join([*POWERS, *PERIODS_S])
        raise InputError(f"{name!r} is no trend and no period", value=name, next=f"use {known} or 12h") from error
    if period <= 0:
        raise InputError(f"a season's period is {name!r}, but must be more than 0", value=name, next="try 12h")
    return period


@final
class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """The trend and seasons of D series.

    Attributes
    ----------
    season : Season
    t0_ns : int
    coefficients : ndarray of complex, shape (D, M)
        By series and term; time in powers counts in days since ``t0_ns``.
    """

    season: Season
    t0_ns: int
    coefficients: Complexes

    def at(self, d: int, t: Floats) -> Floats:
        """Evaluate series ``d`` at stamps ``t``, seconds since the origin."""
        return np.asarray((_basis(self.season, t) @ self.coefficients[d]).real, float)

    def remove(self, samples: Samples) -> Samples:
        """Subtract it from samples, all or a chunk."""
        if samples.t0_ns != self.t0_ns:
            raise _other_origin(self.t0_ns, samples.t0_ns)
        parts = [self.at(d, samples.one(d)[0]) for d in range(len(samples))]
        return msgspec.structs.replace(samples, x=samples.x - np.concatenate([*parts, np.empty(0)]))


@final
class NormalEquations(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over samples that determine the trend and seasons; those of disjoint chunks add.

    Attributes
    ----------
    season : Season
    ids : tuple of str
    t0_ns : int
    gram : ndarray of complex, shape (D, M, M)
    moment : ndarray of complex, shape (D, M)
    """

    season: Season
    ids: tuple[str, ...]
    t0_ns: int
    gram: Complexes
    moment: Complexes

    @classmethod
    def of(cls, samples: Samples, season: Season) -> Self:
        """Add up the terms of each series."""
        m = len(season.terms)
        gram, moment = np.zeros((len(samples), m, m), complex), np.zeros((len(samples), m), complex)
        for d in range(len(samples)):
            t, x, w = samples.one(d)
            basis = _basis(season, t)
            weighted = (basis.conj() * w[:, None]).T
            gram[d], moment[d] = weighted @ basis, weighted @ x
        return cls(season=season, ids=samples.ids, t0_ns=samples.t0_ns, gram=gram, moment=moment)

    def __add__(self, other: Self) -> Self:
        """Merge with the sums of other samples of the same series.

        Raises
        ------
        Incompatible
            If the series, their origin of time or what is removed differ.
        """
        if self.t0_ns != other.t0_ns:
            raise _other_origin(self.t0_ns, other.t0_ns)
        if (self.season, self.ids) != (other.season, other.ids):
            raise Incompatible("sums of other series or seasons do not add", next="make both from one query")
        return msgspec.structs.replace(self, gram=self.gram + other.gram, moment=self.moment + other.moment)

    def solve(self) -> Fit:
        """Fit; of terms that the stamps cannot tell apart, the smallest solution is taken."""
        scale = np.sqrt(np.maximum(np.diagonal(self.gram, axis1=1, axis2=2).real, 1e-300))
        inverse = np.linalg.pinv(self.gram / (scale[:, :, None] * scale[:, None, :]), rcond=RANK, hermitian=True)
        solution = (inverse @ (self.moment / scale)[:, :, None])[:, :, 0] / scale
        return Fit(season=self.season, t0_ns=self.t0_ns, coefficients=solution)


def remove(samples: Samples, season: Season) -> Samples:
    """Remove trend and seasons from samples in memory.

    Time is counted from the middle of each series: powers of stamps far from their origin could not be told apart.

    Examples
    --------
    >>> line = Samples.of({"a": ([0.0, 1.0, 3.0], [5.0, 7.0, 11.0])})
    >>> bool(abs(remove(line, Season(power=1)).x).max() < 1e-12)
    True
    """
    middle = samples.sums(samples.t) / np.maximum(np.diff(samples.starts), 1)
    near = msgspec.structs.replace(samples, t=samples.t - middle[samples.series])
    return msgspec.structs.replace(samples, x=NormalEquations.of(near, season).solve().remove(near).x)


def _basis(season: Season, t: Floats) -> Complexes:
    """Evaluate the terms, shape (n, M)."""
    terms = [((t / UNIT_S) ** p).astype(complex) if w == 0 else np.exp(1j * w * t) for p, w in season.terms]
    return np.stack(terms, axis=1)


def _other_origin(mine: int, other: int) -> Incompatible:
    return Incompatible(f"stamps count from {mine} ns and from {other} ns", value=other, next="use one origin for all")
