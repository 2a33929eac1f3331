"""What spot planning works on: a pool's history, a job, runs of policies on it (what it answers: ``outlook``).

Times of a pool are seconds since 1970 UTC (or since any common origin); durations are seconds, prices dollars an hour
of all instances that the job needs together.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt

Floats = NDArray[np.float64]
Kind = Literal["availability", "preemption", "price"]
Doing = Literal["wait", "start", "work", "checkpoint"]

IDLE: Final = -1
ON_DEMAND: Final = -2
ON_DEMAND_NAME: Final = "on-demand"
POSITIVE: Final = {
    "work_s": "work",
    "deadline_s": "deadline",
    "on_demand_usd_hour": "on-demand-price",
    "spot_usd_hour": "spot-price",
    "period_s": "period",
}  # fields of a job that are above 0, as they are called on the command line


def clock(seconds: float) -> str:
    """Write a moment of a pool, as 2023-02-15T06:00, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M")


@final
class Pool(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Spot capacity of one instance type in one zone as it was seen: constant between changes.

    Attributes
    ----------
    zone, instance, cloud : str
        Where and what.
    nodes : int
        Instances that a job of this pool asks for together.
    kind : str
        ``availability`` (probed), ``preemption`` (of instances that ran) or ``price``.
    times_s : ndarray, shape (n,)
        Moments of change, increasing.
    available : ndarray, shape (n,)
        Instances from ``times_s[i]`` until the next change; NaN where nobody looked.
    price_usd_hour : ndarray, shape (n,)
        Spot price of all ``nodes`` likewise; NaN where unknown.
    end_s : float
        End of the observed span: after it nothing is known.
    probe_s : float
        Seconds between two looks, 0 if changes were recorded as they happened.
    """

    zone: str
    instance: str
    cloud: str = ""
    nodes: int = 1
    kind: Kind = "availability"
    times_s: Floats
    available: Floats
    price_usd_hour: Floats
    end_s: float
    probe_s: float = 0.0

    def __post_init__(self) -> None:
        n = len(self.times_s)
        if n == 0 or len(self.available) != n or len(self.price_usd_hour) != n:
            raise InputError(
                f"pool {self.name} has no change, or uneven columns", value=n, next="give at least one row"
            )
        if not (
            np.isfinite(self.times_s).all() and (np.diff(self.times_s) > 0).all() and self.end_s > self.times_s[-1]
        ):
            raise InputError(
                f"times of pool {self.name} are not increasing up to the end of its span",
                value=self.end_s,
                next="sort the rows by time and drop repeated ones",
            )
        if self.nodes < 1:
            raise InputError.below("nodes", self.nodes, 1)

    @property
    def name(self) -> str:
        """``zone/instance``, with the number of nodes where there are several."""
        return f"{self.zone}/{self.instance}" + (f" x{self.nodes}" if self.nodes > 1 else "")

    @property
    def start_s(self) -> float:
        """Beginning of the observed span."""
        return float(self.times_s[0])


@final
class SpotJob(msgspec.Struct, frozen=True, kw_only=True):
    """Work that must end by a deadline and may be moved.

    Attributes
    ----------
    work_s : float
        Seconds of computing, overheads apart.
    deadline_s : float
        Seconds from the start by which it must be done.
    on_demand_usd_hour : float
        Price of capacity that is never taken away.
    spot_usd_hour : float, optional
        Price of spot capacity where a pool has no prices of its own.
    restart_s : float
        Paid seconds without progress after each start of capacity: boot, load the last checkpoint.
    checkpoint_s : float
        Paid seconds without progress to save progress; 0 means that progress is saved as it is made.
    period_s : float, optional
        Work between two checkpoints on spot; the best for the pools' past if not given.
    migration_s : float
        More paid seconds of a start in another zone than the last one.
    bid_usd_hour : float, optional
        Highest price to pay in pools with prices; the on-demand price if not given.
    """

    work_s: float
    deadline_s: float
    on_demand_usd_hour: float
    spot_usd_hour: float | None = None
    restart_s: float = 300.0
    checkpoint_s: float = 0.0
    period_s: float | None = None
    migration_s: float = 0.0
    bid_usd_hour: float | None = None

    def __post_init__(self) -> None:
        for name, said in POSITIVE.items():
            value = getattr(self, name)
            if value is not None and not 0 < value < np.inf:
                raise InputError(f"{said} is {value:g}, but must be above 0", value=value, next=f"give {said} > 0")
        for name in ("restart_s", "checkpoint_s", "migration_s"):
            if not 0 <= (value := getattr(self, name)) < np.inf:
                raise InputError.below(name.removesuffix("_s"), value, 0)
        if self.deadline_s < (need := self.work_s + self.restart_s):
            raise InputError(
                f"no policy meets a deadline of {self.deadline_s / 3600:.3g} h: on demand, work and a start take "
                f"{need / 3600:.3g} h",
                value=self.deadline_s,
                next=f"give at least {need / 3600:.4g}h",
            )

    @property
    def bid(self) -> float:
        """The highest price to pay."""
        return self.on_demand_usd_hour if self.bid_usd_hour is None else self.bid_usd_hour

    @property
    def on_demand_cost_usd(self) -> float:
        """Dollars of doing it all on demand."""
        return (self.work_s + self.restart_s) / 3600 * self.on_demand_usd_hour


@final
class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a run in which nothing changed; times since the job's start, ``left_s`` work left at its end."""

    start_s: float
    end_s: float
    place: str
    doing: Doing
    left_s: float
    usd: float


@final
class SpotRun(AbstractResult, frozen=True, kw_only=True):
    """One job under one policy on a recorded history: simulated.

    ``restart_s``, ``checkpoint_s`` and ``lost_s`` are seconds of starts, of saving, and of work done twice.
    """

    policy: str
    job: SpotJob
    start_s: float
    finish_s: float
    cost_usd: float
    on_demand_s: float
    spot_s: float
    idle_s: float
    restart_s: float
    checkpoint_s: float
    lost_s: float
    preemptions: int
    moves: int
    segments: tuple[Segment, ...]

    @property
    def met(self) -> bool:
        """Whether it was done by its deadline."""
        return self.finish_s <= self.job.deadline_s + 1e-4

    @property
    def saving(self) -> float:
        """Fraction of the cost on demand that was saved."""
        return round(1 - self.cost_usd / self.job.on_demand_cost_usd, 9) + 0.0  # no minus zero

    def table(self) -> Table:
        """Show the timeline, a segment a row."""
        return Table(
            columns=(
                Column(name="from", unit="s", kind="duration"), Column(name="to", unit="s", kind="duration"),
                Column(name="place"), Column(name="doing"), Column(name="work left", unit="s", kind="duration"),
                Column(name="cost", unit="USD", kind="money"),
            ),
            rows=tuple((s.start_s, s.end_s, s.place, s.doing, s.left_s, s.usd) for s in self.segments),
            title=f"{self.policy}: ${self.cost_usd:.2f}, done after {self.finish_s / 3600:.4g} h",
            notes=("simulated on a recorded history",),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw where it ran and how its work went down, with the line to the deadline."""
        from learnsys.machines.spot.charts import timeline_chart

        return timeline_chart((self,))


@final
class SpotRuns(AbstractResult, frozen=True, kw_only=True):
    """The same job under several policies."""

    runs: tuple[SpotRun, ...]
    bound_usd: float
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """Compare the policies, a row each."""
        names = ("done after", "on demand", "spot", "waiting", "starting", "lost work")
        return Table(
            columns=(
                Column(name="policy"), Column(name="cost", unit="USD", kind="money"),
                Column(name="saved", kind="percent"),
                Column(name="in time", kind="flag"), *(Column(name=n, unit="s", kind="duration") for n in names),
                Column(name="preempted", kind="integer"),
            ),
            rows=tuple(
                (r.policy, r.cost_usd, r.saving, r.met, r.finish_s, r.on_demand_s, r.spot_s, r.idle_s, r.restart_s,
                 r.lost_s, r.preemptions)
                for r in self.runs
            ),
            notes=(
                f"simulated on a recorded history; knowing the future, at least ${self.bound_usd:.2f}", *self.notes,
            ),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw where each policy ran and how its work went down."""
        from learnsys.machines.spot.charts import timeline_chart

        return timeline_chart(self.runs)
