"""Machines that nobody ran the workload on: predicted from public scores of all machines.

Scores of one suite are near-duplicates, so each suite weighs as the root of its size. Principal components of the log
scores and the configuration place every server; an additive Gaussian process over these places carries log seconds from
the machines where they are known, or predicted, to all others. One process serves all workloads given together.
Intervals come from holding out each family of the known machines.
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.estimate import P90
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.additive import AdditiveGP, fit_additive
from learnsys.machines.models.cells import fill
from learnsys.machines.models.conformal import Ladder
from learnsys.machines.models.forecast import Forecast

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

COMPONENTS: Final = 4
COVERED: Final = 0.9  # of the servers a configuration must have been run on to count
EVIDENCE: Final = 0.25  # of an independent workload: they resemble each other
FEWEST_FAMILIES: Final = 3
VENDORS: Final = {"alibaba": "alicloud"}
TYPES: Final = {"alicloud": "ecs."}  # what Alibaba's own names begin with


@final
class Transfer(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Seconds of T workloads on any of M placed servers.

    Attributes
    ----------
    process : AdditiveGP
    places : ndarray, shape (M, D)
        Where each server lies.
    ladder : Ladder
        How wrong predictions for held-out families were, in the standard deviations that the process claimed.
    """

    process: AdditiveGP
    places: Floats
    ladder: Ladder

    def predict(self, servers: Indices) -> tuple[Forecast, ...]:
        """Predict every workload on some servers, one forecast a workload.

        Parameters
        ----------
        servers : ndarray of int, shape (V,)
            Rows of ``places``.
        """
        mean, sd = self.process.predict(self.places[servers])
        noise = self.process.scale * np.exp(self.process.theta[-1] / 2)
        return tuple(
            Forecast(log_s=m, scale=s, ladder=self.ladder, log_p90=m + P90 * n)
            for m, s, n in zip(mean, sd, noise, strict=True)
        )


def fit_transfer(
    scores: Benchmark, known: Indices, log_s: Floats, *, servers: Indices | None = None
) -> tuple[Transfer, Indices]:
    """Learn how log seconds follow from a server's scores and configuration.

    Parameters
    ----------
    scores : Benchmark
        Public scores of servers, as Spare Cores' are read.
    known : ndarray of int, shape (K,)
        Servers of ``scores`` on which the workloads' times are known.
    log_s : ndarray, shape (K,) or (T, K)
        Log seconds there; NaN where not known.
    servers : ndarray of int, optional
        All servers that will be asked for, the known ones too; all with a configuration if not given.

    Returns
    -------
    Transfer, ndarray of int
        The model, and the servers in the order of its places.

    Raises
    ------
    InputError
        If the known machines belong to fewer than three families: nothing can be held out.
    """
    log_s = np.atleast_2d(np.asarray(log_s, float))
    families = np.array([scores.catalog.machines[v].family or scores.keys[v] for v in known])
    if np.unique(families).size < FEWEST_FAMILIES:
        raise InputError(
            f"{np.unique(families).size} families of machines are too few to speak of another",
            value=np.unique(families).tolist(),
            next=f"measure machines of at least {FEWEST_FAMILIES} families",
        )
    servers = with_configuration(scores) if servers is None else np.asarray(servers, np.intp)
    servers = np.union1d(servers, known)
    places = place(scores, servers)
    x = places[np.searchsorted(servers, known)]
    z = np.full(log_s.shape, np.nan)
    for family in np.unique(families):
        out = families == family
        mean, sd = fit_additive(x[~out], log_s[:, ~out], evidence=EVIDENCE).predict(x[out])
        z[:, out] = (log_s[:, out] - mean) / sd
    errors = z[np.isfinite(z)]
    process = fit_additive(x, log_s, evidence=EVIDENCE)
    return Transfer(process=process, places=places, ladder=Ladder.of(errors, np.ones(errors.size))), servers


def place(scores: Benchmark, servers: Indices, *, components: int = COMPONENTS) -> Floats:
    """Place servers by configuration and principal components of their scores, shape (V, 2 + components).

    Scores need no run of anything else, so a machine that is new to a workload may be placed with the others.

    Raises
    ------
    InputError
        If too few configurations were run on most of these servers, or one has no configuration.
    """
    machines = [scores.catalog.machines[v] for v in servers]
    if bare := [m.key for m in machines if m.vcpus <= 0 or m.memory_bytes <= 0]:
        raise InputError(f"{bare[0]} has no known size", value=bare[0], next="leave it out")
    config = np.log([[m.vcpus, m.memory_bytes] for m in machines])
    with np.errstate(divide="ignore"):
        x = -np.log(scores.seconds[:, servers])
    common = np.isfinite(x).mean(axis=1) >= COVERED
    if common.sum() <= components:
        raise InputError(
            f"{int(common.sum())} configurations were run on most of these servers, too few to compare them",
            value=int(common.sum()),
            next="choose servers that were scored with the same suites",
        )
    x, suites = fill(x[common]), scores.groups[common]
    names, count = np.unique(suites, return_counts=True)
    weights = 1 / np.sqrt(count[np.searchsorted(names, suites)])
    centred = (x - x.mean(axis=1, keepdims=True)) * weights[:, None]
    values, vectors = np.linalg.eigh(centred @ centred.T)
    top = vectors[:, np.argsort(-values)[:components]]
    return np.column_stack([config, centred.T @ top])


def with_configuration(scores: Benchmark) -> Indices:
    """List the servers whose size is known."""
    return np.flatnonzero([m.vcpus > 0 and m.memory_bytes > 0 for m in scores.catalog.machines])


def scored(benchmark: Benchmark, scores: Benchmark) -> tuple[Indices, Indices]:
    """Match machines of a benchmark with scored servers: indices of both, of those that have one."""
    at = {key: i for i, key in enumerate(scores.keys)}
    pairs = [(v, at[name]) for v, key in enumerate(benchmark.keys) if (name := server_name(key)) in at]
    if not pairs:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    ours, theirs = zip(*pairs, strict=True)
    return np.array(ours, np.intp), np.array(theirs, np.intp)


def server_name(key: str) -> str:
    """Write a machine's key as Spare Cores does: ``alibaba/g6.large`` is ``alicloud/ecs.g6.large``.

    Examples
    --------
    >>> server_name("alibaba/g6.large"), server_name("aws/m5.large")
    ('alicloud/ecs.g6.large', 'aws/m5.large')
    """
    vendor, _, name = key.partition("/")
    vendor = VENDORS.get(vendor, vendor)
    prefix = TYPES.get(vendor, "")
    return f"{vendor}/{name if name.startswith(prefix) else prefix + name}"
