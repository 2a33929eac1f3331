"""The peak of correlations over lags, and how far it moves when a block of time is left out."""

import numpy as np
from scipy.stats import t as student

from learnsys.series.estimate.types import Facts
from learnsys.series.types import Floats, KernelSums


def scaled(sums: KernelSums, facts: Facts) -> Floats:
    """Correlations at lags, shape (P, L): ratios of sums over the standard deviations of the samples; NaN if constant.

    Noise of single samples makes the standard deviations larger, so these correlations are those of samples.
    """
    variance = np.where(facts.variance > 0, facts.variance, np.nan)
    weight = sums.ww[0].sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(weight > 0, sums.xy[0].sum(axis=0) / weight, np.nan)
        return np.asarray(values / np.sqrt(variance[sums.pairs[:, 0]] * variance[sums.pairs[:, 1]])[:, None], float)


def peak_of(lags: Floats, values: Floats) -> tuple[float, float]:
    """Find the lag of the largest absolute value, by a parabola through it and its neighbours, and the value there.

    Examples
    --------
    >>> peak_of(np.arange(5.0), np.array([0.0, -1.0, -3.0, -2.0, 0.0]))
    (2.1666666666666665, -3.0416666666666665)
    """
    k = int(np.nanargmax(np.abs(values)))
    if not 0 < k < values.size - 1 or not np.isfinite(values[k - 1 : k + 2]).all():
        return float(lags[k]), float(values[k])
    before, top, after = values[k - 1 : k + 2]
    bend = before - 2 * top + after
    if bend == 0:
        return float(lags[k]), float(top)
    move = 0.5 * (before - after) / bend
    return float(lags[k] + move * (lags[1] - lags[0])), float(top - 0.25 * (before - after) * move)


def jackknifed_peak(sums: KernelSums, p: int, level: float) -> tuple[float, float]:
    """Interval of the lag of the peak of one pair, from its peaks without each block of time.

    A block without samples of the pair is not counted. The interval is never narrower than half a step of the lags.
    """
    xy, ww = (np.asarray(part[0][:, p], float) for part in (sums.xy, sums.ww))
    some = np.flatnonzero(ww.sum(axis=1) > 0)
    xy, ww, lags = xy[some], ww[some], sums.lags.values
    if some.size < 3:
        return float(lags[0]), float(lags[-1])
    whole, weight = xy.sum(axis=0), ww.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle, _ = peak_of(lags, np.where(weight > 0, whole / weight, np.nan))
        rest = [(whole - one) / np.where(weight - w > 0, weight - w, np.nan) for one, w in zip(xy, ww, strict=True)]
    moved = np.array([peak_of(lags, r)[0] for r in rest if np.isfinite(r).any()])
    spread = float(np.sqrt((moved.size - 1) * np.mean((moved - moved.mean()) ** 2)))
    half = max(float(student.ppf(0.5 + level / 2, moved.size - 1)) * spread, 0.25 * sums.lags.step_s)
    return middle - half, middle + half
