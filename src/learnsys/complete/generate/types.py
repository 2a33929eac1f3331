"""Code that was made up."""

from typing import TYPE_CHECKING, final

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt


@final
class Generated(AbstractResult, frozen=True, kw_only=True):
    """Sampled ``text`` in a ``language``, with how many syntax errors it has."""

    language: str
    text: str
    errors: int

    def table(self) -> Table:
        """Return one row a line."""
        return Table(
            columns=(Column(name="line", kind="integer"), Column(name="code")),
            rows=tuple(enumerate(self.text.split("\n"), 1)),
            notes=(f"{self.errors} syntax error{'s' * (self.errors != 1)}",),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw how far each line is indented and how long it is."""
        from learnsys.complete.charts import generated_chart

        return generated_chart(self)
