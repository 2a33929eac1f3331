"""What this room gives back: a ``Solution`` of a run, an ``Evaluation`` of a model."""

from pathlib import Path
from typing import TYPE_CHECKING, Self, final

import msgspec

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.trace import Trace

if TYPE_CHECKING:
    import altair as alt


@final
class Solution(AbstractResult, frozen=True, kw_only=True):
    """How a run ended: loss, certificate and cost; the whole way there is in ``trace``.

    ``loss`` is P(w), ``lower`` the best lower bound of the minimum, ``gap`` their difference and ``rel`` the gap
    relative to the bound. ``seconds`` and ``cpu_s`` are of training, without loading, compilation and evaluation.
    """

    method: str
    workers: int
    rounds: int
    loss: float
    lower: float | None
    gap: float | None
    rel: float | None
    seconds: float
    cpu_s: float
    compile_s: float
    ended: str
    trace: Trace
    model: str | None = None

    @classmethod
    def of(cls, trace: Trace, *, model: Path | None = None) -> Self:
        """Read it off a trace; ``model`` is the folder where the model was saved."""
        last = trace.last
        return cls(
            method=trace.method, workers=trace.workers, rounds=trace.rounds, loss=last.loss, lower=last.lower,
            gap=last.gap, rel=last.rel, seconds=last.wall_s, cpu_s=last.cpu_s, compile_s=trace.compile_s,
            ended=trace.ended, trace=trace, model=None if model is None else str(model),
        )  # fmt: skip

    def table(self) -> Table:
        """Show it as one row."""
        return Table(
            columns=(
                Column(name="method"),
                Column(name="workers", kind="integer"),
                Column(name="rounds", kind="integer"),
                Column(name="loss", kind="number"),
                Column(name="gap", kind="number"),
                Column(name="relative gap", kind="number"),
                Column(name="time", unit="s", kind="duration"),
                Column(name="cpu", unit="s", kind="duration"),
                Column(name="compile", unit="s", kind="duration"),
                Column(name="ended"),
            ),
            rows=(
                (self.method, self.workers, self.rounds, self.loss, self.gap, self.rel, self.seconds, self.cpu_s,
                 self.compile_s, self.ended),
            ),
            notes=(f"model saved in {self.model}",) if self.model else (),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the gap by round, or by seconds with ``kind="time"``."""
        return self.trace.chart(kind)

    def save(self, path: Path | str) -> Path:
        """Save jsonl and parquet as the trace (for ``plan``), any other suffix as every result."""
        if Path(path).suffix in (".jsonl", ".parquet"):
            return self.trace.save(path)
        return AbstractResult.save(self, path)


@final
class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """True positive rate by false positive rate, as thresholds fall."""

    false_positive: tuple[float, ...]
    true_positive: tuple[float, ...]


@final
class Evaluation(AbstractResult, frozen=True, kw_only=True):
    """How good a model is on data, beside the base rate.

    For two classes: ``accuracy`` and ``auc``, beside the accuracy of always answering the more frequent class (an AUC
    without knowledge is 0.5). For a number: the root mean square error, beside that of always answering the mean.
    ``loss`` is the mean loss without the penalty.
    """

    model: str
    data: str
    n: int
    loss: float
    metrics: dict[str, float]
    base: dict[str, float]
    roc: Curve | None = None

    def table(self) -> Table:
        """Show a row a metric."""
        return Table(
            columns=(
                Column(name="metric"),
                Column(name="model", kind="number"),
                Column(name="base rate", kind="number"),
            ),
            rows=(("loss", self.loss, None), *((k, v, self.base.get(k)) for k, v in self.metrics.items())),
            notes=(f"{self.model} on {self.data}, {self.n:,} rows",),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the ROC curve, or for a number the errors as bars."""
        from learnsys.convex.charts import evaluation_chart

        return evaluation_chart(self)
