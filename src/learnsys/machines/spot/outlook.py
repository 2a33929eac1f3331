"""What spot planning answers: pools as they were recorded, what their past says of a job, and what to do."""

from typing import TYPE_CHECKING, final

import msgspec
import numpy as np

from learnsys.core.estimate import Estimate
from learnsys.core.result import AbstractResult
from learnsys.core.table import Cell, Column, Table
from learnsys.machines.spot.types import Pool, SpotJob, clock

if TYPE_CHECKING:
    import altair as alt


@final
class SpotHistory(AbstractResult, frozen=True, kw_only=True):
    """Pools as they were recorded."""

    pools: tuple[Pool, ...]

    def table(self) -> Table:
        """Show when each pool was watched and how much capacity it had, a row each."""
        return Table(
            columns=(
                Column(name="pool"), Column(name="kind"), Column(name="from"),
                Column(name="observed", unit="s", kind="duration"), Column(name="unknown", kind="percent"),
                Column(name="available", kind="percent"), Column(name="changes", kind="integer"),
                Column(name="mean price", unit="USD/h", kind="money"),
            ),
            rows=tuple(_described(pool) for pool in self.pools),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw when each pool had capacity."""
        from learnsys.machines.spot.charts import availability_chart

        return availability_chart(self.pools)


def _described(pool: Pool) -> tuple[Cell, ...]:
    lasted = np.diff(np.append(pool.times_s, pool.end_s))
    known = ~np.isnan(pool.available)
    span, seen = float(lasted.sum()), float(lasted[known].sum())
    up = float(lasted[pool.available >= pool.nodes].sum())
    priced = ~np.isnan(pool.price_usd_hour)
    mean = float(np.average(pool.price_usd_hour[priced], weights=lasted[priced])) if priced.any() else None
    return (
        pool.name,
        pool.kind,
        clock(pool.start_s),
        span,
        1 - seen / span,
        up / seen if seen else None,
        len(lasted),
        mean,
    )


@final
class PoolForecast(msgspec.Struct, frozen=True, kw_only=True):
    """What a pool's past says of a job that starts there now.

    Attributes
    ----------
    pool : str
        Name of the pool.
    available : float
        Fraction of the observed time with capacity.
    p_preempted, p_low, p_high : float
        Probability that capacity taken now is lost within ``horizon_s`` (Kaplan-Meier) and its 90 % interval.
    lifetime_s : float, optional
        Mean time between preemptions: time with capacity over the number of its ends; None if no end was seen.
    period_s : float, optional
        Work between two checkpoints with the shortest expected finish; none where saving is free.
    time_s, cost_usd : Estimate, optional
        Until done on this pool alone, waiting included, and its cost; None where no window of its past had an end.
    p_deadline : float
        Fraction of windows of its past in which spot alone met the deadline.
    max_bid_usd_hour : float
        The price above which on-demand capacity is as cheap for this job.
    best_bid_usd_hour : float, optional
        The bid with the lowest expected cost under the deadline; None without a price history.
    """

    pool: str
    available: float
    p_preempted: float
    p_low: float
    p_high: float
    lifetime_s: float | None
    period_s: float | None
    time_s: Estimate | None
    cost_usd: Estimate | None
    p_deadline: float
    max_bid_usd_hour: float
    best_bid_usd_hour: float | None


@final
class PolicyForecast(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would have cost and taken on windows of the past; all figures are simulated."""

    policy: str
    cost_usd: Estimate
    finish_s: Estimate
    missed: int
    windows: int


@final
class SpotAdvice(AbstractResult, frozen=True, kw_only=True):
    """Pools, policies and which to choose for a job."""

    job: SpotJob
    horizon_s: float
    pools: tuple[PoolForecast, ...]
    policies: tuple[PolicyForecast, ...]
    recommended: str
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """Show the pools, a row each, the policies as notes."""
        policies = (
            f"{p.policy}: ${p.cost_usd.mean:.2f} [{p.cost_usd.low:.2f}, {p.cost_usd.high:.2f}], done after "
            f"{p.finish_s.mean / 3600:.3g} h, {p.missed} of {p.windows} late"
            for p in self.policies
        )
        return Table(
            columns=(
                Column(name="pool"), Column(name="available", kind="percent"),
                Column(name=f"P(preempted in {self.horizon_s / 3600:.3g} h)", kind="percent"),
                Column(name="low", kind="percent"), Column(name="high", kind="percent"),
                Column(name="lifetime", unit="s", kind="duration"),
                Column(name="checkpoint every", unit="s", kind="duration"),
                Column(name="spot alone: done after", unit="s", kind="duration"),
                Column(name="cost", unit="USD", kind="money"), Column(name="in time", kind="percent"),
                Column(name="max bid", unit="USD/h", kind="money"), Column(name="best bid", unit="USD/h", kind="money"),
            ),
            rows=tuple(
                (p.pool, p.available, p.p_preempted, p.p_low, p.p_high, p.lifetime_s, p.period_s,
                 p.time_s.mean if p.time_s else None, p.cost_usd.mean if p.cost_usd else None, p.p_deadline,
                 p.max_bid_usd_hour, p.best_bid_usd_hour)
                for p in self.pools
            ),
            notes=(f"use {self.recommended}", *policies, *self.notes),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw what each policy costs, with its interval."""
        from learnsys.machines.spot.charts import advice_chart

        return advice_chart(self)
