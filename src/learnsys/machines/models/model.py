"""The model that answers: fitted to an offline benchmark for one set of references, then cheap for every new workload.

Members are Gaussian processes over workloads (`process`) and kriging over machines (`kriging`), stacked. Each answers
by a weighting of known workloads, and of what `kinship` says of the references, so the stack does too: one product,
log s = mean y_R + sum_i a_i b_i + sum_r c_r S_r - shift.
Where CPU seconds are known, b and y are what the work and span laws (`workspan`) leave of log seconds. What all that
misses on the references is spread to machines like them (`siblings`). The shift makes relative errors least, and grows
with the variance that kriging claims: o + min(c var, CAP).
What it learns about its own errors, it learns by leaving out each group of workloads in turn, inside the benchmark,
each workload seen through one run a reference; cells are settled and kinship is learned once, from all groups.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.machines.benchmark import WITHIN_90, Benchmark
from learnsys.machines.models.cells import balance, first_runs, settled_cells, trust
from learnsys.machines.models.conformal import Calibration, calibrate, difficulty, workload_log_rms
from learnsys.machines.models.forecast import Forecast, Observed
from learnsys.machines.models.kinship import kinship
from learnsys.machines.models.kriging import Kriging, krige
from learnsys.machines.models.novelty import Novelty, clusters_of, novelty
from learnsys.machines.models.process import Kernel, Process, condition, left_out
from learnsys.machines.models.siblings import likeness, off_by, spread, surprise
from learnsys.machines.models.stack import stack
from learnsys.machines.models.tail import fit_tail
from learnsys.machines.models.workspan import WorkSpan
from learnsys.machines.models.yardstick import Distances, Traits, Yardstick, yardstick

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

KERNELS: Final = (
    Kernel(shape=4.0, level=12.0, counters=1.0),
    Kernel(shape=4.0, level=12.0, counters=2.0),
    Kernel(shape=2.0, level=np.inf, counters=2.0),
)
SETTINGS: Final = ((0.6, 0.01), (0.3, 0.003), (1.2, 0.003), (0.1, 0.01))  # (h, s2) of kriging
COUNTERS_IN_KRIGING: Final = 0.5  # weight of their distance beside that of shapes
CAP: Final = 0.3
TOGETHER: Final = 50  # workloads whose variances are computed at once: a matrix of them on all machines is small enough
OFFSETS: Final = np.linspace(0.0, 0.15, 31)
SLOPES: Final = np.linspace(0.0, 1.0, 6)


@final
class Model(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A model fitted for one set of references.

    Attributes
    ----------
    references : ndarray of int, shape (R,)
    law : WorkSpan
        What a workload's own runs say of the others; its errors are what is learned.
    yardstick : Yardstick
    known : Traits
        Of the W known workloads.
    processes : tuple of Process
    kriging : Kriging
    novelty : Novelty
        What share of the second row of weights and offsets a new workload gets.
    weights : ndarray, shape (2, members)
        Of processes, then settings of kriging: for workloads with known relatives, and for strange ones.
    shifts : ndarray, shape (2, 2)
        o and c for each, so that relative errors are least: too long a prediction costs more than too short a one.
    residuals : ndarray, shape (W, V)
        True less predicted log mean seconds of each known workload, its group left out; NaN on references and where
        nothing was measured.
    variances : ndarray, shape (W, V)
        The variance that the model claimed for each.
    alike : ndarray, shape (R, V)
        Likeness of the references to all machines.
    off_by : ndarray, shape (V,)
        Root mean squared residual of each machine before surprises are spread.
    log_rms : ndarray, shape (W,)
        Log root mean squared residual of each known workload: new ones like it will be as hard.
    calibration : Calibration
        How large errors are to be expected, and how they are distributed.
    tail : ndarray, shape (V,)
        How far the logarithm of the 90th percentile of single runs lies above that of their mean.
    run_log_sd : float
        Noise of a single run.
    machine_log_sd : ndarray, shape (V,)
        The same on each machine.
    """

    references: Indices
    law: WorkSpan
    yardstick: Yardstick
    known: Traits
    processes: tuple[Process, ...]
    kriging: Kriging
    novelty: Novelty
    weights: Floats
    shifts: Floats
    residuals: Floats
    variances: Floats
    alike: Floats
    off_by: Floats
    log_rms: Floats
    calibration: Calibration
    tail: Floats
    run_log_sd: float
    machine_log_sd: Floats

    def predict(self, observed: Observed) -> Forecast:
        """Predict seconds on every machine.

        Raises
        ------
        InputError
            If the workload was not observed on this model's references, in their order.
        """
        if not np.array_equal(observed.machines, self.references):
            raise InputError(f"this model was fitted for machines {self.references}, not {observed.machines}")
        y, runs = observed.log_s, observed.runs
        d = self.yardstick.between(self.yardstick.traits(y[None], observed.counters[None]), self.known)
        near = _near(d)[0]
        law = self.law.log_s(y[None], observed.counters[None])[0]
        z = y - law[self.references]
        rows = _members([p.rows(d) for p in self.processes], self.kriging.rows(z[None], runs, near[None]))[:, 0]
        strange = self.novelty.share(near[None])[0]
        share = np.array([1 - strange, strange])
        variance = self.kriging.variance(runs, near[None])[0]
        mu = law + self.kriging.answer(share @ self.weights @ rows) + z @ self.kriging.share
        mu += surprise(y - mu[self.references]) @ self._gain(runs)
        mu -= _shift(share @ self.shifts, variance)
        signals = difficulty((y @ self.kriging.share)[None], near[None], self.log_rms)
        scale = self.calibration.scale(variance, signals[:, 0])
        self._measured(mu, scale, y, runs)
        return Forecast(log_s=mu, scale=scale, ladder=self.calibration.ladder, log_p90=mu + self.tail)

    def _gain(self, runs: Indices) -> Floats:
        return spread(self.alike, self.references, self.off_by, self.machine_log_sd[self.references] ** 2 / runs)

    def _measured(self, mu: Floats, scale: Floats, y: Floats, runs: Indices) -> None:
        """Where it ran, only the noise of its runs is left: draw the prediction towards what was measured."""
        R = self.references
        half = float(np.ptp(self.calibration.ladder.quantile([0.05, 0.95]))) / 2
        noise = WITHIN_90 * self.machine_log_sd[R] / (half * np.sqrt(runs))  # its middle 90 % is that of the runs
        believed = scale[R] ** 2 / (scale[R] ** 2 + noise**2)
        mu[R] += believed * (y - mu[R])
        scale[R] = np.minimum(scale[R], noise)


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
    x, truth, groups = settled_cells(benchmark), np.log(benchmark.seconds), benchmark.groups
    prior = balance(groups)
    told = trust(benchmark)[R]
    share = told / told.sum()
    unit = yardstick(x[:, R], benchmark.cell_counters[:, R], share)
    known = unit.traits(x[:, R], benchmark.cell_counters[:, R])
    among = unit.between(known, known)
    law = WorkSpan.of(benchmark, R)
    kriging = krige(
        x - law.log_s(x[:, R], benchmark.cell_counters[:, R]), R, SETTINGS, prior, share, kinship(benchmark)
    )

    first, counters = first_runs(benchmark)
    y = np.where(np.isfinite(first[:, R]), first[:, R], x[:, R])
    anew = unit.between(unit.traits(y, counters[:, R]), known)
    base = law.log_s(y, counters[:, R])
    z = y - base[:, R]
    base += (z @ share)[:, None]
    processes = tuple(condition(kernel, among, prior) for kernel in KERNELS)
    rest, single, near = groups[:, None] != groups, np.ones(R.size, np.intp), _near(anew)
    parts = np.array_split(np.arange(len(x)), -(-len(x) // TOGETHER))
    variances = np.concatenate([kriging.variance(single, near[i], rest[i]) for i in parts])
    clusters = clusters_of(_near(among), groups)
    asked = np.isfinite(truth[:, R].sum(axis=1)) & rest.any(axis=1)
    unknown = np.isin(np.arange(x.shape[1]), R) | ~asked[:, None]

    def errors(labels: NDArray[Any]) -> tuple[Floats, Floats]:
        """Errors of all members, (members, W, V), those of the same label left out, and their surprises on R."""
        apart = labels[:, None] != labels
        rows = _members([left_out(p, anew, labels) for p in processes], kriging.rows(z, single, near, apart))
        mu = kriging.answer(rows) + base
        e: Floats = truth - mu
        e[:, unknown | ~apart.any(axis=1)[:, None]] = np.nan
        return e, surprise(y - mu[:, :, R])

    fair = prior / prior.mean()
    raw = [errors(groups), errors(clusters)]
    alike, rms = likeness(benchmark.catalog.machines, R), off_by(raw[0][0].mean(axis=0), fair)
    gain = spread(alike, R, rms, benchmark.machine_log_sd[R] ** 2)
    left = [e - odd @ gain for e, odd in raw]
    weights = np.array([stack(e, fair) for e in left])
    shifts = np.array([_least(np.tensordot(w, e, 1), variances, fair) for w, e in zip(weights, left, strict=True)])
    new = novelty(near, groups, clusters)
    strange = new.share(np.where(rest, near, np.inf))
    mixed = np.column_stack([1 - strange, strange])
    constant, slope = (mixed @ shifts).T[:, :, None]
    residuals = np.einsum("wk,kwv->wv", mixed @ weights, left[0]) + _shift((constant, slope), variances)
    log_rms = workload_log_rms(residuals)
    signals = difficulty(y @ kriging.share, np.where(rest, near, np.inf), log_rms)
    return Model(
        references=R, law=law, yardstick=unit, known=known, processes=processes, kriging=kriging, novelty=new,
        weights=weights, shifts=shifts,
        residuals=residuals, variances=variances, alike=alike, off_by=rms, log_rms=log_rms,
        calibration=calibrate(residuals, variances, groups, signals),
        tail=fit_tail(benchmark), run_log_sd=benchmark.run_log_sd,
        machine_log_sd=benchmark.machine_log_sd,
    )  # fmt: skip


def _members(processes: Sequence[Floats], kriging: Floats) -> Floats:
    """Rows of all members, (members, n, W + R): processes have no weights for what is new on references."""
    n, wide = kriging.shape[1:]
    out = np.zeros((len(processes) + len(kriging), n, wide))
    for row, process in zip(out, processes, strict=False):
        row[:, : process.shape[1]] = process
    out[len(processes) :] = kriging
    return out


def _near(d: Distances) -> Floats:
    return d.shape + COUNTERS_IN_KRIGING * d.counters


def _shift(of: "Floats | tuple[Floats, Floats]", variances: Floats) -> Floats:
    """How much lower to predict: a constant, and a multiple of the variance up to a cap."""
    shift: Floats = of[0] + np.minimum(of[1] * variances, CAP)
    return shift


def _least(residuals: Floats, variances: Floats, weights: Floats) -> Floats:
    """Find the multiple of the variance, then the constant, that minimise the mean relative error."""
    known = np.isfinite(residuals)
    if not known.any():
        return np.zeros(2)
    fair = weights * known.any(axis=1) / np.maximum(known.sum(axis=1), 1)
    e, var, each = residuals[known], variances[known], np.broadcast_to(fair[:, None], known.shape)[known]

    def best(trials: Floats) -> Floats:
        found: Floats = trials[np.argmin([np.abs(np.exp(-(e + _shift(t, var))) - 1) @ each for t in trials])]
        return found

    slope = best(np.column_stack([np.zeros(SLOPES.size), SLOPES]))[1]
    return best(np.column_stack([OFFSETS, np.full(OFFSETS.size, slope)]))
