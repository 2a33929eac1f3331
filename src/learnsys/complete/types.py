"""What the room takes and gives: places in a text, suggestions, and where each comes from."""

from typing import TYPE_CHECKING, Literal, final

import msgspec

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt

Origin = Literal["file", "project", "model"]


@final
class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """One suggestion: the text that would stand at the cursor, its probability, and where it comes from.

    ``line`` (1-based) is where the file has it last, for what is copied from the file.
    """

    text: str
    p: float
    origin: Origin
    line: int | None = None

    @property
    def detail(self) -> str:
        """Say in words where it comes from."""
        return f"copy, line {self.line}" if self.origin == "file" and self.line else self.origin


@final
class Suggestions(AbstractResult, frozen=True, kw_only=True):
    """Suggestions at a cursor, the likeliest first; ``prefix`` is the part of the token that is typed already."""

    items: tuple[Suggestion, ...]
    prefix: str = ""

    def table(self) -> Table:
        """Return one row a suggestion."""
        return Table(
            columns=(
                Column(name="suggestion"), Column(name="p", kind="number"), Column(name="from"),
            ),
            rows=tuple((item.text, item.p, item.detail) for item in self.items),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the probabilities."""
        from learnsys.complete.charts import suggestions_chart

        return suggestions_chart(self)
