"""What is unusual in files."""

from typing import TYPE_CHECKING, final

import msgspec

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt


@final
class Oddity(msgspec.Struct, frozen=True, kw_only=True):
    """A name where another one would be far likelier.

    Attributes
    ----------
    path, line : str, int
        File, and line from 1.
    start, end : int
        Code points in the text.
    word, p : str, float
        What stands there, and its probability among the names that could.
    usual, times : str, float
        The likeliest name, and how many times likelier it is.
    """

    path: str
    line: int
    start: int
    end: int
    word: str
    p: float
    usual: str
    times: float


@final
class Unusual(AbstractResult, frozen=True, kw_only=True):
    """Oddities of files, the most surprising first, and bits a token of each file.

    Attributes
    ----------
    items : tuple of Oddity
        Found.
    bits : dict of str to float
        Mean surprisal of the tokens of each file under the model, by path; a token that the model has no probability
        for counts as all unknown ones together.
    """

    items: tuple[Oddity, ...]
    bits: dict[str, float]

    def table(self) -> Table:
        """Return one row an oddity."""
        return Table(
            columns=(
                Column(name="file"), Column(name="line", kind="integer"), Column(name="name"), Column(name="usual"),
                Column(name="times likelier", kind="number"),
            ),
            rows=tuple((one.path, one.line, one.word, one.usual, one.times) for one in self.items),
            notes=tuple(f"{path}: {bits:.2f} bits a token" for path, bits in self.bits.items()),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the oddities along their files."""
        from learnsys.complete.charts import unusual_chart

        return unusual_chart(self)
