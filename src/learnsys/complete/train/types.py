"""What training gives back."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, final

import msgspec

from learnsys.complete.corpus.types import counted
from learnsys.complete.languages import language
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.trace import Trace

if TYPE_CHECKING:
    import altair as alt


@final
class Trained(AbstractResult, frozen=True, kw_only=True):
    """A model that was trained: where it is, what it learned from, and how the sample's bits fell.

    ``gate`` is where its gate and ranker are from: its own, learned on ``validation`` tokens of other packages, or
    those of the model that ships for the language.
    """

    path: Path
    language: str
    files: int
    tokens: int
    epochs: float
    parameters: int
    bits: float  # a token of the held-out sample
    trace: Trace
    gate: Literal["own", "shipped", "none"] = "none"
    validation: int = 0
    left_out: dict[str, int] = msgspec.field(default_factory=dict)  # files of the folder that are no sources, by reason

    def table(self) -> Table:
        """Return one row a fact."""
        rows = (
            ("language", self.language), ("learned from", f"{self.files:,} files, {self.tokens:,} tokens"),
            ("training", f"{self.epochs:.1f} epochs, {self.trace.last.cpu_s:.0f} s of CPU"),
            ("parameters", f"{self.parameters:,}"), ("held-out sample", f"{self.bits:.2f} bits a token"),
            ("gate", self._gate()), ("model", str(self.path)),
        )  # fmt: skip
        left_out = (f"left out: {counted(self.left_out)}",) if self.left_out else ()
        return Table(columns=(Column(name="what"), Column(name="value")), rows=rows, notes=left_out)

    def _gate(self) -> str:
        if self.gate == "own":
            return f"learned on {self.validation:,} tokens of other packages"
        return "none" if self.gate == "none" else f"of the {language(self.language).title} model that ships"

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw how bits a token of the sample fell with CPU seconds."""
        from learnsys.complete.charts import training_chart

        return training_chart(self)
