"""What the search asks of a model, and what it finds."""

from typing import TYPE_CHECKING, Protocol, Self, final

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt


class Roller(Protocol):
    """A model that stands behind a token, and can go on from there without being changed."""

    def top(self, gap: str, k: int, prefix: str = "") -> list[tuple[str, float]]:
        """Return the ``k`` likeliest tokens after white space ``gap`` that begin with ``prefix``, and their p."""
        ...

    def advance(self, word: str, kind: int, gap: str) -> Self:
        """Return the model behind one token more."""
        ...


@final
class Fragment(AbstractResult, frozen=True, kw_only=True):
    """Tokens that go on from a cursor.

    Attributes
    ----------
    text : str
        What would stand after the cursor; empty if nothing is likely enough.
    words : tuple of str
        Its tokens; the first one begins with what is typed.
    p : tuple of float
        Probability that the fragment is right up to each of them.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    p: tuple[float, ...] = ()

    @property
    def expected(self) -> float:
        """Tokens that will be right, in the mean."""
        return sum(self.p)

    def table(self) -> Table:
        """Return one row a token."""
        return Table(
            columns=(Column(name="token"), Column(name="p so far", kind="number")),
            rows=tuple(zip(self.words, self.p, strict=True)),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw how the probability falls from token to token."""
        from learnsys.complete.charts import fragment_chart

        return fragment_chart(self)
