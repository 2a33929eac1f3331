"""What planning takes and gives: probes with their cost, a plan of candidates, and its check against what happened."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self, final

import msgspec

from learnsys.core.errors import BadFile, UnknownName
from learnsys.core.estimate import Estimate
from learnsys.core.files import existing
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.trace import DataRef, Network, Source, Target, Trace, Value
from learnsys.core.units import format_duration
from learnsys.plan.clock import Clock
from learnsys.plan.curves import Curve, Scale

if TYPE_CHECKING:
    import altair as alt

QUALITY: Final = {"rel": "relative gap", "gap": "gap", "loss": "loss"}


@final
class PlanningCost(msgspec.Struct, frozen=True, kw_only=True):
    """What planning itself took: wall and CPU seconds of all probes (compilation is part of both), and their number."""

    wall_s: float
    cpu_s: float
    compile_s: float
    probes: int

    def more(self, wall_s: float, cpu_s: float) -> "PlanningCost":
        """Add seconds that were spent on no probe."""
        return msgspec.structs.replace(self, wall_s=self.wall_s + wall_s, cpu_s=self.cpu_s + cpu_s)

    def __str__(self) -> str:
        return (
            f"planning took {format_duration(self.cpu_s)} of CPU ({self.probes} probes, {format_duration(self.wall_s)})"
        )


@final
class Profile(AbstractResult, frozen=True, kw_only=True):
    """Probes of a training job: their traces, why each ended, and what they cost together."""

    traces: tuple[Trace, ...]
    ended: tuple[str, ...]
    planning: PlanningCost
    budget_s: float
    target: Target

    def table(self) -> Table:
        """Show the probes."""
        return Table(
            columns=(
                Column(name="method"),
                Column(name="workers", kind="integer"),
                Column(name="share", kind="percent"),
                Column(name="rounds", kind="integer"),
                Column(name="wall", unit="s", kind="duration"),
                Column(name="cpu", unit="s", kind="duration"),
                Column(name=QUALITY[self.target.kind], kind="number"),
                Column(name="ended"),
            ),
            rows=tuple(
                (
                    t.method, t.workers, t.data.share, t.rounds, t.last.wall_s, t.last.cpu_s,
                    self.target.quality(t.last), why,
                )
                for t, why in zip(self.traces, self.ended, strict=True)
            ),
            notes=(f"{self.planning}, of a budget of {format_duration(self.budget_s)}",),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw what the probes reached by ``"round"`` (the default) or by ``"time"``."""
        from learnsys.core.trace_chart import trace_chart

        return trace_chart(self.traces, by="seconds" if kind == "time" else "round")


@final
class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one number of workers, and what is predicted of it.

    ``time_s`` and ``rounds`` answer "how long to the target", ``quality`` "how good within the budget"; None where the
    target is never reached or no round fits the budget. ``deepest`` is the best quality that the nearest probe reached,
    ``curve`` holds predicted (rounds, quality) points.
    """

    method: str
    workers: int
    probed: bool
    first_s: float
    round_s: float
    rounds: Estimate | None
    time_s: Estimate | None
    quality: Estimate | None
    deepest: float
    curve: tuple[tuple[float, float], ...]
    why: str


@final
class MethodFit(msgspec.Struct, frozen=True, kw_only=True):
    """How the predictions for one method were made.

    ``errors`` are median errors of the logarithm of rounds when a worker count is predicted from the others, by model;
    rounds grow like rows to the power ``gamma``.
    """

    method: str
    model: str
    errors: dict[str, float]
    gamma: float
    clock: Clock


@final
class Plan(AbstractResult, frozen=True, kw_only=True):
    """Candidates in order, the best first, with all that its charts need: it can be stored before training starts.

    ``settings`` are what the traces told of the problem: loss, penalty, bias and lam x rows; ``engine`` is what made
    the seconds, None if they are simulated.
    """

    question: str
    target: Target | None
    budget_s: float | None
    job: str
    data: DataRef
    rows: float
    level: float
    source: Source
    slots: int | None
    network: Network | None
    scale: Scale
    candidates: tuple[Candidate, ...]
    fits: tuple[MethodFit, ...]
    probes: tuple[Curve, ...]
    planning: PlanningCost | None
    warnings: tuple[str, ...] = ()
    settings: dict[str, Value] = msgspec.field(default_factory=dict)
    engine: str | None = None

    @property
    def choice(self) -> Candidate | None:
        """The best candidate, None if not one gets there."""
        best = self.candidates[0]
        return None if best.time_s is None and best.quality is None else best

    def candidate(self, method: str, workers: int) -> Candidate:
        """Find the candidate of a method and a worker count.

        Raises
        ------
        UnknownName
            If the plan has none.
        """
        for candidate in self.candidates:
            if (candidate.method, candidate.workers) == (method, workers):
                return candidate
        known = [f"{c.method} on {c.workers}" for c in self.candidates]
        raise UnknownName.of("candidate", f"{method} on {workers}", known)

    def table(self) -> Table:
        """Show the candidates, the choice first."""
        answer = (
            Column(name="time", unit="s", kind="duration")
            if self.budget_s is None
            else Column(name=QUALITY[self.scale.kind], kind="number")
        )
        return Table(
            title=self.question,
            columns=(
                Column(name="best"),
                Column(name="method"),
                Column(name="workers", kind="integer"),
                Column(name="rounds", kind="integer"),
                Column(name="round", unit="s", kind="duration"),
                answer,
                Column(name=f"{self.level:.0%} interval"),
                Column(name="why"),
            ),
            rows=tuple(
                (
                    ">" if c is self.choice else "", c.method, c.workers,
                    c.rounds and c.rounds.median, c.round_s, *self._answer(c), c.why,
                )
                for c in self.candidates
            ),
            notes=self.notes(),
        )  # fmt: skip

    def _answer(self, c: Candidate) -> tuple[float | None, str | None]:
        estimate, written = (c.time_s, format_duration) if self.budget_s is None else (c.quality, "{:.2g}".format)
        if estimate is None:
            return None, None
        return estimate.median, f"{written(estimate.low)} - {written(estimate.high)}"

    def notes(self) -> tuple[str, ...]:
        """Say where the seconds come from, which models predicted, what planning cost, and what to beware of."""
        models = "; ".join(
            f"{f.method}: {f.model}" + (f" (left-out error {100 * e:.0f} %)" if (e := f.errors.get(f.model)) else "")
            for f in self.fits
        )
        return (
            f"seconds: {self.source}" + (f", network {self.network.source}" if self.network else ""),
            *(("one exchange a round is assumed: methods with more of them are flattered",) if self.network else ()),
            f"rounds by {models}",
            *((f"{self.planning}{self._worth()}",) if self.planning else ()),
            *self.warnings,
        )

    def _worth(self) -> str:
        """Say so where planning cost more than the run it is for."""
        run = self.choice.time_s if self.choice else None
        if self.planning is None or run is None or self.planning.wall_s <= run.median:
            return ""
        return f": longer than the run it is for ({format_duration(run.median)}), worth it if the job is run again"

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the ``"decision"`` (default), the ``"convergence"`` curves, or the ``"throughput"``."""
        from learnsys.plan.charts import plan_chart

        return plan_chart(self, kind or "decision")

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read a plan that was saved as json.

        Raises
        ------
        BadFile
            If the file is missing or no plan.
        """
        try:
            return msgspec.json.decode(existing(path).read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError) as error:
            raise BadFile.unreadable(path, error) from error


@final
class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One predicted quantity and what it turned out to be."""

    quantity: str
    predicted: Estimate
    actual: float

    @property
    def ratio(self) -> float:
        """Actual over predicted median."""
        return self.actual / self.predicted.median

    @property
    def inside(self) -> bool:
        """Whether the actual value lies in the interval."""
        return self.predicted.low <= self.actual <= self.predicted.high


@final
class Validation(AbstractResult, frozen=True, kw_only=True):
    """A plan's prediction for one candidate against a run of it that the plan had not seen.

    ``predicted``, ``actual`` and ``hindsight`` are points (rounds, quality): the curve that was predicted, the quality
    that was certified after each round, and what it turned out to be by the best bound of the run.
    """

    method: str
    workers: int
    question: str
    checks: tuple[Check, ...]
    kind: Literal["rel", "gap", "loss"]
    predicted: tuple[tuple[float, float], ...]
    actual: tuple[tuple[float, float], ...]
    hindsight: tuple[tuple[float, float], ...]
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """Show predicted and actual values."""
        return Table(
            title=f"{self.method} on {self.workers} worker{'s' * (self.workers != 1)}: {self.question}",
            columns=(
                Column(name="quantity"),
                Column(name="predicted"),
                Column(name="interval"),
                Column(name="actual"),
                Column(name="actual / predicted", kind="number"),
                Column(name="inside", kind="flag"),
            ),
            rows=tuple(
                (
                    c.quantity, _written(c.quantity, c.predicted.median),
                    f"{_written(c.quantity, c.predicted.low)} - {_written(c.quantity, c.predicted.high)}",
                    _written(c.quantity, c.actual), c.ratio, c.inside,
                )
                for c in self.checks
            ),
            notes=self.notes,
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the predicted and the actual curve."""
        from learnsys.plan.charts import validation_chart

        return validation_chart(self)


def _written(quantity: str, value: float) -> str:
    return {"rounds": f"{value:.0f}", "seconds": format_duration(value)}.get(quantity, f"{value:.3g}")
