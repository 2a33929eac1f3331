"""Power spectral density and Lomb-Scargle power of irregular series, from their Fourier coefficients.

**Density.** |X_k|^2 holds the spectrum smeared by the sampling, |W_k|^2, and on top of both a floor: each sample times
itself. Without the floors, both are taken to lags, where the smearing is a product, and divided:

    C(tau) = sum_k g_k (|X_k|^2 - sum w^2 x^2) e^{i w_k tau} / sum_k g_k (|W_k|^2 - sum w^2) e^{i w_k tau}

(g of a narrow Gaussian lag kernel). C(tau) times Parzen's lag window goes back to frequencies and is divided by g.
That is a smoothed periodogram (Percival & Walden 1993, sec. 6), corrected for gaps and bursts, of

    nu = 2 T / int k(tau)^2 D(0) / D(tau) dtau,    T = (sum w)^2 / D(0)

degrees of freedom, where k is the window and D the denominator: 3.71 T / M for samples without gaps and a longest lag
M; fewer where gaps make some lags rare. The floor F = 2 sum w^2 x^2 / D(0) is gone from the estimate S but not from
its variance: S + F is chi-square, and the interval is that of S + F less F. Of stamps that are ticks of a clock nothing
is subtracted: no other pairs are near lag 0, and F = 0.

**Standard.** The generalised Lomb-Scargle power (Zechmeister & Kuerster 2009, eq. 4-15): the share of the variance that
a sinusoid and a free mean explain. Sums of cos^2 and sin^2 need W at twice the frequency.
"""

from typing import Any, Final, final

import msgspec
import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.stats import chi2

from learnsys.core.errors import InputError
from learnsys.series.estimate.types import CoefficientsSpec, Facts
from learnsys.series.results.spectrum import Normalization, Spectrum
from learnsys.series.sums.projection import Coefficients
from learnsys.series.types import Floats

BANDWIDTH: Final = 1.86  # equivalent bandwidth of Parzen's window, times 1 / M
RESOLUTION: Final = 30.0  # bandwidths in 1 / T, by default: 60 degrees of freedom
BEYOND: Final = 3.0  # the lag kernel's transform is cut at so many times the highest frequency,
KEPT: Final = 0.5  # where it is still this large: it falls to 0.2 % at the cut
PER_PEAK: Final = 5  # frequencies of the standard power in 1 / T
FINENESS: Final = 4  # frequencies of a density in a bandwidth
MIN_PAIRS: Final = 8.0  # effective pairs of samples, below which nothing is known of a lag,
RARE: Final = 0.05  # or little, if they are so few for one of lag 0
CLOCK: Final = 0.5  # of the mean number of pairs: fewer near lag 0 are those of stamps that are ticks of a clock
LEAST: Final = 4  # samples

_Parts = dict[str, Any]  # fields of a Spectrum


@final
class Psd(msgspec.Struct, frozen=True, kw_only=True):
    """The spectrum of each series.

    Attributes
    ----------
    max_hz : float, optional
        Highest frequency; by default half the largest mean rate of samples.
    resolution_hz : float, optional
        Equivalent bandwidth of a density, by default 30 / T: wider is smoother. The standard power is not smoothed.
    normalization : {"density", "standard"}
    level : float
        Nominal coverage of the intervals.
    """

    max_hz: float | None = None
    resolution_hz: float | None = None
    normalization: Normalization = "density"
    level: float = 0.95

    def needs(self, facts: Facts) -> CoefficientsSpec:
        """Say which coefficients: of a period without wrapping, up to where the lag kernel is cut or twice the highest.

        Raises
        ------
        InputError
            If no series has enough samples at different times, or the frequency or the resolution do not suit them.
        """
        span = _span(facts)
        if self.normalization == "standard":
            period = PER_PEAK * span
            return CoefficientsSpec(period_s=period, modes=2 * int(self._max_hz(facts) * period) + 1)
        period = span + self._longest_s(facts) + 10 * self._h(facts)
        return CoefficientsSpec(period_s=period, modes=int(np.ceil(BEYOND * self._max_hz(facts) * period)) + 1)

    def finish(self, given: Coefficients, facts: Facts) -> Spectrum:
        """Make the spectra."""
        given = given.centred()
        short = facts.n < LEAST
        parts = self._standard(given, facts) if self.normalization == "standard" else self._density(given, facts)
        for array in (parts["power"], parts["low"], parts["high"], parts["false_alarm"]):
            array[short] = np.nan
        names = [facts.ids[d] for d in np.flatnonzero(short)]
        notes = (f"too few samples for a spectrum: {', '.join(names)}",) if names else ()
        return Spectrum(
            ids=facts.ids, normalization=self.normalization, level=self.level,
            resolution_hz=self._resolution_hz(facts), notes=(*notes, *parts.pop("notes")), **parts,
        )  # fmt: skip

    def _max_hz(self, facts: Facts) -> float:
        if self.max_hz is not None and not self.max_hz > 0:
            raise InputError(f"max_hz is {self.max_hz}", value=self.max_hz, next="give more than 0 Hz")
        some = (facts.n >= LEAST) & (facts.last_s > facts.first_s)
        rates = (facts.n[some] - 1) / (facts.last_s[some] - facts.first_s[some])
        return float(self.max_hz if self.max_hz is not None else rates.max() / 2)

    def _resolution_hz(self, facts: Facts) -> float:
        span = _span(facts)
        if self.normalization == "standard":
            return 1 / span
        if self.resolution_hz is None:
            return RESOLUTION / span
        if self.resolution_hz < (least := 2 * BANDWIDTH / span):
            raise InputError(
                f"a resolution of {self.resolution_hz} Hz needs lags of more than half of the {span:.6g} s of samples",
                value=self.resolution_hz, next=f"give at least {least:.3g} Hz",
            )  # fmt: skip
        return self.resolution_hz

    def _longest_s(self, facts: Facts) -> float:
        """The longest lag, M."""
        return BANDWIDTH / self._resolution_hz(facts)

    def _h(self, facts: Facts) -> float:
        """The bandwidth of the lag kernel."""
        return float(np.sqrt(-2 * np.log(KEPT)) / (2 * np.pi * self._max_hz(facts)))

    def _standard(self, given: Coefficients, facts: Facts) -> _Parts:
        span = _span(facts)
        count = int(self._max_hz(facts) * given.period_s)
        with np.errstate(invalid="ignore", divide="ignore"):
            power = np.clip(standard_power(given, count), 0, 1)
            free = np.maximum(given.n - 3, 0)[:, None] / 2
            trials = max(self._max_hz(facts) * span, 1.0)
            false_alarm = np.minimum(1, trials * (1 - power) ** free)
        nothing = np.full(power.shape, np.nan)
        return {
            "frequencies_hz": np.arange(1, count + 1) / given.period_s, "power": power, "low": nothing,
            "high": nothing.copy(), "false_alarm": false_alarm, "floor": np.full(len(power), np.nan),
            "degrees": np.full(len(power), 2.0), "notes": (),
        }  # fmt: skip

    def _density(self, given: Coefficients, facts: Facts) -> _Parts:
        longest, h = self._longest_s(facts), self._h(facts)
        grid = _Grid.of(given, longest, self._resolution_hz(facts), self._max_hz(facts))
        g = np.exp(-0.5 * (h * given.omega) ** 2)
        back = 2 / np.exp(-0.5 * (2 * np.pi * h * grid.frequencies_hz) ** 2)  # one-sided, and g undone
        d, shape = len(given.ids), (len(given.ids), grid.frequencies_hz.size)
        power, low, high = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        floor, degrees, unknown = np.zeros(d), np.zeros(d), np.zeros(d, int)
        for s in np.flatnonzero(given.n >= LEAST):
            for less in (1.0, 0.0):  # on a clock, samples with themselves are all that lag 0 has, and stay
                num = grid.to_lags(g * (np.abs(given.X[s]) ** 2 - less * given.sum_w2x2[s]))
                den = grid.to_lags(g * (np.abs(given.W[s]) ** 2 - less * given.sum_w2[s]))
                if den[0] >= CLOCK * den.mean():
                    break
            pairs = den * 2 * np.sqrt(np.pi) * h * given.n[s] / given.sum_w2[s]
            known = (pairs >= MIN_PAIRS) & (den >= RARE * den[0])
            unknown[s] = (~known).sum()
            window = np.divide(grid.parzen, den, out=np.zeros_like(den), where=known)
            power[s] = back * grid.to_frequencies(num * window)
            floor[s] = 2 * less * given.sum_w2x2[s] / max(den[0], 1e-300)
            degrees[s] = 2 * given.sum_w[s] ** 2 / max(den[0] * grid.integral(window * grid.parzen) * den[0], 1e-300)
            low[s], high[s] = _interval(power[s], floor[s], degrees[s], self.level)
        few = [f"{given.ids[s]} ({unknown[s]} of {grid.parzen.size})" for s in np.flatnonzero(unknown)]
        notes = (f"lags that too few pairs of samples tell of were taken as 0: {', '.join(few)}",) if few else ()
        return {
            "frequencies_hz": grid.frequencies_hz, "power": power, "low": low, "high": high,
            "false_alarm": np.full(shape, np.nan), "floor": floor, "degrees": degrees, "notes": notes,
        }  # fmt: skip


def standard_power(given: Coefficients, count: int) -> Floats:
    """Compute the generalised Lomb-Scargle power at the frequencies k / period, k = 1 ... count, shape (D, count)."""
    total = given.sum_w[:, None]
    first, second = slice(1, count + 1), slice(2, 2 * count + 1, 2)
    mean = given.sum_wx[:, None] / total
    c, s = given.W[:, first].real / total, -given.W[:, first].imag / total
    yc, ys = given.X[:, first].real / total - mean * c, -given.X[:, first].imag / total - mean * s
    c2, s2 = given.W[:, second].real / total, -given.W[:, second].imag / total
    cc, ss, cs = (1 + c2) / 2 - c * c, (1 - c2) / 2 - s * s, s2 / 2 - c * s
    variance = given.sum_wx2[:, None] / total - mean**2
    return np.asarray((ss * yc**2 + cc * ys**2 - 2 * cs * yc * ys) / (variance * (cc * ss - cs**2)), float)


def parzen(u: NDArray[np.floating]) -> Floats:
    """Evaluate Parzen's lag window at ``u`` = lag / longest lag, 0 <= u <= 1.

    Examples
    --------
    >>> parzen(np.array([0.0, 0.5, 1.0])).tolist()
    [1.0, 0.25, 0.0]
    """
    return np.asarray(np.where(u <= 0.5, 1 - 6 * u**2 + 6 * u**3, 2 * (1 - u) ** 3), float)


@final
class _Grid(msgspec.Struct, frozen=True, kw_only=True):
    """Lags at which the ratio is taken, and frequencies to which it goes back."""

    size: int
    step_s: float
    parzen: Floats
    long_size: int
    frequencies_hz: Floats

    @classmethod
    def of(cls, given: Coefficients, longest_s: float, resolution_hz: float, max_hz: float) -> "_Grid":
        """Choose lags up to the longest and frequencies finer than the resolution."""
        size = scipy.fft.next_fast_len(2 * given.modes, real=True)
        step = given.period_s / size
        count = int(longest_s / step) + 1
        long_size = scipy.fft.next_fast_len(max(2 * count, int(FINENESS / (resolution_hz * step)) + 1), real=True)
        frequencies = scipy.fft.rfftfreq(long_size, step)
        return cls(
            size=size, step_s=step, parzen=parzen(np.arange(count) * step / longest_s), long_size=long_size,
            frequencies_hz=frequencies[frequencies <= max_hz * (1 + 1e-12)],
        )  # fmt: skip

    def to_lags(self, spectrum: Floats) -> Floats:
        """Go to lags, in the units of sums over pairs of a kernel."""
        return np.asarray(scipy.fft.irfft(spectrum, self.size)[: self.parzen.size] / self.step_s, float)

    def integral(self, even: Floats) -> float:
        """Integrate an even function of the lag."""
        return float(self.step_s * (2 * even.sum() - even[0]))

    def to_frequencies(self, tapered: Floats) -> Floats:
        """Go to a two-sided density."""
        found = 2 * scipy.fft.rfft(tapered, self.long_size).real - tapered[0]
        return np.asarray(self.step_s * found[: self.frequencies_hz.size], float)


def _interval(power: Floats, floor: float, degrees: float, level: float) -> tuple[Floats, Floats]:
    """The interval of a density whose sum with a floor is chi-square."""
    upper, lower = (float(chi2.ppf(p, degrees)) for p in ((1 + level) / 2, (1 - level) / 2))
    whole = np.maximum(power + floor, 0)
    return np.maximum(degrees / upper * whole - floor, 0), np.maximum(degrees / lower * whole - floor, 0)


def _span(facts: Facts) -> float:
    """The longest time of one series' samples."""
    span = np.where(facts.n >= LEAST, facts.last_s - facts.first_s, 0.0)
    if not span.size or not span.max() > 0:
        raise InputError(
            f"no series has {LEAST} samples at different times", value=int(facts.n.max(initial=0)), next="add samples"
        )
    return float(span.max())
