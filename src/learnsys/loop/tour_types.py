"""What the tour hands back."""

from typing import TYPE_CHECKING, final

import msgspec
import numpy as np

from learnsys.complete import Suggestions
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.trace import Trace
from learnsys.core.units import format_duration
from learnsys.loop.machine_types import MachineChoice
from learnsys.plan import Plan, Profile, Validation
from learnsys.serve import LoadReport

if TYPE_CHECKING:
    import altair as alt

    from learnsys.series.results.lead_lag import LeadLagResult


@final
class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """How long a tour to take.

    Attributes
    ----------
    rows : int, optional
        Rows to keep; None for all.
    probe_rows : int
        Rows in a probe.
    requests, rate : int, float
        Requests to send, and how many a second.
    reps : int
        Runs of the training job on each shape that is measured.
    check_s : float
        Most seconds that the run which checks a machine's prediction may be expected to take.
    """

    rows: int | None
    probe_rows: int
    requests: int
    rate: float
    reps: int
    check_s: float


@final
class Score(msgspec.Struct, frozen=True, kw_only=True):
    """How well a model tells late flights on held-out days, and the CPU seconds its training took."""

    model: str
    auc: float
    accuracy: float
    cpu_s: float | None


@final
class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """A series that leads another: by how much, with its interval, and how they correlate then."""

    leader: str
    follower: str
    lag_s: float
    low_s: float
    high_s: float
    correlation: float

    def __str__(self) -> str:
        ends = f"{format_duration(self.low_s)} - {format_duration(self.high_s)}"
        return (
            f"{self.leader} ahead of {self.follower} by {format_duration(self.lag_s)} [{ends}], "
            f"correlation {self.correlation:+.2f}"
        )

    @classmethod
    def of(cls, found: "LeadLagResult", most: int = 5) -> tuple["Lead", ...]:
        """List the strongest of the significant pairs whose whole interval is on one side of zero."""
        leads = []
        for p in np.flatnonzero(found.significant & (found.low_s * found.high_s > 0)):
            ends = [float(v[p]) for v in (found.lag_s, found.low_s, found.high_s)]
            a, b = (found.ids[d] for d in found.pairs[p])
            if ends[0] < 0:
                (a, b), ends = (b, a), [-ends[0], -ends[2], -ends[1]]
            rho = float(found.correlation[p])
            leads.append(cls(leader=a, follower=b, lag_s=ends[0], low_s=ends[1], high_s=ends[2], correlation=rho))
        return tuple(sorted(leads, key=lambda lead: -abs(lead.correlation))[:most])


@final
class Tour(AbstractResult, frozen=True, kw_only=True):
    """Everything the tour did: the plan made before training, the run, and what came of it."""

    rows: int
    columns: int
    held_out: int
    positive: float
    profile: Profile
    plan: Plan
    trace: Trace
    validation: Validation
    scores: tuple[Score, ...]
    leads: tuple[Lead, ...]
    load: LoadReport
    machine: MachineChoice
    code: Suggestions
    compile_s: float
    elapsed_s: float
    peak_bytes: int
    report: str
    model: str

    def table(self) -> Table:
        """Show the answers, one a line."""
        return Table(columns=(Column(name="question"), Column(name="answer")), rows=tuple(self._lines()))

    def _lines(self) -> list[tuple[str, str]]:
        choice, last, latency = self.plan.choice, self.trace.last, self.load.answered
        assert choice is not None
        assert choice.time_s is not None
        assert last.rel is not None
        ours, *others, lagged = self.scores
        rounds, seconds = self.validation.checks
        return [
            ("data", f"{self.rows:,} flights to learn from x {self.columns}, {self.held_out:,} held out"),
            ("plan", f"{choice.method} on {choice.workers} worker(s): {choice.why}"),
            ("planning cost", f"{format_duration(self.profile.planning.cpu_s)} of CPU in "
             f"{self.profile.planning.probes} probes"),
            ("predicted", f"{rounds.predicted.median:.0f} rounds, {format_duration(seconds.predicted.median)} "
             f"[{format_duration(seconds.predicted.low)} - {format_duration(seconds.predicted.high)}]"),
            ("actual", f"{rounds.actual:.0f} rounds, {format_duration(seconds.actual)} "
             f"({'inside' if seconds.inside else 'outside'} the interval)"),
            ("certificate", f"loss {last.loss:.6f} is within {last.rel:.1e} of the minimum (relative duality gap)"),
            ("held-out AUC", f"{ours.auc:.4f}; " + ", ".join(f"{s.model} {s.auc:.4f}" for s in others)),
            ("held-out accuracy", f"{ours.accuracy:.4f}; " + ", ".join(f"{s.model} {s.accuracy:.4f}" for s in others)),
            ("who leads", str(self.leads[0]) if self.leads else "nobody, as far as can be told"),
            ("with lagged", f"AUC {lagged.auc:.4f}, not {ours.auc:.4f}; accuracy {lagged.accuracy:.4f}"),
            ("served", f"{self.load.requests:,} requests at {self.load.rate:g}/s: "
             + (f"p50 {format_duration(latency.p50_s)}, p99 {format_duration(latency.p99_s)}, " if latency else "")
             + f"{self.load.within / self.load.requests:.1%} within {format_duration(self.load.slo_s)}"),
            *self.machine.lines(),
            ("comes next", "; ".join(f"{item.text} {item.p:.2f} ({item.detail})" for item in self.code.items[:3])),
            ("it took", f"{format_duration(self.elapsed_s)} (compiling {format_duration(self.compile_s)}), "
             f"{self.peak_bytes / 2**30:.2f} GiB at the peak"),
            ("model", self.model),
            ("report", self.report),
        ]  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the predicted and the measured curve of training."""
        return self.validation.chart(kind)
