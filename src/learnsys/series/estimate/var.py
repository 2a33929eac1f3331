"""Vector autoregressions of irregular samples, at any step.

A model in continuous time is fitted, of the order that Akaike's criterion prefers: to the samples themselves where they
are not too many (``likelihood``), else to sums over their pairs, which merge and need no second look (``whittle``). Its
covariances at multiples of dt give the matrices of the VAR by the recursion of Levinson and Whittle. So dt is free: it
need not be near the distances of the samples.
"""

from typing import Final, Literal, final

import msgspec
import numpy as np
from scipy.stats import t as student

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate import likelihood, whittle
from learnsys.series.estimate.continuous import Forward
from learnsys.series.estimate.levinson import levinson
from learnsys.series.estimate.order import Fitted
from learnsys.series.estimate.parts import part_of_facts, part_of_samples, part_of_sums, usable
from learnsys.series.estimate.types import Facts
from learnsys.series.estimate.weights import Weights
from learnsys.series.estimate.whittle import Psd
from learnsys.series.results.var import VectorAutoregression
from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.types import Floats, KernelSums, Samples, SumsSpec, signed_duration

Method = Literal["auto", "likelihood", "whittle"]

METHODS: Final[tuple[Method, ...]] = ("auto", "likelihood", "whittle")
BLOCKS: Final = 12
MOST_SAMPLES: Final = 300_000  # that "auto" fits to themselves
MOST_SERIES: Final = 8
MOSTLY: Final = 0.9  # of a series' variance: a nugget above it leaves little to tell of


@final
class Var(msgspec.Struct, frozen=True, kw_only=True):
    """Which autoregression is wanted.

    Attributes
    ----------
    dt : str or float
        The step, a duration or seconds.
    order : "auto" or int
        Steps back; ``"auto"``: as many as the order of the model in continuous time.
    method : {"auto", "likelihood", "whittle"}
    psd : {"project", "none"}
        Whether ``"whittle"`` makes the estimated spectrum positive first.
    weights : {"voronoi", "uniform"}
        Of samples in sums over pairs.
    ci : {"jackknife"} or None
    level : float
        Nominal coverage of the intervals.
    seed : int
        Of the choice of samples, where there are very many.
    """

    dt: str | float
    order: str | int = "auto"
    method: Method = "auto"
    psd: Psd = "project"
    weights: Weights = "voronoi"
    ci: str | None = "jackknife"
    level: float = 0.95
    seed: int = 0

    @property
    def of_sums(self) -> bool:
        """Whether sums over pairs are what is needed, whatever the samples."""
        return self.method == "whittle"

    def needs(self, facts: Facts) -> SumsSpec | None:
        """Ask for the samples, or for sums over pairs of all series."""
        self._check()
        kept, _ = usable(facts)
        few = facts.n.sum() <= MOST_SAMPLES and len(kept) <= MOST_SERIES
        if self.method == "likelihood" or (self.method == "auto" and few):
            return None
        return whittle.lags_wanted(facts, blocks=BLOCKS if self.ci else 1)

    def finish(self, given: Samples | tuple[KernelSums, ...], facts: Facts) -> VectorAutoregression:
        """Fit, to the samples or to the sums, whichever are given."""
        kept, notes = usable(facts)
        facts = part_of_facts(facts, kept)
        blocks = BLOCKS if self.ci else 0
        if isinstance(given, Samples):
            method = "likelihood"
            fitted = likelihood.fit(part_of_samples(given, kept), facts, blocks=blocks, seed=self.seed)
        else:
            method = "whittle"
            fitted = whittle.fit(part_of_sums(given[0], kept), facts, blocks=blocks, psd=self.psd)
        return self._result(fitted, facts, method, notes)

    def _result(self, fitted: Fitted, facts: Facts, method: str, notes: tuple[str, ...]) -> VectorAutoregression:
        order = fitted.shape.order if self.order == "auto" else int(self.order)
        process = physical(fitted, fitted.v, facts)
        dt_s = signed_duration(self.dt)
        matrices, residual = levinson(process.covariance(dt_s * np.arange(order + 1)), order)
        nugget = fitted.shape.split(fitted.v)[2]
        notes += tuple(
            f"{name}: {100 * share:.0f} % of its variance is like errors of measurement; its entries say little"
            for name, share in zip(facts.ids, nugget, strict=True)
            if share > MOSTLY
        )
        low, high = self._intervals(fitted, facts, matrices, dt_s)
        return VectorAutoregression(
            ids=facts.ids, dt_s=dt_s, matrices=matrices, low=low, high=high, level=self.level if self.ci else None,
            residual=residual, nugget=nugget * facts.variance, mean=facts.mean,
            process=process, log_likelihood=fitted.log_likelihood, aic=fitted.aic, method=method, notes=notes,
        )  # fmt: skip

    def _intervals(self, fitted: Fitted, facts: Facts, matrices: Floats, dt_s: float) -> tuple[Floats, Floats]:
        blocks = len(fitted.without)
        if not blocks:
            nothing = np.full_like(matrices, np.nan)
            return nothing, nothing
        lags = dt_s * np.arange(len(matrices) + 1)
        others = np.array([
            levinson(physical(fitted, v, facts).covariance(lags), len(matrices))[0] for v in fitted.without
        ])  # fmt: skip
        spread = np.sqrt((blocks - 1) / blocks * np.sum((others - others.mean(axis=0)) ** 2, axis=0))
        reach = float(student.ppf(0.5 + self.level / 2, blocks - 1)) * spread
        return matrices - reach, matrices + reach

    def _check(self) -> None:
        if self.method not in METHODS:
            raise UnknownName.of("way to fit", self.method, METHODS)
        if signed_duration(self.dt) <= 0:
            raise InputError(f"the step is {self.dt!r}, but must be more than 0", value=self.dt, next="try 1s")
        if self.order != "auto" and (isinstance(self.order, str) or self.order < 1):
            raise InputError(
                f"the order is {self.order!r}, but must be auto or at least 1", value=self.order, next="try auto"
            )
        if self.psd not in ("project", "none"):
            raise UnknownName.of("way to make it positive", self.psd, ("project", "none"))


def physical(fitted: Fitted, v: Floats, facts: Facts) -> VectorProcess:
    """Give a model its units: seconds, and the series' own.

    Raises
    ------
    InputError
        If the model is not stable.
    """
    if (model := Forward.of(fitted.shape, v)) is None:
        raise InputError("the fitted process is not stable", next="remove the trend first, or take fewer series")
    scale = np.sqrt(facts.variance)
    return VectorProcess(
        drift=model.process.drift / fitted.unit_s, diffusion=model.process.diffusion / fitted.unit_s,
        seen=scale[:, None] * model.process.seen,
    )  # fmt: skip
