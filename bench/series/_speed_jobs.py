"""What is timed by ``speed.py``: each job prepares, runs and is judged, in a process of its own.

Preparation is what a user has at hand anyway: stamps, values and weights in float64, sorted, in what the contender
takes (a Series, a frame, ``Samples``). Conversions to float32, phases and packing are part of the run, except in the
job ``finufft, call alone``, which is given them for nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate.spectrum import Psd
from learnsys.series.estimate.types import CoefficientsSpec, Facts
from learnsys.series.sums import compute
from learnsys.series.sums.projection import project
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec

Floats = NDArray[np.float64]
MODES = 2**20  # from -2^19 to 2^19 - 1; real series need those from 0 on
TOL = 1e-3
LAGS = Lags(first_s=-40.0, step_s=1.0, count=81)
BANDWIDTH_S = 1.2  # with a sample a second it takes 2^20 modes at N = 1e6


@dataclass(frozen=True)
class Job:
    """``run(prepare(samples), **setting)``, and how wrong the answer is."""

    prepare: Callable[[Samples], Any]
    run: Callable[..., Any]
    error: Callable[[Samples, Any], float]


def load(n: int, seed: int) -> Samples:
    """Make two series that follow each other, at N stamps in N seconds, with gaps from even to heavy-tailed by seed."""
    rng = np.random.default_rng(seed)
    shape, delay = rng.uniform(0.4, 3), rng.uniform(-5, 5)
    hz, phase = rng.uniform(0.001, 0.1, 6), rng.uniform(0, 2 * np.pi, 6)
    series = {}
    for name, shift in (("a", 0.0), ("b", delay)):
        t = np.cumsum(rng.gamma(shape, size=n))
        t *= n / t[-1]
        signal = np.sin(2 * np.pi * np.outer(t - shift, hz) + phase).sum(axis=1)
        series[name] = (t, signal + rng.normal(size=n))
    return Samples.of(series).centred()


def few(samples: Samples) -> Samples:
    """The first samples, to warm up."""
    return Samples.of({name: tuple(v[:3000] for v in samples.one(d)[:2]) for d, name in enumerate(samples.ids)})


# ------------------------------------------------------------------------------------------------ coefficients
def period_s(samples: Samples) -> float:
    return 1.05 * float(np.ptp(samples.one(0)[0]))


def first_alone(samples: Samples) -> Samples:
    return Samples.of({"a": samples.one(0)[:2]})


def ours_coefficients(samples: Samples) -> tuple[Any, Any]:
    found = project(samples, CoefficientsSpec(period_s=period_s(samples), modes=MODES // 2), tol=TOL)
    return found.X[0], found.W[0]


def finufft_coefficients(samples: Samples, **setting: Any) -> Any:
    return finufft_call(packed(samples), **setting)


def packed(samples: Samples, real: str = "f4", complex_: str = "c8") -> tuple[Any, Any]:
    t, x, w = samples.one(0)
    return (2 * np.pi / period_s(samples) * (t - t[0]) - np.pi).astype(real), (w * x + 1j * w).astype(complex_)


def finufft_call(given: tuple[Any, Any], **setting: Any) -> Any:
    import finufft

    return finufft.nufft1d1(*given, MODES, isign=-1, nthreads=1, **setting)


def coefficients_error(samples: Samples, found: Any) -> float:
    """Error of values and ones in all modes but 0, relative to their root mean square."""
    exact = finufft_call(packed(samples, "f8", "c16"), eps=1e-13)
    if isinstance(found, tuple):  # ours, of stamps that do not start at half a period
        k = np.arange(MODES // 2)
        turn = np.exp(2j * np.pi * k * (samples.one(0)[0][0] / period_s(samples) + 0.5))
        pairs = zip((f * turn for f in found), _unpack(exact), strict=True)
    else:
        pairs = zip(_unpack(found), _unpack(exact), strict=True)
    return float(np.sqrt(np.mean([np.sum(np.abs(f - e)[1:] ** 2) / np.sum(np.abs(e[1:]) ** 2) for f, e in pairs])))


def _unpack(z: Any) -> tuple[Any, Any]:
    half = MODES // 2
    up, down = z[half:], np.conj(z[half:0:-1])
    return (up + down) / 2, (up - down) / 2j


# ------------------------------------------------------------------------------------------------ covariances at lags
def ours_covariances(samples: Samples, how: Any = "auto", tol: float = TOL) -> Any:
    kernel = Kernel(name="gaussian", h=BANDWIDTH_S)
    (found,) = compute.sums(samples, SumsSpec(pairs=((0, 1),), kernels=(kernel,), lags=LAGS), tol=tol, how=how)
    return found.xy[0, 0, 0] / found.ww[0, 0, 0]


def nufftcf(given: Any, way: str, **setting: Any) -> Any:
    import nufftcf as library

    return getattr(library, f"compute_ccf_gaussian_{way}")(LAGS.values, *given, bin_width=BANDWIDTH_S, **setting)[0]


def arrays(samples: Samples) -> Any:
    return (*samples.one(0)[:2], *samples.one(1)[:2])


def pandas_series(samples: Samples) -> Any:
    import pandas as pd

    return [pd.Series(x, index=pd.to_datetime((1e9 * t).astype("int64"))) for t, x, _ in map(samples.one, (0, 1))]


def pandas_resample(given: Any) -> Any:
    a, b = (s.resample("1s").mean().ffill() for s in given)
    return np.array([a.corr(b.shift(-lag)) for lag in LAGS.values.astype(int)])


def polars_frames(samples: Samples) -> Any:
    import polars as pl

    frames = [{"t": (1e9 * t).astype("int64"), "x": x} for t, x, _ in map(samples.one, (0, 1))]
    return [pl.DataFrame(f).with_columns(pl.col("t").cast(pl.Datetime("ns"))) for f in frames]


def polars_resample(given: Any) -> Any:
    import polars as pl

    a, b = (f.group_by_dynamic("t", every="1s").agg(pl.col("x").mean()).upsample("t", every="1s") for f in given)
    both = a.join(b, on="t", how="inner").select(pl.col("x", "x_right").forward_fill())
    shifts = [pl.corr("x", pl.col("x_right").shift(-int(lag))).alias(str(lag)) for lag in LAGS.values]
    return both.select(shifts).to_numpy()[0]


def covariances_error(samples: Samples, found: Any) -> float:
    """Largest error of a correlation, found by whatever normalisation, against the exact kernel sums."""
    exact = ours_covariances(samples, "spectral", 1e-9)
    scale = np.sqrt(np.prod(Facts.of(samples).variance))
    return float(np.nanmax(np.abs(np.asarray(found) - exact / scale)))


def own_error(samples: Samples, found: Any) -> float:
    scale = np.sqrt(np.prod(Facts.of(samples).variance))
    return covariances_error(samples, found / scale)


# ------------------------------------------------------------------------------------------------ Lomb-Scargle
def lomb_hz(samples: Samples) -> Floats:
    facts = Facts.of(samples)
    spec = Psd(normalization="standard").needs(facts)
    return np.arange(1, spec.modes // 2 + 1) / spec.period_s


def ours_lomb(samples: Samples, tol: float = 1e-6) -> Any:
    facts, statistic = Facts.of(samples), Psd(normalization="standard")
    return statistic.finish(project(samples, statistic.needs(facts), tol=tol), facts).power[0]


def with_hz(samples: Samples) -> Any:
    return (*samples.one(0)[:2], lomb_hz(first_alone(samples)))


def nifty_lomb(given: Any, **setting: Any) -> Any:
    import nifty_ls

    t, x, hz = given
    return nifty_ls.lombscargle(t, x, fmin=hz[0], fmax=hz[-1], Nf=hz.size, nthreads=1, **setting).power


def astropy_lomb(given: Any, **setting: Any) -> Any:
    from astropy.timeseries import LombScargle

    t, x, hz = given
    return LombScargle(t, x).power(hz, assume_regular_frequency=True, **setting)


def lomb_error(samples: Samples, found: Any) -> float:
    return float(np.abs(found - ours_lomb(first_alone(samples), 1e-12)).max())


JOBS = {
    "coefficients": Job(first_alone, ours_coefficients, coefficients_error),
    "finufft, call alone": Job(packed, finufft_call, coefficients_error),
    "finufft": Job(first_alone, finufft_coefficients, coefficients_error),
    "covariances": Job(lambda s: s, ours_covariances, own_error),
    "nufftcf": Job(arrays, nufftcf, covariances_error),
    "pandas resample": Job(pandas_series, pandas_resample, covariances_error),
    "polars resample": Job(polars_frames, polars_resample, covariances_error),
    "Lomb-Scargle": Job(first_alone, ours_lomb, lomb_error),
    "nifty-ls": Job(with_hz, nifty_lomb, lomb_error),
    "astropy": Job(with_hz, astropy_lomb, lomb_error),
}
