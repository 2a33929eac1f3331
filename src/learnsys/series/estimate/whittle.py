"""Fit autoregressions in continuous time to estimated covariances, by Whittle's likelihood: from sums that merge.

Of samples at random stamps the spectrum is seen above a floor: f_a = (sum w^2 x^2 of series a) / (pairs of weighted
samples per second of lag), what remains of each sample's own square. With S + F the spectra of the model and of the
floor, I the estimate (back from the lag kernel's smoothing by division through its transform) the likelihood is

    -sum_k [log det(S_k + F) + tr((I_k + F) (S_k + F)^-1)],    k: angular frequencies pi k / (largest lag), [1]_,

to which the variance of the samples is added as one more observation: what the model leaves of it is the nugget. Where
samples are dense, F is small and this is Whittle's likelihood; where they are sparse, it is least squares.

.. [1] P. Whittle, "The analysis of multiple stationary time series", JRSS B 15, 1953.
"""

from typing import Final, Literal, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate import positive
from learnsys.series.estimate.continuous import Forward, Shape
from learnsys.series.estimate.covariance import fraction
from learnsys.series.estimate.fit import Objective, leave_out
from learnsys.series.estimate.likelihood import gaps_s
from learnsys.series.estimate.order import Fitted, choose
from learnsys.series.estimate.types import Facts
from learnsys.series.sums.kernels import transform
from learnsys.series.types import Floats, Kernel, KernelSums, Lags, SumsSpec

Psd = Literal["project", "none"]

FINE: Final = 2.0  # lags in a mean gap
WIDE: Final = 0.5  # bandwidth in steps of the lags
REACH: Final = 24.0  # mean gaps: the largest lag
MOST_LAGS: Final = 400
CLEAR: Final = 0.3  # of the kernel's transform: frequencies where it is smaller are not looked at
UNEVEN: Final = 0.3  # of the mean number of pairs: by so much neighbouring lags differ where stamps are on a clock
FEW: Final = 0.05  # of the usual number of pairs: a lag with fewer is filled from its neighbours


def lags_wanted(facts: Facts, *, blocks: int, reach: float = REACH) -> SumsSpec:
    """Ask for all pairs of series at lags from a fraction of the mean gap to ``reach`` mean gaps of the slowest."""
    gaps = gaps_s(facts)[(facts.n > 1) & (facts.variance > 0)]
    step = float(np.exp(np.mean(np.log(gaps)))) / FINE
    span = float(np.nanmax(facts.last_s) - np.nanmin(facts.first_s))
    count = int(min(reach * float(gaps.max()) / step, MOST_LAGS * reach / REACH, span / 4 / step))
    return SumsSpec(
        pairs="all", kernels=(Kernel(name="gaussian", h=WIDE * step),), blocks=max(blocks, 1),
        lags=Lags(first_s=-count * step, step_s=step, count=2 * count + 1),
    )  # fmt: skip


@final
class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A spectrum that was estimated, of series of variance 1.

    Attributes
    ----------
    omega : ndarray, shape (K,)
        Radians per unit of time.
    spectrum : ndarray, shape (K, D, D)
        Above its floor.
    floor : ndarray, shape (D,)
    times : ndarray, shape (K,)
        Independent periodograms behind each frequency.
    variance_times : float
        Independent observations behind each variance.
    """

    omega: Floats
    spectrum: NDArray[np.complex128]
    floor: Floats
    times: Floats
    variance_times: float

    def one(self, d: int) -> Self:
        """Only series ``d``."""
        here = slice(d, d + 1)
        return msgspec.structs.replace(self, spectrum=self.spectrum[:, here, here], floor=self.floor[here])

    def objective(self, shape: Shape) -> Objective:
        """Minus the logarithm of the likelihood, for models of a shape."""
        floor = np.diag(self.floor)

        def objective(v: Floats) -> tuple[float, Floats]:
            if (model := Forward.of(shape, v)) is None:
                return np.inf, np.zeros_like(v)
            total = model.process.spectrum(self.omega) + floor
            inverse = np.linalg.inv(total)
            seen = (self.spectrum + floor) @ inverse
            fit = np.linalg.slogdet(total)[1] + np.trace(seen, axis1=1, axis2=2).real
            by_b, by_q = model.from_spectrum(self.omega, self.times[:, None, None] * (inverse - inverse @ seen))
            variance = np.diagonal(model.stationary)[: shape.size] + model.nugget
            by_variance = self.variance_times * (1 / variance - 1 / variance**2)
            by_p = np.zeros_like(model.stationary)
            np.fill_diagonal(by_p[: shape.size, : shape.size], by_variance)
            more_b, more_q = model.from_stationary(by_p)
            by_q = by_q + more_q
            gradient = shape.join(by_b + more_b, (by_q + by_q.T) @ model.root, by_variance * model.nugget)
            return float(self.times @ fit + self.variance_times * np.sum(np.log(variance) + 1 / variance)), gradient

        return objective


def fit(sums: KernelSums, facts: Facts, *, blocks: int, psd: Psd) -> Fitted:
    """Fit models of rising order until Akaike's criterion rises.

    Parameters
    ----------
    sums : KernelSums
        As ``lags_wanted`` asks for, of series that each have a variance.
    facts : Facts
        Of these series.
    blocks : int
        Of time, for the jackknife; 0 for none.
    psd : {"project", "none"}
        Whether the estimated spectrum is made positive first.
    """
    unit_s = float(np.exp(np.mean(np.log(gaps_s(facts)))))
    seen = spectrum_of(sums, facts, unit_s, psd)
    one_by_one = [seen.one(d).objective for d in range(len(facts.ids))]
    shape, v, least, aic = choose(seen.objective, one_by_one, size=float(seen.times.sum()))
    without = np.empty((0, v.size))
    if blocks:
        one_less = (spectrum_of(sums, facts, unit_s, psd, leave_out=j) for j in range(blocks))
        gradients = np.array([part.objective(shape)(v)[1] for part in one_less])
        without = leave_out(seen.objective(shape), shape, v, gradients)
    return Fitted(shape=shape, v=v, log_likelihood=-least, aic=aic, without=without, unit_s=unit_s)


def spectrum_of(sums: KernelSums, facts: Facts, unit_s: float, psd: Psd, *, leave_out: int | None = None) -> Seen:
    """Estimate the spectrum from sums, of all blocks or all but one."""
    later = matrices(sums, facts, leave_out=leave_out) / np.sqrt(np.outer(facts.variance, facts.variance))
    tapered = later * _taper(len(later))[:, None, None]
    step, last = sums.lags.step_s / unit_s, len(later) - 1
    omega = np.asarray(np.pi / (last * step) * np.arange(last + 1), float)
    smooth = np.ones_like(omega) if on_clock(sums) else transform(sums.kernel, omega / unit_s).real
    clear = smooth > CLEAR
    s = step * positive.spectra(tapered)[clear] / smooth[clear, None, None]
    floor = _floor(sums, facts) / unit_s
    if psd == "project":
        s = positive.clipped(s + np.diag(floor)) - np.diag(floor)
    span = float(np.nanmax(facts.last_s) - np.nanmin(facts.first_s)) / unit_s
    times = np.full(int(clear.sum()), span / (2 * last * step))
    times[0] /= 2
    return Seen(omega=omega[clear], spectrum=s, floor=floor, times=times, variance_times=span / REACH)


def matrices(sums: KernelSums, facts: Facts, *, leave_out: int | None = None) -> Floats:
    """Covariances at lags 0, step ..., shape (L, D, D); lags that few pairs tell of are filled."""
    kept = np.arange(sums.ww.shape[1]) != leave_out
    above, below = (part[kept].sum(axis=0) for part in fraction(sums, facts))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(below > 0, above / below, np.nan)
    d, centre, pairs = len(facts.ids), sums.lags.count // 2, sums.ww[0].sum(axis=0)
    values = np.where(pairs > FEW * np.median(pairs, axis=1, keepdims=True), values, np.nan)
    out = np.empty((centre + 1, d, d))
    a, b = sums.pairs.T
    out[:, b, a] = values[:, centre::-1].T
    out[:, a, b] = values[:, centre:].T
    alone = np.isnan(out[0].diagonal())
    out[0, alone, alone] = facts.variance[alone]
    return positive.filled(out)


def on_clock(sums: KernelSums) -> bool:
    """Tell whether stamps are ticks so far apart that only some lags have pairs: nothing is smoothed at those."""
    own = sums.pairs[:, 0] == sums.pairs[:, 1]
    density = sums.ww[0].sum(axis=0)[own].sum(axis=0)[sums.lags.count // 2 + 1 :]
    return bool(np.abs(np.diff(density)).mean() > UNEVEN * density.mean())


def _floor(sums: KernelSums, facts: Facts) -> Floats:
    """What single samples add to the spectrum of a series of variance 1, in seconds, shape (D,)."""
    own = sums.pairs[:, 0] == sums.pairs[:, 1]
    density = sums.ww[0].sum(axis=0)[own].mean(axis=1)
    return np.asarray(facts.sum_w2 / np.maximum(density, 1e-300), float)


def _taper(count: int) -> Floats:
    """1 up to half of the lags, then a half cosine, shape (count,)."""
    u = np.arange(count) / max(count - 1, 1)
    return np.asarray(np.where(u < 0.5, 1.0, 0.5 * (1 + np.cos(np.pi * (2 * u - 1)))), float)
