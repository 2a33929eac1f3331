"""Long memory: how the spectrum of increments behaves towards frequency 0, from their Fourier coefficients.

Near frequency 0 the spectrum of a series with memory parameter d is G |w|^(-2 d); increments of fractional Brownian
motion have d = H - 1/2. The coefficients are those of increments at the middle of their intervals, which are right at
low frequencies whatever the stamps, and from the first m of them

    whittle   d minimises log(mean_k w_k^2d I_k) - 2 d mean_k log w_k      (Robinson, Annals of Statistics 1995)
    gph       log I_k is a line over -2 log w_k with slope d               (Geweke & Porter-Hudak, J. Time Series 1983)

with standard errors 1 / (2 sqrt(m)) and pi / sqrt(24 m). A larger m has less variance, and more bias from what is not
long memory.
"""

from typing import Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.types import CoefficientsSpec, Facts
from learnsys.series.results.long_memory import LongMemoryResult
from learnsys.series.sums.projection import Coefficients
from learnsys.series.types import Floats

Method = Literal["whittle", "gph"]
METHODS: Final[tuple[Method, ...]] = ("whittle", "gph")
BOUNDS: Final = (-1.0, 1.0)
LEAST: Final = 8  # frequencies


@final
class LongMemory(msgspec.Struct, frozen=True, kw_only=True):
    """How the memory of each series is estimated; the samples are to be increments (``difference()``).

    Attributes
    ----------
    method : {"whittle", "gph"}
    power : float
        The lowest n^power frequencies are used, of n samples; in (0, 1).
    level : float
        Nominal coverage of the intervals.
    """

    method: Method = "whittle"
    power: float = 0.65
    level: float = 0.95

    def needs(self, facts: Facts) -> CoefficientsSpec:
        """Ask for the coefficients at the lowest multiples of one over the time observed.

        Raises
        ------
        UnknownName
            If there is no such method.
        InputError
            If the power is not in (0, 1), or no series has samples enough.
        """
        if self.method not in METHODS:
            raise UnknownName.of("method", self.method, METHODS)
        if not 0 < self.power < 1:
            raise InputError(f"power is {self.power}, but must be in (0, 1)", value=self.power, next="try 0.65")
        used = [
            (i, m) for i, m in enumerate(self._frequencies(facts)) if m >= LEAST and facts.last_s[i] > facts.first_s[i]
        ]
        if not used:
            raise InputError(
                f"the longest series has {int(facts.n.max(initial=0))} samples: too few frequencies", value=self.power,
                next=f"at least {int(np.ceil(LEAST ** (1 / self.power)))} are needed, or a larger power",
            )  # fmt: skip
        return CoefficientsSpec(period_s=_span(facts), modes=max(int(_numbers(facts, i, m)[-1]) for i, m in used) + 1)

    def finish(self, given: Coefficients, facts: Facts) -> LongMemoryResult:
        """Estimate d of each series; NaN where it has too few samples or does not change."""
        used, omega = self._frequencies(facts), given.omega
        power = np.abs(given.centred().X.astype(complex)) ** 2
        d, error = np.full(len(facts.ids), np.nan), np.full(len(facts.ids), np.nan)
        for i, m in enumerate(used):
            if m >= LEAST and facts.variance[i] > 0:
                estimate = local_whittle if self.method == "whittle" else log_periodogram
                k = _numbers(facts, i, m)
                d[i], error[i] = estimate(omega[k], power[i, k])
        half = float(norm.ppf(0.5 + self.level / 2)) * error
        left_out = [name for name, known in zip(facts.ids, np.isfinite(d), strict=True) if not known]
        notes = (f"too few samples, or constant: {', '.join(left_out[:8])}",) if left_out else ()
        return LongMemoryResult(
            ids=facts.ids, d=d, low=d - half, high=d + half, frequencies=used, method=self.method, level=self.level,
            notes=notes,
        )  # fmt: skip

    def _frequencies(self, facts: Facts) -> NDArray[np.int64]:
        return np.floor(facts.n.astype(float) ** self.power).astype(np.int64)


def _span(facts: Facts) -> float:
    return float(np.nanmax(facts.last_s) - np.nanmin(facts.first_s))


def _numbers(facts: Facts, i: int, m: int) -> NDArray[np.int64]:
    """Number the coefficients next to the multiples 1 ... m of one over the time of series ``i``: those between are no
    news."""
    times = _span(facts) / float(facts.last_s[i] - facts.first_s[i])
    return np.round(times * np.arange(1, m + 1)).astype(np.int64)


def local_whittle(omega: Floats, power: Floats) -> tuple[float, float]:
    """Fit d to powers at frequencies > 0 by Whittle's likelihood: d and its standard error.

    Examples
    --------
    >>> w = np.linspace(0.01, 1, 100)
    >>> [round(v, 6) for v in local_whittle(w, 3 * w**-0.6)]
    [0.3, 0.05]
    """
    log = np.log(omega / omega[-1])

    def cost(d: float) -> float:
        return float(np.log(np.mean(np.exp(2 * d * log) * power)) - 2 * d * np.mean(log))

    found = minimize_scalar(cost, bounds=BOUNDS, method="bounded", options={"xatol": 1e-8})
    return float(found.x), float(0.5 / np.sqrt(omega.size))


def log_periodogram(omega: Floats, power: Floats) -> tuple[float, float]:
    """Fit d to powers at frequencies > 0 by regression of logarithms: d and its standard error."""
    log = -2 * np.log(omega)
    log -= log.mean()
    d = float(log @ np.log(np.maximum(power, 1e-300)) / (log @ log))
    return d, float(np.pi / np.sqrt(6 * (log @ log)))
