"""The model that answers: fitted to an offline benchmark for one set of references, then cheap for every new workload.

What it learns about its own errors, it learns by leaving out each group of workloads in turn, inside the benchmark.
"""

from functools import lru_cache
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.cells import log_cells
from learnsys.machines.models.conformal import Calibration, calibrate
from learnsys.machines.models.forecast import Forecast, Observed
from learnsys.machines.models.kriging import Kriging, krige
from learnsys.machines.models.tail import fit_tail

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

MEAN_OF_NORMAL: Final = float(np.sqrt(2 / np.pi))  # mean |error| of standard deviation 1: the unit of scales
SETTINGS: Final = tuple((h, s2) for h in (0.05, 0.2, 1.0) for s2 in (0.001, 0.004))


@final
class Model(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A model fitted for one set of references.

    Attributes
    ----------
    references : ndarray of int, shape (R,)
    kriging : Kriging
    residuals : ndarray, shape (W, V)
        True less predicted log mean seconds of each known workload, its group left out; NaN on references and where
        nothing was measured.
    variances : ndarray, shape (W, V)
        The variance that the model claimed for each.
    calibration : Calibration
        How large errors are to be expected, and how they are distributed.
    tail : ndarray, shape (V,)
        How far the logarithm of the 90th percentile of single runs lies above that of their mean.
    run_log_sd : float
        Noise of a single run; NaN where nothing was repeated.
    """

    references: Indices
    kriging: Kriging
    residuals: Floats
    variances: Floats
    calibration: Calibration
    tail: Floats
    run_log_sd: float

    def predict(self, observed: Observed) -> Forecast:
        """Predict seconds on every machine.

        Raises
        ------
        InputError
            If the workload was not observed on this model's references, in their order.
        """
        if not np.array_equal(observed.machines, self.references):
            raise InputError(f"this model was fitted for machines {self.references}, not {observed.machines}")
        mu, var = self.kriging.predict(observed.log_s, observed.runs)
        scale = self.calibration.scale(var)
        if np.isfinite(self.run_log_sd):  # where it ran, only the noise of its runs is left
            scale[self.references] = MEAN_OF_NORMAL * self.run_log_sd / np.sqrt(observed.runs)
        return Forecast(log_s=mu, scale=scale, ladder=self.calibration.ladder, log_p90=mu + self.tail)


def fit(benchmark: Benchmark, references: Indices) -> Model:
    """Fit a model for new workloads that will be run on some references.

    Fits are kept, under the benchmark's digest and the references.

    Parameters
    ----------
    benchmark : Benchmark
        Offline runs of known workloads.
    references : ndarray of int, shape (R,)
        Machines that a new workload is run on, each once.

    Raises
    ------
    InputError
        If there is no reference, one is named twice, or no workload ran on one of them.
    """
    R = np.asarray(references, np.intp)
    if R.size == 0 or np.unique(R).size != R.size:
        raise InputError(f"references must be at least one machine, each named once, not {list(R)}")
    for v in R:
        if not (benchmark.runs[:, v] > 0).any():
            raise InputError(f"{benchmark.keys[v]} has no offline data, so it cannot serve as a reference")
    return _fitted(_Key(benchmark), tuple(int(v) for v in R))


class _Key:
    """A benchmark, compared by its digest."""

    def __init__(self, benchmark: Benchmark) -> None:
        self.benchmark = benchmark

    def __hash__(self) -> int:
        return hash(self.benchmark.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.benchmark.digest == other.benchmark.digest


@lru_cache(maxsize=64)
def _fitted(key: _Key, references: tuple[int, ...]) -> Model:
    benchmark, R = key.benchmark, np.array(references, np.intp)
    x, groups = log_cells(benchmark), benchmark.groups
    kriging = krige(x, R, SETTINGS)
    residuals, variances = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    measured = np.isfinite(benchmark.seconds)
    for i in range(len(x)):
        usable = groups != groups[i]
        if usable.any() and measured[i, R].all():
            mu, variances[i] = kriging.predict(_one_run(benchmark, i, R), np.ones(R.size, np.intp), usable)
            residuals[i] = np.where(measured[i], x[i] - mu, np.nan)
    residuals[:, R] = np.nan
    return Model(
        references=R, kriging=kriging, residuals=residuals, variances=variances,
        calibration=calibrate(residuals, variances, groups), tail=fit_tail(benchmark), run_log_sd=benchmark.run_log_sd,
    )  # fmt: skip


def _one_run(benchmark: Benchmark, workload: int, machines: Indices) -> Floats:
    """Log seconds of the first run on each machine: as noisy as a new workload's will be."""
    return np.log([benchmark.elapsed_s[benchmark.of(workload, int(v))[0]] for v in machines])
