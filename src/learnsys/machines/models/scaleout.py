"""Clusters of n machines: seconds of a job as a function of nodes, machine, input size and the job's own parameters.

All sizes enter as logarithms, so that the work n / p of Ernest (Venkataraman et al., NSDI 2016) and any power law are
linear trends, and an additive Gaussian process bends them: few runs, several features (Will et al., C3O, 2021).
Intervals come from the errors of runs that were left out.
"""

from collections.abc import Sequence
from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, TooFewPoints
from learnsys.core.estimate import P90
from learnsys.core.machine import Machine
from learnsys.machines.models.additive import AdditiveGP, fit_additive
from learnsys.machines.models.conformal import Ladder
from learnsys.machines.models.forecast import Forecast

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

FEWEST: Final = 6
MOST: Final = 120  # a fit takes the cube of the runs: of more, as many are drawn
FOLDS: Final = 10
PRIOR_RUNS: Final = 20  # what Student's t is worth beside the errors of the runs themselves


@final
class Clusters(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """N clusters, each with what a job gets to do there.

    Attributes
    ----------
    machines : tuple of str
        Keys of their machine types.
    nodes : ndarray, shape (N,)
        Machines in each.
    cores, memory_bytes : ndarray, shape (N,)
        Of one machine.
    size_bytes : ndarray, shape (N,)
        Of the input.
    parameters : ndarray, shape (N, P)
        Of the job.
    parameter_names : tuple of str
    """

    machines: tuple[str, ...]
    nodes: Floats
    cores: Floats
    memory_bytes: Floats
    size_bytes: Floats
    parameters: Floats
    parameter_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("nodes", "cores", "memory_bytes", "size_bytes"):
            values = getattr(self, name)
            if not np.all(values > 0):
                raise InputError.below(name, float(np.min(values)), 1)

    def __len__(self) -> int:
        return len(self.machines)

    def only(self, rows: Sequence[int] | Indices) -> Self:
        """Keep some of them."""
        at = np.asarray(rows, np.intp)
        return msgspec.structs.replace(
            self, machines=tuple(self.machines[i] for i in at), nodes=self.nodes[at], cores=self.cores[at],
            memory_bytes=self.memory_bytes[at], size_bytes=self.size_bytes[at], parameters=self.parameters[at],
        )  # fmt: skip


@final
class ScaleOut(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A fitted model of one job's seconds on any cluster."""

    process: AdditiveGP
    ladder: Ladder
    parameter_names: tuple[str, ...]
    logarithmic: tuple[bool, ...]

    @property
    def runs(self) -> int:
        """How many runs it has learned from."""
        return len(self.process.z)

    def predict(self, clusters: Clusters) -> Forecast:
        """Predict the job's seconds on each cluster.

        Raises
        ------
        InputError
            If the clusters have other parameters than those that were measured.
        """
        if clusters.parameter_names != self.parameter_names:
            raise InputError(
                f"the job was measured with parameters {', '.join(self.parameter_names) or '(none)'}, "
                f"not {', '.join(clusters.parameter_names) or '(none)'}",
                value=list(clusters.parameter_names),
                next="give each of them a value",
            )
        mean, sd = self.process.predict(_features(clusters, self.logarithmic))
        noise = float(self.process.scale[0]) * np.exp(self.process.theta[-1] / 2)
        return Forecast(log_s=mean[0], scale=sd[0], ladder=self.ladder, log_p90=mean[0] + P90 * noise)


def fit_scaleout(clusters: Clusters, seconds: Floats) -> ScaleOut:
    """Fit a job's runs on clusters.

    Parameters
    ----------
    clusters : Clusters
        Where each run took place.
    seconds : ndarray, shape (N,)
        How long it took, > 0. Of more than ``MOST`` runs, as many are drawn, the same each time.

    Raises
    ------
    TooFewPoints
        If there are fewer than six runs.
    InputError
        If a time is not above zero.
    """
    if len(clusters) < FEWEST:
        raise TooFewPoints(
            f"{len(clusters)} runs on clusters are too few", value=len(clusters), next=f"measure at least {FEWEST}"
        )
    if not np.all(seconds > 0):
        row = int((~(seconds > 0)).argmax())
        raise InputError(f"run {row} took {seconds[row]:g} s; times must be above zero", value=float(seconds[row]))
    logarithmic = tuple(bool((column > 0).all()) for column in clusters.parameters.T)
    drawn = np.sort(np.random.default_rng(0).permutation(len(clusters))[:MOST])
    x, y = _features(clusters.only(drawn), logarithmic), np.log(seconds[drawn])
    return ScaleOut(
        process=fit_additive(x, y, robust=True), ladder=_ladder(_errors(x, y)),
        parameter_names=clusters.parameter_names, logarithmic=logarithmic,
    )  # fmt: skip


def grid(
    machines: Sequence[Machine], nodes: Sequence[int], *, size_bytes: float, parameters: dict[str, float] | None = None
) -> Clusters:
    """List every machine type with every number of nodes, for one input of a job."""
    pairs = [(m, n) for m in machines for n in nodes]
    given = parameters or {}
    return Clusters(
        machines=tuple(m.key for m, _ in pairs),
        nodes=np.array([n for _, n in pairs], float),
        cores=np.array([m.vcpus for m, _ in pairs], float),
        memory_bytes=np.array([m.memory_bytes for m, _ in pairs], float),
        size_bytes=np.full(len(pairs), float(size_bytes)),
        parameters=np.tile(np.array(list(given.values()), float), (len(pairs), 1)),
        parameter_names=tuple(given),
    )


def _features(clusters: Clusters, logarithmic: tuple[bool, ...]) -> Floats:
    """Logarithms of sizes; the work of a core is their difference, named so that a bend in it is one feature."""
    work = clusters.size_bytes / (clusters.nodes * clusters.cores)
    columns = [clusters.nodes, clusters.cores, clusters.memory_bytes, clusters.size_bytes, work]
    own = [np.log(c) if log else c for c, log in zip(clusters.parameters.T, logarithmic, strict=True)]
    return np.column_stack([*np.log(columns), *own])


def _errors(x: Floats, y: Floats) -> Floats:
    """Standardised errors of each run, predicted by a fit to the others outside its fold, shape (N,)."""
    folds = min(FOLDS, len(y) // 2)
    of = np.argsort(np.argsort(y, kind="stable")) % folds  # each fold spans short and long runs
    z = np.empty(len(y))
    for k in range(folds):
        mean, sd = fit_additive(x[of != k], y[of != k], robust=True).predict(x[of == k])
        z[of == k] = (y[of == k] - mean[0]) / sd[0]
    return z


def _ladder(z: Floats) -> Ladder:
    """Distribution of errors: of the runs left out, and of Student's t of their size, for they are few."""
    from scipy.stats import t

    size = np.median(np.abs(z)) / t.ppf(0.75, 3)
    prior = size * t.ppf((np.arange(200) + 0.5) / 200, 3)
    weights = np.concatenate([np.ones(z.size), np.full(200, PRIOR_RUNS / 200)])
    return Ladder.of(np.concatenate([z, prior]), weights)
