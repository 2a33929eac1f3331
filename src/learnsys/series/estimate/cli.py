"""``learnsys series xcov | leadlag | psd | coherence | var | forecast``: statistics of samples in files."""

from typing import Any, Literal

from learnsys.core.result import Result
from learnsys.series.kept_states import STATE, ask_states
from learnsys.series.options import Keeping, Reading, answer, pairs, query, symmetric, words
from learnsys.series.types import KernelName

PLAIN, NOTHING = Reading(), Keeping()


def xcov(
    *files: str,
    max_lag: str = "60s",
    step: str | None = None,
    bandwidth: str = "auto",
    kernel: KernelName = "k4",
    weights: Literal["voronoi", "uniform"] = "voronoi",
    of: str = "all",
    ci: Literal["auto", "jackknife", "none"] = "auto",
    level: float = 0.95,
    reading: Reading = PLAIN,
    keeping: Keeping = NOTHING,
    kind: Literal["correlogram", "peaks"] = "correlogram",
) -> Result:
    """Estimate auto- and cross-covariances at lags, with intervals.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns; or states that were kept (.state), which have no intervals.
    max_lag
        Lags reach from minus this to this.
    step
        From one lag to the next; a fiftieth of the largest if not given.
    bandwidth
        Of the lag kernel, a duration; auto chooses it.
    kernel
        The lag kernel.
    weights
        Whether samples count by the time around them, or all alike.
    of
        Pairs of series: all, auto (each with itself), or names as A:B,A:C.
    ci
        How intervals are found.
    level
        Their coverage.
    kind
        What is drawn: correlation by lag, or heat maps of peaks and their lags.
    """
    options: dict[str, Any] = {"bandwidth": bandwidth, "kernel": kernel, "weights": weights, "level": level}
    options |= {"pairs": pairs(of), "ci": None if ci == "none" else ci, "lags": symmetric(max_lag, step)}
    if files and all(f.endswith(STATE) for f in files):
        return answer(lambda: ask_states(files, options), keeping, kind)
    return answer(lambda: query(files, reading).xcov(**options).collect(), keeping, kind)


def leadlag(
    *files: str,
    max_lag: str = "60s",
    step: str | None = None,
    increments: bool = False,
    test: Literal["shift", "flip"] = "shift",
    n: int = 200,
    fdr: float = 0.05,
    level: float = 0.95,
    of: str = "all",
    seed: int = 0,
    reading: Reading = PLAIN,
    keeping: Keeping = NOTHING,
    kind: Literal["network", "peaks", "profiles"] = "network",
) -> Result:
    """Find which series lead which, by how much, and how sure that is.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns.
    max_lag
        Lags reach from minus this to this.
    step
        From one lag to the next; half the typical gap between samples if not given.
    increments
        Series are levels that wander, as prices: their increments are compared.
    test
        How chance is judged: by lags far away, or by random signs of blocks of time.
    n
        Surrogates of the test.
    fdr
        False discovery rate over all pairs.
    level
        Coverage of the intervals of the lags.
    of
        Pairs of series: all, or names as A:B,A:C.
    seed
        Of the random signs.
    kind
        What is drawn: the network of significant pairs, heat maps of peaks and lags, or correlation by lag.
    """
    options: dict[str, Any] = {"max_lag": max_lag, "step": step, "test": test, "n": n, "fdr": fdr, "level": level}
    options |= {"pairs": pairs(of), "seed": seed, "of": "increments" if increments else "values"}
    return answer(lambda: query(files, reading).lead_lag(**options).collect(), keeping, kind)


def psd(
    *files: str,
    max_hz: float | None = None,
    resolution_hz: float | None = None,
    normalization: Literal["density", "standard"] = "density",
    level: float = 0.95,
    reading: Reading = PLAIN,
    keeping: Keeping = NOTHING,
    kind: Literal["frequency", "period"] = "frequency",
) -> Result:
    """Estimate the power spectrum of each series, with intervals and peaks.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns.
    max_hz
        Highest frequency; half the largest rate of samples if not given.
    resolution_hz
        Bandwidth of a density: wider is smoother.
    normalization
        A density per Hz, or Lomb and Scargle's share of the variance.
    level
        Coverage of the intervals.
    kind
        Whether power is drawn by frequency or by period.
    """
    options = {"max_hz": max_hz, "resolution_hz": resolution_hz, "normalization": normalization, "level": level}
    return answer(lambda: query(files, reading).psd(**options).collect(), keeping, kind)


def coherence(
    *files: str,
    step: str = "auto",
    max_lag: str = "auto",
    partial: bool = False,
    causes: Literal["none", "pairwise", "conditional"] = "none",
    weights: Literal["voronoi", "uniform"] = "voronoi",
    level: float = 0.95,
    reading: Reading = PLAIN,
    keeping: Keeping = NOTHING,
    kind: Literal["coherence", "partial", "causes"] = "coherence",
) -> Result:
    """Find at which frequencies series move together, with which phase, and who causes whom.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns.
    step
        Of the lags: frequencies go up to half its inverse; auto: the typical gap between samples.
    max_lag
        Frequencies are told apart from about its inverse on; auto: 32 steps.
    partial
        Find coherences given all other series too.
    causes
        Find Granger's causality of each two series alone, or given all others.
    weights
        Whether samples count by the time around them, or all alike.
    level
        Of thresholds and intervals.
    kind
        What is drawn.
    """
    options: dict[str, Any] = {"step": step, "max_lag": max_lag, "partial": partial, "causes": causes}
    options |= {"weights": weights, "level": level}
    return answer(lambda: query(files, reading).coherence(**options).collect(), keeping, kind)


def var(
    *files: str,
    dt: str,
    order: str = "auto",
    method: Literal["auto", "likelihood", "whittle"] = "auto",
    positive: Literal["project", "none"] = "project",
    ci: Literal["jackknife", "none"] = "jackknife",
    level: float = 0.95,
    seed: int = 0,
    reading: Reading = PLAIN,
    keeping: Keeping = NOTHING,
    kind: Literal["matrices", "impulse"] = "matrices",
) -> Result:
    """Fit a vector autoregression at any step.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns.
    dt
        The step, a duration; it need not be a gap between samples.
    order
        Steps back, or auto.
    method
        By the likelihood of samples, or from sums over pairs by Whittle's.
    positive
        Whether the estimated spectrum is made positive first (whittle).
    ci
        How intervals are found.
    level
        Their coverage.
    seed
        Of the choice of samples, where there are very many.
    kind
        What is drawn: the matrices, or responses to a shock.
    """
    options: dict[str, Any] = {"dt": dt, "method": method, "psd": positive, "level": level, "seed": seed}
    options |= {"order": int(order) if order.isdigit() else order, "ci": None if ci == "none" else ci}
    return answer(lambda: query(files, reading).var(**options).collect(), keeping, kind)


def forecast(
    *files: str,
    at: str,
    covariance: Literal["model", "estimated"] = "model",
    level: float = 0.95,
    seed: int = 0,
    reading: Reading = PLAIN,
    keeping: Keeping = NOTHING,
) -> Result:
    """Forecast series, or interpolate them, at any times, with intervals.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns.
    at
        Times as 2026-01-05T10:00,2026-01-05T11:00, or numbers where stamps are such.
    covariance
        Of a model in continuous time that is fitted, or as estimated at lags.
    level
        Coverage of the intervals.
    seed
        Of the choice of samples, where there are very many.
    """
    options = {"at": [_stamp(t) for t in words(at)], "covariance": covariance, "level": level, "seed": seed}
    return answer(lambda: query(files, reading).forecast(**options).collect(), keeping)


def _stamp(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
