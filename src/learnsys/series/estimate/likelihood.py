"""Fit autoregressions in continuous time to the samples themselves, by Vecchia's likelihood.

Each sample is predicted from the last few of every series before it (``conditional``), with whatever distances in time
they have: nothing is aligned, smoothed or interpolated, so there is no bias to remove, and errors of measurement are a
parameter. Of very many samples some are drawn as targets; the others still are neighbours.
"""

from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate import conditional
from learnsys.series.estimate.conditional import CovarianceTable, Targets
from learnsys.series.estimate.continuous import Forward, Shape
from learnsys.series.estimate.fit import Objective, leave_out
from learnsys.series.estimate.order import Fitted, choose
from learnsys.series.estimate.parts import part_of_facts, part_of_samples
from learnsys.series.estimate.types import Facts
from learnsys.series.types import Floats, Samples

NEIGHBOURS: Final = 3  # of each series
MOST_TARGETS: Final = 12_000
CURVATURE_TARGETS: Final = 4_000  # of which the curvature of the likelihood is found
REACH: Final = 32.0  # mean gaps of the slowest series: neighbours further back tell nothing
FINE: Final = 8.0  # steps of the table of covariances in the mean gap of the fastest series
MOST_LAGS: Final = 2048


@final
class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of variance 1 in units of time of one mean gap, and what is to be predicted of them.

    Attributes
    ----------
    samples : Samples
    targets : Targets
    x : ndarray, shape (n,)
        Values at the targets.
    step : float
    count : int
        Of the table of covariances.
    share : float
        Samples for each target.
    """

    samples: Samples
    targets: Targets
    x: Floats
    step: float
    count: int
    share: float

    @classmethod
    def of(cls, samples: Samples, facts: Facts, unit_s: float, *, seed: int) -> Self:
        """Scale the samples and draw the targets."""
        who = samples.series
        x = (samples.x - facts.mean[who]) / np.sqrt(facts.variance[who])
        scaled = msgspec.structs.replace(samples, t=samples.t / unit_s, x=x)
        gaps = gaps_s(facts) / unit_s
        reach = REACH * float(gaps.max())
        step = max(float(gaps.min()) / FINE, reach / MOST_LAGS)
        chosen = np.arange(x.size)
        if x.size > MOST_TARGETS:
            chosen = np.sort(np.random.default_rng(seed).choice(x.size, MOST_TARGETS, replace=False))
        targets = conditional.before(scaled, scaled.t[chosen], who[chosen], most=NEIGHBOURS, reach=reach)
        return cls(
            samples=scaled, targets=targets, x=x[chosen], step=step, count=int(reach / step) + 2,
            share=x.size / chosen.size,
        )  # fmt: skip

    def thinned(self, most: int) -> Self:
        """Predict every so many-th target only."""
        fewer = np.arange(0, self.x.size, -(-self.x.size // most))
        return msgspec.structs.replace(
            self, targets=self.targets.take(fewer), x=self.x[fewer], share=self.share * self.x.size / fewer.size
        )  # fmt: skip

    def objective(self, shape: Shape, chosen: NDArray[np.bool_] | None = None) -> Objective:
        """Minus the logarithm of the likelihood, of all targets or some, for models of a shape."""
        targets, x = self.targets, self.x
        if chosen is not None:
            targets, x = targets.take(chosen), x[chosen]

        def objective(v: Floats) -> tuple[float, Floats]:
            if (model := Forward.of(shape, v)) is None:
                return np.inf, np.zeros_like(v)
            rows, e = model.table(self.step, self.count)
            values = np.ascontiguousarray(rows[:, :, : shape.size])
            table = CovarianceTable(step_s=self.step, values=values, nugget=model.nugget)
            total, by_table, by_nugget = conditional.log_likelihood(table, self.samples, targets, x)
            if not np.isfinite(total) or not np.isfinite(by_table).all():
                return np.inf, np.zeros_like(v)
            by_b, by_q = model.from_table(rows, e, self.step, by_table)
            gradient = shape.join(by_b, (by_q + by_q.T) @ model.root, by_nugget * model.nugget)
            return -self.share * total, -self.share * gradient

        return objective


def fit(samples: Samples, facts: Facts, *, blocks: int, seed: int) -> Fitted:
    """Fit models of rising order until Akaike's criterion rises.

    Parameters
    ----------
    samples : Samples
        Each series with some samples and a variance.
    facts : Facts
        Of these samples.
    blocks : int
        Of time, for the jackknife; 0 for none.
    seed : int
        Of the choice of targets.
    """
    unit_s = float(np.exp(np.mean(np.log(gaps_s(facts)))))
    problem = Problem.of(samples, facts, unit_s, seed=seed)
    one_by_one = [
        Problem.of(part_of_samples(samples, [d]), part_of_facts(facts, [d]), unit_s, seed=seed).objective
        for d in range(len(facts.ids))
    ]
    shape, v, least, aic = choose(problem.objective, one_by_one, size=float(samples.t.size))
    without = np.empty((0, v.size))
    if blocks:
        block = np.minimum((blocks * _part(problem.targets.t)).astype(int), blocks - 1)
        kept = [float(np.mean(block != j)) for j in range(blocks)]
        whole = problem.objective(shape)(v)[1]
        gradients = [(whole - problem.objective(shape, block == j)(v)[1]) / max(kept[j], 1e-9) for j in range(blocks)]
        without = leave_out(problem.thinned(CURVATURE_TARGETS).objective(shape), shape, v, np.array(gradients))
    return Fitted(shape=shape, v=v, log_likelihood=-least, aic=aic, without=without, unit_s=unit_s)


def gaps_s(facts: Facts) -> Floats:
    """Mean gap between the samples of each series, shape (D,)."""
    return np.asarray((facts.last_s - facts.first_s) / np.maximum(facts.n - 1, 1), float)


def _part(t: Floats) -> Floats:
    return np.asarray((t - t.min()) / max(float(np.ptp(t)), 1e-300), float)
