"""What a training run did: one step a round, cumulative seconds, loss and its lower bound.

Every room that trains writes traces and every room that predicts training reads them.
"""

from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, final

import msgspec

from learnsys.core.errors import InputError
from learnsys.core.host import Host
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt

FINEST: Final = 1e-15  # a relative gap below a few ulps is rounding
Ended = Literal["target", "rounds", "time", "diverged", "interrupted"]
Source = Literal["measured", "simulated cluster", "imported"]
Value = float | int | str | bool


@final
class DataRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which data: name, sha256 of X and y as stored, rows, columns, non-zeros, and the share of rows used."""

    name: str
    digest: str
    n: int
    d: int
    nnz: int
    share: float = 1.0


@final
class Network(msgspec.Struct, frozen=True, kw_only=True):
    """Latency of a message [s] and bandwidth [bytes/s] between driver and workers; where they come from."""

    latency_s: float
    bytes_s: float
    source: str


@final
class Step(msgspec.Struct, frozen=True, kw_only=True):
    """State after ``iteration`` rounds; step 0 is the start point.

    Seconds and bytes are cumulative since the start. ``wall_s`` and ``cpu_s`` count training only;
    measuring loss and bound is in ``eval_s``. ``loss`` includes the penalty; ``lower`` is the best
    lower bound of the minimum so far. ``part_s`` holds the compute seconds of each partition in this round.
    """

    iteration: int
    wall_s: float
    cpu_s: float
    eval_s: float
    loss: float
    lower: float | None = None
    part_s: tuple[float, ...] = ()
    bytes_sent: int = 0
    bytes_received: int = 0

    @property
    def gap(self) -> float | None:
        """How far the loss can be above the minimum, None without a bound."""
        return None if self.lower is None else self.loss - self.lower

    @property
    def rel(self) -> float | None:
        """The gap relative to the bound, (P - lower) / abs(lower)."""
        if self.lower is None or self.gap is None:
            return None
        return self.gap / abs(self.lower) if self.lower else (0.0 if self.gap <= 0 else float("inf"))


@final
class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A quality to reach: relative gap, absolute gap, or loss.

    Examples
    --------
    >>> Target.parse("1e-4"), Target.parse("loss=0.42")
    (Target(kind='rel', value=0.0001), Target(kind='loss', value=0.42))
    """

    kind: Literal["rel", "gap", "loss"]
    value: float

    @classmethod
    def parse(cls, text: "str | float | Target") -> "Target":
        """Read ``1e-4`` (relative gap), ``gap=1e-6`` or ``loss=0.42``.

        Raises
        ------
        InputError
            If the text is none of these, or a gap is not positive.
        """
        if isinstance(text, Target):
            return text
        kind, _, number = str(text).rpartition("=")
        try:
            target = msgspec.convert({"kind": kind or "rel", "value": float(number)}, cls)
        except (ValueError, msgspec.ValidationError) as error:
            raise InputError(
                f"{text!r} is no target", value=text, next="write 1e-4 (relative gap), gap=1e-6 or loss=0.42"
            ) from error
        if not isfinite(target.value) or (target.kind != "loss" and target.value <= 0):
            raise InputError(f"target {text!r} is not positive", value=target.value, next="write for example 1e-4")
        if target.kind == "rel" and target.value < FINEST:
            raise InputError(
                f"target {text!r} is finer than float64 can certify",
                value=target.value,
                next=f"give at least {FINEST:g}",
            )
        return target

    def quality(self, step: Step) -> float | None:
        """Measure ``step`` in the target's own quantity, None if the step has no bound."""
        return {"rel": step.rel, "gap": step.gap, "loss": step.loss}[self.kind]

    def met(self, step: Step) -> bool:
        """Tell whether ``step`` is at least as good as the target."""
        quality = self.quality(step)
        return quality is not None and quality <= self.value

    def __str__(self) -> str:
        return f"{self.value:g}" if self.kind == "rel" else f"{self.kind}={self.value:g}"


@final
class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """When to stop training: the first that holds."""

    target: Target | None = None
    rounds: int | None = None
    wall_s: float | None = None
    cpu_s: float | None = None

    def reason(self, step: Step) -> Ended | None:
        """Say why training ends after ``step``, None if it goes on."""
        if self.target is not None and self.target.met(step):
            return "target"
        if self.rounds is not None and step.iteration >= self.rounds:
            return "rounds"
        over = (self.wall_s is not None and step.wall_s >= self.wall_s) or (
            self.cpu_s is not None and step.cpu_s >= self.cpu_s
        )
        return "time" if over else None


@final
class Trace(AbstractResult, frozen=True, kw_only=True):
    """One training run and every step of it.

    ``workers`` are logical partitions (they change the mathematics), ``slots`` are the processes or
    threads that ran at once (they change the time).
    """

    id: str
    job: str
    data: DataRef
    method: str
    params: dict[str, Value]
    workers: int
    slots: int
    engine: Literal["local", "ray"]
    source: Source
    network: Network | None
    host: Host
    compile_s: float
    started: datetime
    ended: Ended
    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        """The state it ended in."""
        return self.steps[-1]

    @property
    def rounds(self) -> int:
        """Rounds done."""
        return self.last.iteration

    @property
    def in_hindsight(self) -> tuple[Step, ...]:
        """The steps, each with the best bound of the whole run: how far from the minimum they were, at most."""
        return tuple(msgspec.structs.replace(s, lower=self.last.lower) for s in self.steps)

    def first(self, target: Target) -> Step | None:
        """Find the first step that met ``target``."""
        return next((s for s in self.steps if target.met(s)), None)

    def table(self) -> Table:
        """Show the steps."""
        return Table(
            columns=(
                Column(name="round", kind="integer"),
                Column(name="wall", unit="s", kind="duration"),
                Column(name="cpu", unit="s", kind="duration"),
                Column(name="loss", kind="number"),
                Column(name="gap", kind="number"),
                Column(name="relative gap", kind="number"),
                Column(name="sent", unit="B", kind="size"),
            ),
            rows=tuple((s.iteration, s.wall_s, s.cpu_s, s.loss, s.gap, s.rel, s.bytes_sent) for s in self.steps),
            notes=(
                f"{self.method}, {self.workers} worker(s) on {self.slots} {self.engine} slot(s), "
                f"{self.data.name}; ended by {self.ended}",
            ),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the relative gap (or the loss, where no bound is known) by round; ``kind="time"`` by seconds."""
        from learnsys.core.trace_chart import trace_chart

        return trace_chart([self], by="seconds" if kind == "time" else "round")

    def save(self, path: Path | str) -> Path:
        """Save as jsonl or parquet (to be read again with ``read_traces``), or as any other result."""
        from learnsys.core.trace_file import write_traces

        if Path(path).suffix in (".jsonl", ".parquet"):
            return write_traces([self], path)
        return AbstractResult.save(self, path)
