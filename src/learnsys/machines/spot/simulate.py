"""Run a job on recorded spot capacity under a policy, from event to event, with exact accounts.

A job is idle, on demand or on a pool. Every start takes ``restart_s`` (and ``migration_s`` in another zone), paid and
without progress; saving takes ``checkpoint_s``, likewise. Capacity that is lost takes unsaved work with it.

The deadline holds by construction, whatever the policy does. With R until the deadline, C the work left after the last
checkpoint and d a start, the spare time is

    spare = R - C - d

and work goes to on-demand capacity for good when it reaches zero. On spot, progress is saved early where waiting for
the next checkpoint would let the spare time run out. Work leaves on-demand capacity only if it can come back.
"""

from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple, Protocol, final

from learnsys.core.errors import InputError
from learnsys.machines.spot.checkpoint import best_period
from learnsys.machines.spot.series import UP, Past, Track, overlap, track
from learnsys.machines.spot.survival import mean_lifetime
from learnsys.machines.spot.types import (
    IDLE,
    ON_DEMAND,
    ON_DEMAND_NAME,
    Doing,
    Pool,
    Segment,
    SpotJob,
    SpotRun,
    clock,
)

_EPS = 1e-5  # seconds; a double near 1.7e9 s resolves 2.4e-7
_TICK = 1.0  # seconds: shortest wait that a policy can ask for
_PATIENCE = 50  # decisions without time passing: more is a policy that argues with itself


class View(NamedTuple):
    """What a policy sees when it is asked.

    ``left_s`` until the deadline, ``work_s`` left if nothing is lost, ``place`` IDLE, ON_DEMAND or the index of a pool,
    ``starting`` while a start lasts, ``up`` per pool, ``past`` what was seen so far.
    """

    now_s: float
    left_s: float
    work_s: float
    place: int
    starting: bool
    up: tuple[bool, ...]
    past: Past


Decide = Callable[[View], tuple[int, float]]


class Policy(Protocol):
    """A way to choose: ``begin`` prepares one job and returns ``decide(view) -> (place, seconds until asked again)``.

    It is asked at every change of capacity, when a start or a checkpoint ends, and after the seconds it named.
    """

    name: str

    def begin(self, job: SpotJob, past: Past) -> Decide:
        """Prepare for ``job`` with what was seen before it."""
        ...


def starts(pools: Sequence[Pool], job: SpotJob) -> tuple[float, float]:
    """Find the first and the last moment at which ``job`` can start, observed until its deadline.

    Raises
    ------
    InputError
        If there is none.
    """
    first, last = overlap(pools)
    if last - first < job.deadline_s - _EPS:
        raise InputError(
            f"the pools were observed together for {(last - first) / 3600:.4g} h, the deadline is after "
            f"{job.deadline_s / 3600:.4g} h",
            value=last - first,
            next="give a longer history or fewer pools, or shorten the deadline",
        )
    return first, max(last - job.deadline_s, first)


def simulate(policy: Policy, pools: Sequence[Pool], job: SpotJob, *, start_s: float | None = None) -> SpotRun:
    """Run ``job`` under ``policy`` from ``start_s`` on.

    Parameters
    ----------
    policy : Policy
        Sees the past of the pools only.
    pools : sequence of Pool
        Observed until the deadline at least.
    job : SpotJob
        What is to be done.
    start_s : float, optional
        On the clock of the pools; the beginning of their common span if not given.

    Returns
    -------
    SpotRun
        With ``finish_s <= job.deadline_s`` for any policy.

    Raises
    ------
    InputError
        If the pools were not observed over the whole time until the deadline.
    """
    first, latest = starts(pools, job)
    start = first if start_s is None else start_s
    if not first <= start <= latest + _EPS:
        raise InputError(
            f"the pools were not observed from {clock(start)} for the {job.deadline_s / 3600:.4g} h until the deadline",
            value=start,
            next=f"start between {clock(first)} and {clock(latest)}",
        )
    tracks = [track(pool, job.bid, job.spot_usd_hour) for pool in pools]
    return _Run(policy, pools, tracks, job, start).finish()


@final
class _Run:
    """The state of one run; ``t`` on the clock of the pools."""

    def __init__(
        self, policy: Policy, pools: Sequence[Pool], tracks: Sequence[Track], job: SpotJob, start: float
    ) -> None:
        self.policy, self.pools, self.tracks, self.job, self.start = policy, pools, tracks, job, start
        self.t, self.end = start, start + job.deadline_s
        self.past = Past(tracks, start)
        self.period = self._period()
        self.decide = policy.begin(job, self.past)
        self.place, self.zone = IDLE, ""
        self.left = job.work_s  # if nothing is lost
        self.unsaved = 0.0
        self.ready = start  # the end of a start
        self.saving = inf  # the end of a checkpoint
        self.leaving = False
        self.again = start
        self.segments: list[Segment] = []
        self.lost, self.preemptions, self.moves = 0.0, 0, 0

    def _period(self) -> float:
        job = self.job
        if job.checkpoint_s == 0:
            return inf
        if job.period_s is not None:
            return job.period_s
        return best_period(job.checkpoint_s, mean_lifetime(self.past))

    @property
    def spare(self) -> float:
        """Seconds that may still pass before only on-demand capacity meets the deadline."""
        return self.end - self.t - self.left - self.unsaved - self.job.restart_s

    def finish(self) -> SpotRun:
        """Go from event to event until the work is done."""
        asked = 0
        ask = True
        while self.left > _EPS:
            if asked > _PATIENCE:
                raise RuntimeError(f"policy {self.policy.name} changes its mind without end")
            if ask and self._act():
                asked += 1
                continue
            until = self._next()
            asked = 0 if until > self.t else asked + 1
            ask = self._advance(until)
        return self._summary()

    # ----------------------------------------------------------------------------------------------------- decisions
    def _act(self) -> bool:
        """Ask the policy, let the guard overrule it, and carry out a change; tell whether there was one."""
        if self.saving < inf:
            return False
        place, wait = self._asked()
        late = self._leaves_late() and place != ON_DEMAND if self.place == ON_DEMAND else self._must_leave()
        if late:
            place, wait = ON_DEMAND, inf
        self.again = self.t + max(wait, _TICK)
        if place == self.place:
            return False
        if self.place != IDLE and self.unsaved > 0 and not self._must_leave():
            if self.place == ON_DEMAND or self.spare >= self.job.checkpoint_s:
                self.saving, self.leaving = self.t + self.job.checkpoint_s, True
            return False
        self._go(place)
        return True

    def _asked(self) -> tuple[int, float]:
        self.past.now = self.t
        up = tuple(s.state(self.t) == UP for s in self.tracks)
        view = View(
            now_s=self.t - self.start, left_s=self.end - self.t, work_s=self.left, place=self.place,
            starting=self.t < self.ready, up=up, past=self.past,
        )  # fmt: skip
        place, wait = self.decide(view)
        if place >= 0 and not up[place]:
            return self.place, wait
        return place, wait

    def _must_leave(self) -> bool:
        """Whether only on-demand capacity is left; on spot, work that ends before the spare time does may go on."""
        if self.place == ON_DEMAND or self.spare > _EPS:
            return False
        return not (self.place >= 0 and self.t >= self.ready and self.job.checkpoint_s == 0 and self.spare > -_EPS)

    def _leaves_late(self) -> bool:
        """Whether work that leaves on-demand capacity now, saved first, might not be done in time."""
        saving = self.job.checkpoint_s if self.unsaved > 0 else 0.0
        return self.end - self.t - saving - self.left - self.job.restart_s <= _EPS

    def _go(self, place: int) -> None:
        """Leave what there is and start in ``place``; work that was not saved is lost."""
        self._lose()
        self.place, self.saving, self.leaving = place, inf, False
        if place == IDLE:
            return
        self.moves += 1
        self.ready = self.t + self.job.restart_s
        if place >= 0:
            zone = self.pools[place].zone
            self.ready += self.job.migration_s if self.zone and zone != self.zone else 0.0
            self.zone = zone

    def _lose(self) -> None:
        self.lost += self.unsaved
        self.left += self.unsaved
        self.unsaved = 0.0

    # -------------------------------------------------------------------------------------------------------- events
    def _next(self) -> float:
        """Find the next moment at which anything may change."""
        t = self.saving if self.saving < inf else self.again
        t = min(t, *(s.next_change(self.t) for s in self.tracks))
        if self.place == IDLE:
            return min(t, self.t + self.spare)
        if self.t < self.ready:
            t = min(t, self.ready)
            return t if self.place == ON_DEMAND else min(t, self.t + max(self.spare, 0.0))
        if self.saving < inf:
            return t
        t = min(t, self.t + self.left)
        if self.place == ON_DEMAND or self.job.checkpoint_s == 0:
            return t
        return min(t, self._next_save())

    def _next_save(self) -> float:
        """Find when to save next: after a period, or when the spare time just lasts for it; else when it is over."""
        c, spare = self.job.checkpoint_s, self.spare
        due = self.t + (self.period - self.unsaved if self.left > c else inf)
        late = self.t + spare - c  # a save that begins after it may end, if capacity is lost, without time for a start
        if self.left <= spare or self.t <= due <= late:
            return due
        return late if late >= self.t and self.unsaved + late - self.t > c else self.t + spare

    def _advance(self, until: float) -> bool:
        """Let time pass; tell whether the policy is to be asked."""
        doing, worked = self._doing(), 0.0
        dt = until - self.t
        if doing == "work":
            worked = min(dt, self.left)
            self.left -= worked
            if self.job.checkpoint_s > 0:
                self.unsaved += worked
        self._note(doing, until)
        self.t = until
        if self.left <= _EPS:
            return False
        if self.place >= 0 and self.tracks[self.place].state(self.t) != UP:
            self.preemptions += 1
            self._lose()
            self.place, self.saving, self.leaving = IDLE, inf, False
            return True
        if self.t >= self.saving:
            return self._saved()
        if doing == "work" and self.place >= 0 and self.job.checkpoint_s > 0 and self._save_now():
            self.saving = self.t + self.job.checkpoint_s
            return False
        return True

    def _save_now(self) -> bool:
        c = self.job.checkpoint_s
        if self.unsaved >= self.period - _EPS and self.left > c and self.spare >= c:
            return True
        return self.left > self.spare and self.unsaved > c and abs(self.spare - c) <= _EPS

    def _saved(self) -> bool:
        self.unsaved, self.saving = 0.0, inf
        if self.leaving:
            self.place, self.leaving = IDLE, False
        return True

    # ------------------------------------------------------------------------------------------------------- accounts
    def _doing(self) -> Doing:
        if self.place == IDLE:
            return "wait"
        if self.t < self.ready:
            return "start"
        return "checkpoint" if self.saving < inf else "work"

    def _note(self, doing: Doing, until: float) -> None:
        if until <= self.t:
            return
        place = "" if self.place == IDLE else ON_DEMAND_NAME
        usd = 0.0
        if self.place >= 0:
            place = self.pools[self.place].name
            usd = self.tracks[self.place].cost(self.t, until)
        elif self.place == ON_DEMAND:
            usd = (until - self.t) / 3600 * self.job.on_demand_usd_hour
        start = self.t - self.start
        if self.segments and (last := self.segments[-1]).place == place and last.doing == doing:
            start, usd = last.start_s, usd + last.usd
            self.segments.pop()
        self.segments.append(
            Segment(start_s=start, end_s=until - self.start, place=place, doing=doing, left_s=self.left, usd=usd)
        )

    def _summary(self) -> SpotRun:
        def total(which: Callable[[Segment], bool]) -> float:
            return sum(s.end_s - s.start_s for s in self.segments if which(s))

        return SpotRun(
            policy=self.policy.name, job=self.job, start_s=self.start, finish_s=self.t - self.start,
            cost_usd=sum(s.usd for s in self.segments),
            on_demand_s=total(lambda s: s.place == ON_DEMAND_NAME), idle_s=total(lambda s: not s.place),
            spot_s=total(lambda s: s.place not in ("", ON_DEMAND_NAME)), restart_s=total(lambda s: s.doing == "start"),
            checkpoint_s=total(lambda s: s.doing == "checkpoint"), lost_s=self.lost,
            preemptions=self.preemptions, moves=self.moves, segments=tuple(self.segments),
        )  # fmt: skip
