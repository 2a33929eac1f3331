"""What a model answers: seconds on every machine, with intervals that were calibrated on other workloads."""

from typing import final

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@final
class Observed(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A new workload as seen on R references.

    Attributes
    ----------
    machines : ndarray of int, shape (R,)
        Indices into the benchmark's machines, each once.
    log_s : ndarray, shape (R,)
        Logarithm of the mean seconds on each.
    runs : ndarray of int, shape (R,)
        Runs behind each mean.
    counters : ndarray, shape (R, C)
        Mean counters in the order of the benchmark; NaN where not measured.
    """

    machines: Indices
    log_s: Floats
    runs: Indices
    counters: Floats


@final
class Forecast(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Seconds of one workload on V machines.

    Attributes
    ----------
    log_s : ndarray, shape (V,)
        Logarithm of the predicted mean seconds.
    scale : ndarray, shape (V,)
        Size of the error of ``log_s`` to be expected, in logarithms: what the conformal quantiles multiply.
    quantiles : dict of float to float
        For each level, the factor on ``scale`` that held that share of other workloads' errors.
    log_p90 : ndarray, shape (V,)
        Logarithm of the predicted 90th percentile of single runs.
    """

    log_s: Floats
    scale: Floats
    quantiles: dict[float, float]
    log_p90: Floats
