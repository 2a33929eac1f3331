"""Kriging: forecast and interpolate series from their own and each other's samples near in time.

Covariances are those of a fitted model in continuous time, or those estimated at lags, made positive semi-definite
and joined by lines. (A line between lags keeps them so: it multiplies the spectrum by a squared sinc.) What the
variance of the samples has beyond C(0) is that of errors of measurement. Each target is conditioned on the nearest
samples of every series, before and after it, so any number of samples and targets is a matter of time, not of memory.
"""

from datetime import UTC, datetime
from typing import Any, Final, Literal, final

import msgspec
import numpy as np
from scipy.special import ndtri

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate import conditional, likelihood, positive, whittle
from learnsys.series.estimate.conditional import CovarianceTable
from learnsys.series.estimate.continuous import Forward
from learnsys.series.estimate.order import Fitted
from learnsys.series.estimate.parts import part_of_facts, part_of_samples, usable
from learnsys.series.estimate.types import Facts
from learnsys.series.estimate.var import MOST_SAMPLES, MOST_SERIES
from learnsys.series.estimate.weights import weighted
from learnsys.series.results.forecast import Prediction
from learnsys.series.types import Floats, Samples, signed_duration

Covariances = Literal["model", "estimated"]

WAYS: Final[tuple[Covariances, ...]] = ("model", "estimated")
MOST_NEIGHBOURS: Final = 96  # of all series
MOST_OF_ONE: Final = 12  # of one series, before and after each
LEAST_NUGGET: Final = 1e-3  # of the variance: estimated covariances leave a little that nothing explains
REACH: Final = 64.0  # mean gaps of the slowest series, of a model's covariances at least, and
MEMORIES: Final = 10.0  # times 1 / the slowest rate of decay: half of it leaves 0.7 %
FINE: Final = 8.0  # lags in a mean gap of the fastest series
MOST_NUMBERS: Final = 2**21  # of a table
NEAR: Final = 24.0  # mean gaps of the slowest series, of estimated covariances; where they are then
ALIVE: Final = 0.1  # of the variance on the way to half of it, they go
FURTHER: Final = 4.0  # times as far,
FURTHEST: Final = 400.0  # up to so many gaps


@final
class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """Where series are wanted.

    Attributes
    ----------
    at : sequence of str or float
        Times, as ISO 8601 (UTC where no zone is named), ``"+10min"`` after the last sample of all, or seconds since the
        origin.
    covariance : {"estimated", "model"}
        Those estimated at lags, or those of a model in continuous time, which needs fewer samples.
    level : float
        Nominal coverage of the intervals.
    seed : int
        Of the choice of samples for the model, where there are very many.
    """

    at: tuple[str | float, ...]
    covariance: Covariances = "estimated"
    level: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        """Take any sequence: a statistic must be hashable."""
        at = (self.at,) if isinstance(self.at, str | int | float) else tuple(self.at)
        msgspec.structs.force_setattr(self, "at", at)

    def needs(self, facts: Facts) -> None:
        """Ask for the samples."""
        if self.covariance not in WAYS:
            raise UnknownName.of("kind of covariances", self.covariance, WAYS)
        if not 0 < self.level < 1:
            raise InputError(
                f"the level is {self.level}, but must be between 0 and 1", value=self.level, next="try .95"
            )
        usable(facts)
        for when in self.at:
            seconds(when, facts)

    def finish(self, given: Samples, facts: Facts) -> Prediction:
        """Estimate covariances, then predict each series at each time."""
        kept, notes = usable(facts)
        samples, facts = part_of_samples(given, kept), part_of_facts(facts, kept)
        if self.covariance == "model":
            table = of_model(modelled(samples, facts, seed=self.seed), facts)
        else:
            table = estimated(samples, facts)
        at = np.array([seconds(when, facts) for when in self.at], float)
        mean, variance = krige(samples, table, at, mean=facts.mean)
        reach = float(ndtri(0.5 + self.level / 2)) * np.sqrt(variance + table.nugget)
        return Prediction(
            ids=facts.ids, t0_ns=facts.t0_ns, at_s=at, mean=mean, standard_error=np.sqrt(variance), low=mean - reach,
            high=mean + reach, level=self.level, nugget=table.nugget, notes=notes,
        )  # fmt: skip


def krige(samples: Samples, table: CovarianceTable, at_s: Floats, *, mean: Floats) -> tuple[Floats, Floats]:
    """Predict every series at every time.

    Parameters
    ----------
    samples : Samples
        Of D series.
    table : CovarianceTable
    at_s : ndarray, shape (K,)
    mean : ndarray, shape (D,)
        Of the series, known.

    Returns
    -------
    tuple of ndarray, shape (K, D)
        Means and variances, without errors of measurement.
    """
    d, k = len(samples), len(at_s)
    centred = msgspec.structs.replace(samples, x=samples.x - mean[samples.series])
    most = max(2, min(MOST_OF_ONE, MOST_NEIGHBOURS // (2 * d)))
    targets = conditional.around(
        centred,
        np.repeat(at_s, d),
        np.tile(np.arange(d), k),
        most=most,
        reach=table.step_s * (len(table.values) - 2) / 2,
    )
    found, variance = conditional.predict(table, centred, targets)
    return found.reshape(k, d) + mean, variance.reshape(k, d)


def modelled(samples: Samples, facts: Facts, *, seed: int = 0) -> Fitted:
    """Fit a model in continuous time: to the samples, or to sums where there are very many."""
    if facts.n.sum() <= MOST_SAMPLES and len(facts.ids) <= MOST_SERIES:
        return likelihood.fit(samples, facts, blocks=0, seed=seed)
    sums, facts = _sums(samples)
    return whittle.fit(sums, facts, blocks=0, psd="project")


def of_model(fitted: Fitted, facts: Facts) -> CovarianceTable:
    """Tabulate the covariances of a model.

    Raises
    ------
    InputError
        If it is not stable.
    """
    if (model := Forward.of(fitted.shape, fitted.v)) is None:
        raise InputError("the fitted process is not stable", next="remove the trend first")
    gaps = likelihood.gaps_s(facts) / fitted.unit_s
    slowest = -float(np.linalg.eigvals(model.process.drift).real.max())
    reach = max(REACH * float(gaps.max()), MEMORIES / slowest)
    step = max(float(gaps.min()) / FINE, reach * model.process.drift.size / MOST_NUMBERS)
    rows, _ = model.table(step, int(reach / step) + 2)
    scale = np.sqrt(np.outer(facts.variance, facts.variance))
    return CovarianceTable(
        step_s=step * fitted.unit_s, values=np.ascontiguousarray(rows[:, :, : len(scale)] * scale),
        nugget=model.nugget * facts.variance,
    )  # fmt: skip


def estimated(samples: Samples, facts: Facts) -> CovarianceTable:
    """Estimate covariances at lags, as far as they last, and make them positive semi-definite."""
    reach, own = NEAR, np.arange(len(samples))
    while True:
        sums, weighted_facts = _sums(samples, reach)
        values = whittle.matrices(sums, weighted_facts)
        later = values[len(values) // 4 : len(values) // 2 + 1, own, own]
        if reach * FURTHER > FURTHEST or (later.mean(axis=0) <= ALIVE * facts.variance).all():
            break
        reach *= FURTHER
    most = (1 - LEAST_NUGGET) * facts.variance
    values[0, own, own] = np.clip(values[0, own, own], 0.05 * most, most)
    values = positive.project(values)
    return CovarianceTable(step_s=sums.lags.step_s, values=values, nugget=facts.variance - np.diagonal(values[0]))


def seconds(when: str | float, facts: Facts) -> float:
    """Read a time, in seconds since the origin.

    Raises
    ------
    InputError
        If it is none.
    """
    if not isinstance(when, str):
        return float(when)
    if when.strip().startswith("+"):
        return float(np.nanmax(facts.last_s)) + signed_duration(when.strip()[1:])
    try:
        moment = datetime.fromisoformat(when.strip())
    except ValueError as error:
        raise InputError(f"{when!r} is no time", value=when, next="write 2026-01-05T12:00 or +10min") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    ns = (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
    return (ns - facts.t0_ns) / 1e9


def _sums(samples: Samples, reach: float = NEAR) -> tuple[Any, Facts]:
    from learnsys.series.sums.compute import sums

    weighed = weighted(samples)
    facts = Facts.of(weighed)
    return sums(weighed.centred(), whittle.lags_wanted(facts, blocks=1, reach=reach))[0], facts
