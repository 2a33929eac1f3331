"""By how much one wandering series follows another: scan, test and refine, for one pair of series.

1. **Scan** the contrast of overlapping increments over the lags (``overlap``), and over lags far away, where one series
   is shifted in a circle along the other: their size there is what chance does, autocorrelation included.
2. **Test** the largest value within the window against the largest of windows far away (``surrogates``).
3. **Refine** the best few peaks by the likelihood of Brownian motion with noise (``motion``), which has one maximum
   between stamps and uses strong correlations fully; the interval is where it is within reach of its maximum.
4. The **correlation** at that lag is calibrated for the stamps (``calibrate``).
"""

from typing import Final, final

import msgspec
import numpy as np
from scipy.stats import chi2

from learnsys.series.estimate.calibrate import calibrated_correlation, efficient_correlation
from learnsys.series.estimate.motion import Motion, fit_motion, log_likelihood, whitened
from learnsys.series.estimate.overlap import contrast, wrapped
from learnsys.series.estimate.roughness import Roughness, fit_roughness, unforeseen
from learnsys.series.estimate.surrogates import shifted
from learnsys.series.types import Floats, Lags

PEAKS: Final = 3  # of the scan that are refined
FINE: Final = 16  # lags of the refinement in a step of the scan
SMOOTH: Final = 0.6  # exponents beyond which increments remember too much to be taken for white
SIDE: Final = 2  # steps that are refined on either side of a peak
STRONGEST: Final = 0.95  # a correlation of 1 has no likelihood
KINKS: Final = 1.25  # the likelihood bends at every stamp, so it strays further from the truth than chi^2 (simulated)


@final
class Wanderer(msgspec.Struct, frozen=True, kw_only=True):
    """A series of levels and what is known of it alone: stamps, levels, models, increments over their covariances."""

    t: Floats
    x: Floats
    motion: Motion
    roughness: Roughness
    q: Floats


@final
class Delay(msgspec.Struct, frozen=True, kw_only=True):
    """How a pair of series follows: lag with its interval, correlation there, p-value, and correlations at all lags."""

    lag_s: float
    low_s: float
    high_s: float
    correlation: float
    p_value: float
    profile: Floats


def wanderer(t: Floats, x: Floats) -> Wanderer:
    """Look at one series of at least three levels at increasing stamps, of which not all are equal."""
    motion, rough = fit_motion(t, x), fit_roughness(t, x)
    q = unforeseen(t, x, rough) / np.sqrt(np.diff(t)) if rough.hurst > SMOOTH else whitened(t, x, motion)
    return Wanderer(t=t, x=x, motion=motion, roughness=rough, q=q)


def delay(a: Wanderer, b: Wanderer, lags: Lags, *, n: int, level: float) -> Delay:
    """Estimate by how many seconds a leads b.

    Parameters
    ----------
    a, b : Wanderer
    lags : Lags
        Where to look.
    n : int
        Surrogates.
    level : float
        Of the interval.
    """
    tau = lags.values
    size, null = shifted(far_contrast(a, b, lags, n), lags.count, n)
    z = contrast((a.t, a.q), (b.t, b.q), tau)[0] / size
    roughness = (a.roughness, b.roughness)
    profile = calibrated_correlation((a.t, a.x), (b.t, b.x), tau, roughness)
    smooth = max(a.roughness.hurst, b.roughness.hurst) > SMOOTH  # the likelihood is then of use near a peak only
    peaks = _peaks(np.abs(z))[: 1 if smooth else PEAKS]
    lag, low, high = max(_refined(a, b, tau[k], lags.step_s, profile[k], level) for k in peaks)[1]
    there = efficient_correlation((a.t, a.x), (b.t, b.x), lag, roughness)
    return Delay(
        lag_s=lag, low_s=low, high_s=high, correlation=float(np.clip(there, -1, 1)), profile=profile,
        p_value=null.p_value(float(np.abs(z).max())),
    )  # fmt: skip


def far_contrast(a: Wanderer, b: Wanderer, lags: Lags, n: int) -> list[Floats]:
    """The contrast at lags far from the window, b in a circle: of n windows, or at all lags if these are fewer."""
    first, last = min(a.t[0], b.t[0]), max(a.t[-1], b.t[-1])
    period = (last - first) + max(np.mean(np.diff(a.t)), np.mean(np.diff(b.t)))
    low, high = 2 * lags.reach_s, period - 2 * lags.reach_s
    room = int((high - low) / lags.step_s)
    starts, length = np.array([low]), max(room, lags.count)
    if room > n * lags.count:
        starts, length = np.linspace(low, high - lags.step_s * lags.count, n), lags.count
    far = starts[:, None] + lags.step_s * np.arange(length)
    return list(contrast((a.t, a.q), wrapped((b.t, b.q), period), far.ravel())[0].reshape(far.shape))


def _peaks(size: Floats) -> list[int]:
    """Number the local maxima, the highest first."""
    around = np.concatenate([[-1.0], size, [-1.0]])
    tops = np.flatnonzero((around[1:-1] >= around[:-2]) & (around[1:-1] >= around[2:]))
    return [int(k) for k in tops[np.argsort(-size[tops])]]


def _refined(
    a: Wanderer, b: Wanderer, near: float, step: float, correlation: float, level: float
) -> tuple[float, tuple[float, float, float]]:
    """Maximise the likelihood near a lag: its logarithm there, and the lag with its interval."""
    from scipy.optimize import minimize_scalar

    motions, one, two = (a.motion, b.motion), (a.t, a.x), (b.t, b.x)
    rho = float(np.clip(np.nan_to_num(correlation), -STRONGEST, STRONGEST))
    rho = rho if abs(rho) > 0.05 else 0.05 if rho >= 0 else -0.05
    lags: Floats = np.asarray(near + step / FINE * np.arange(-SIDE * FINE, SIDE * FINE + 1), float)
    likely = log_likelihood(one, two, lags, rho, motions)
    top: Floats = lags[[int(likely.argmax())]]
    best = minimize_scalar(
        lambda r: -log_likelihood(one, two, top, float(r), motions)[0], bounds=(-STRONGEST, STRONGEST),
        method="bounded", options={"xatol": 1e-3},
    )  # fmt: skip
    likely = log_likelihood(one, two, lags, float(best.x), motions)
    k = int(likely.argmax())
    lag, least = _vertex(lags, likely, k), float(likely[k] - 0.5 * KINKS * chi2.ppf(level, 1))
    low, high = _first_above(lags, likely, least), _first_above(lags[::-1], likely[::-1], least)
    return float(likely[k]), (lag, min(low, lag), max(high, lag))


def _first_above(x: Floats, y: Floats, least: float) -> float:
    """Where a line through the points first comes up to ``least``."""
    k = int(np.argmax(y >= least))
    return float(x[k] if k == 0 else x[k] - (x[k] - x[k - 1]) * (y[k] - least) / (y[k] - y[k - 1]))


def _vertex(x: Floats, y: Floats, k: int) -> float:
    """The top of a parabola through the highest of equally spaced points and its neighbours."""
    if not 0 < k < x.size - 1:
        return float(x[k])
    bend = y[k - 1] - 2 * y[k] + y[k + 1]
    return float(x[k] + (0.5 * (x[1] - x[0]) * (y[k - 1] - y[k + 1]) / bend if bend < 0 else 0.0))
