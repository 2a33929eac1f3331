"""The big run from two small ones: how time grows with the size of the data.

Ernest (Venkataraman et al., NSDI 2016) draws the line c0 + c1 s, c >= 0, through the runs at hand. Two small runs
differ by little more than noise, so its slope is nearly chance. Other workloads tell how far to believe it. Between
sizes b and c, D = log s_c / s_b, the line has the mean exponent e; the prediction is

    log t_c / t_b = D (k0 + k1 e + k2 D)

k by ridge regression over triples of sizes of known workloads, each weighing the same. Left-out groups give the size of
its error. Machines differ through e; what each adds beyond that measured as nothing.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.cells import first_runs
from learnsys.machines.models.forecast import Forecast, Observed
from learnsys.machines.models.observe import observe

Floats = NDArray[np.float64]

RIDGE: Final = 0.3  # in workloads
NEAREST: Final = 1.1  # sizes less than this factor apart tell nothing of growth
STEEPEST: Final = 1.5  # exponent; n log n and a full memory stay below it
ALONE_SD: Final = 0.5  # of the exponent, where no other workload has sizes


@final
class Triple(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One job at three sizes on M machines: what two runs said of the third, and what it was.

    Attributes
    ----------
    group : str
    terms : ndarray, shape (M, 3)
        1, e and D.
    exponent : ndarray, shape (M,)
        Of the true growth from the middle to the largest size.
    """

    group: str
    terms: Floats
    exponent: Floats

    @property
    def log_size(self) -> float:
        """D."""
        return float(self.terms[0, 2])


@final
class Growth(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How time grew with size in known workloads.

    Attributes
    ----------
    coefficients : ndarray, shape (3,)
        k0, k1, k2.
    exponent_sd : float
        Root mean square error of the exponent for workloads of a left-out group.
    """

    coefficients: Floats
    exponent_sd: float

    @classmethod
    def unknown(cls) -> Self:
        """Make Ernest's line, for want of workloads with sizes."""
        return cls(coefficients=np.array([0.0, 1.0, 0.0]), exponent_sd=ALONE_SD)

    def log_ratio(self, sizes: tuple[float, float], log_s: Floats, size: float) -> Floats:
        """Give log seconds at ``size`` less those at the larger of two measured sizes.

        Parameters
        ----------
        sizes : tuple of float
            The two measured sizes, ascending, in any unit.
        log_s : ndarray, shape (2, M)
            Log seconds at each on M machines.
        size : float
            Of the run to be predicted, in the same unit. Up to the larger of ``sizes`` the line is followed.
        """
        if size <= sizes[1]:
            inside: Floats = np.log(_line(sizes, log_s, size)) - log_s[1]
            return inside
        log_size = float(np.log(size / sizes[1]))
        exponent = _terms(sizes, log_s, size) @ self.coefficients
        ratio: Floats = log_size * np.clip(exponent, 0.0, STEEPEST)
        return ratio

    def log_sd(self, sizes: tuple[float, float], size: float) -> float:
        """Give the standard deviation of the error of ``log_ratio``; zero between measured sizes.

        Below the smaller one, where what is fixed shows, the exponent is no better known than above the larger.
        """
        return self.exponent_sd * float(max(np.log(size / sizes[1]), np.log(sizes[0] / size), 0.0))


def fit_growth(benchmark: Benchmark) -> Growth:
    """Learn growth from the workloads of each group that differ in size.

    A workload's group should hold nothing but one job at several sizes; workloads without a size do not count.
    """
    triples = _triples(benchmark)
    groups = {t.group for t in triples}
    if len(groups) < 2:
        return Growth.unknown()
    squares = []
    for g in sorted(groups):
        k = _fit([t for t in triples if t.group != g])
        for t in (t for t in triples if t.group == g):
            error = t.exponent - np.clip(t.terms @ k, 0.0, STEEPEST)
            squares.append((t.log_size**2, (t.log_size**2 * error**2).mean()))
    size, square = np.sum(squares, axis=0)
    return Growth(coefficients=_fit(triples), exponent_sd=float(np.sqrt(square / size)))


def observe_at_size(benchmark: Benchmark, fingerprint: Fingerprint, size: float) -> tuple[Observed, float]:
    """Read runs at two sizes or more as if they had been at another.

    Parameters
    ----------
    benchmark : Benchmark
    fingerprint : Fingerprint
        Its good runs tell their size; on each machine two sizes or more were run.
    size : float
        Of the data to predict for, > 0, in the unit of the runs.

    Returns
    -------
    observed : Observed
        With the log seconds to expect at ``size``, and the counters of the largest size.
    log_sd : float
        Standard deviation of their common error: give it to ``widened``.

    Raises
    ------
    InputError
        If ``size`` is not above zero, or a machine has good runs of fewer than two sizes.
    """
    if not size > 0:
        raise InputError("the size of the data is not above 0", value=size, next="give a size such as 10GB")
    by_size: dict[float, list[Run]] = {}
    for run in fingerprint.runs:
        if run.size is not None and run.outcome == "ok" and run.rejected is None:
            by_size.setdefault(run.size, []).append(run)
    if size in by_size:
        return observe(benchmark, msgspec.structs.replace(fingerprint, runs=tuple(by_size[size]))), 0.0
    largest = max(by_size, default=0.0)
    sizes = max((s for s in by_size if largest >= NEAREST * s), default=0.0), largest
    if not sizes[0] > 0:
        raise too_few_sizes(fingerprint.name, sorted(by_size))
    small, big = (observe(benchmark, msgspec.structs.replace(fingerprint, runs=tuple(by_size[s]))) for s in sizes)
    both = [v for v in big.machines if v in small.machines]
    if not both:
        raise too_few_sizes(fingerprint.name, sorted(by_size))
    i, j = (np.array([list(o.machines).index(v) for v in both], np.intp) for o in (small, big))
    growth = fit_growth(benchmark)
    log_s = np.stack([small.log_s[i], big.log_s[j]])
    observed = Observed(
        machines=np.array(both, np.intp),
        log_s=log_s[1] + growth.log_ratio(sizes, log_s, size),
        runs=big.runs[j],
        counters=big.counters[j],
    )
    return observed, growth.log_sd(sizes, size)


def too_few_sizes(name: str, sizes: list[float]) -> InputError:
    """Say which sizes there are, and how to measure another."""
    known = " and ".join(f"{s:g}" for s in sizes) or "no known size"
    return InputError(
        f"{name} has runs of {known}, where two sizes on one machine, at least {NEAREST:g} times apart, are needed",
        next=f"run it on other data: learnsys machines fingerprint --name {name} --size SIZE -- COMMAND",
    )


def widened(forecast: Forecast, log_sd: float) -> Forecast:
    """Add an error that all machines share, of standard deviation ``log_sd``, to a forecast."""
    mean_error = np.sqrt(2 / np.pi) * log_sd
    return msgspec.structs.replace(forecast, scale=np.hypot(forecast.scale, mean_error))


def _line(sizes: tuple[float, float], log_s: Floats, size: float) -> Floats:
    """Ernest's line through the larger of two points, shape (M,), no coefficient below zero."""
    small, big = np.exp(log_s)
    slope = np.maximum(big - small, 0.0) / (sizes[1] - sizes[0])
    slope = np.minimum(slope, big / sizes[1])
    seconds: Floats = big + slope * (size - sizes[1])
    return seconds


def _terms(sizes: tuple[float, float], log_s: Floats, size: float) -> Floats:
    """Stack 1, e and D, shape (M, 3)."""
    log_size = np.log(size / sizes[1])
    e = (np.log(_line(sizes, log_s, size)) - log_s[1]) / log_size
    return np.column_stack([np.ones_like(e), e, np.full_like(e, log_size)])


def _triples(benchmark: Benchmark) -> list[Triple]:
    """Find all ascending triples of sizes of one group, with the cells measured at each."""
    x, (first, _) = np.log(benchmark.seconds), first_runs(benchmark)
    out = []
    for g in np.unique(benchmark.groups):
        of = {int(w): benchmark.workloads[w].size or 0.0 for w in np.flatnonzero(benchmark.groups == g)}
        for a, b, c in combinations(sorted(of, key=of.__getitem__), 3):
            seen = np.flatnonzero(np.isfinite(first[a] + first[b] + x[c]))
            if seen.size and of[b] >= NEAREST * of[a] > 0 and of[c] >= NEAREST * of[b]:
                terms = _terms((of[a], of[b]), first[[a, b]][:, seen], of[c])
                exponent = (x[c, seen] - first[b, seen]) / terms[0, 2]
                out.append(Triple(group=str(g), terms=terms, exponent=exponent))
    return out


def _fit(triples: Sequence[Triple]) -> Floats:
    """Ridge on errors of log ratios: exponents times D."""
    share = [t.log_size / np.sqrt(t.exponent.size) for t in triples]
    Z = np.vstack([t.terms * f for t, f in zip(triples, share, strict=True)])
    target = np.concatenate([t.exponent * f for t, f in zip(triples, share, strict=True)])
    spread = np.sqrt((Z**2).sum(axis=0) / len(triples))
    Z /= spread
    k: Floats = np.linalg.solve(Z.T @ Z + RIDGE * np.eye(3), Z.T @ target) / spread
    return k
