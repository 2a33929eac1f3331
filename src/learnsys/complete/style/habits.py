"""What a project does again and again besides white space: quotes, semicolons, indents, last commas, case of names."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, final

import msgspec

from learnsys.complete.corpus.types import counted
from learnsys.complete.languages import language
from learnsys.complete.lexing.nesting import OPENERS
from learnsys.complete.lexing.types import Kind, Tokens
from learnsys.complete.style.indents import unit_of
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt

INDENT: Final = "one indent"
QUOTES: Final = "quotes"
SEMICOLONS: Final = "semicolons"
COMMA: Final = "comma before a bracket that closes on a new line"
CASES: Final = {
    "CONST": re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|[A-Z]{2,}[A-Z0-9]*"),
    "snake": re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+"),
    "camel": re.compile(r"[a-z]+[a-z0-9]*([A-Z][a-z0-9]*)+"),
    "Pascal": re.compile(r"([A-Z][a-z0-9]+)+([A-Z][a-z0-9]*)*"),
}
_SORTS: Final = {
    "class": "classes", "struct": "classes", "function": "routines", "def": "routines", "let": "variables",
    "var": "variables", "const": "variables", "auto": "variables",
}  # fmt: skip
_QUOTES: Final = frozenset("\"'")
_TAIL: Final = frozenset({")", "]", "}"})


def case_of(name: str) -> str | None:
    """Tell how a name is written; None for one small word, which fits several.

    Examples
    --------
    >>> [case_of(name) for name in ("readFile", "read_file", "ReadFile", "READ_FILE", "read")]
    ['camel', 'snake', 'Pascal', 'CONST', None]
    """
    bare = name.strip("_$#")
    return next((case for case, form in CASES.items() if form.fullmatch(bare)), None)


@final
class Habits(AbstractResult, frozen=True, kw_only=True):
    """Habits of a file or a project.

    Attributes
    ----------
    language : str
        Key of the language.
    files : int
        That they were learned from.
    counts : dict of str to dict of str to int
        Of each habit, how often what was done; files for indents.
    left_out : dict of str to int
        Files that were not read, by reason.
    """

    language: str
    files: int
    counts: dict[str, dict[str, int]]
    left_out: dict[str, int] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, files: Sequence[Tokens], key: str) -> "Habits":
        """Learn the habits of files in the language ``key``."""
        counts = {INDENT: Counter(_indent(unit_of(found)) for found in files)}
        for found in files:
            for habit, done in (*_signs(found), *_cases(found)):
                counts.setdefault(habit, Counter())[done] += 1
        return cls(
            language=key, files=len(files), counts={habit: dict(own.most_common()) for habit, own in counts.items()}
        )

    def usual(self, habit: str) -> str | None:
        """Return what is done most often, None if there was no occasion."""
        return next(iter(self.counts.get(habit, ())), None)

    def table(self) -> Table:
        """A row a habit: what is usual, in which share of the cases, of how many."""
        return Table(
            columns=(
                Column(name="habit"),
                Column(name="usual"),
                Column(name="share", kind="percent"),
                Column(name="cases", kind="integer"),
            ),
            rows=tuple(
                (habit, next(iter(own)), next(iter(own.values())) / sum(own.values()), sum(own.values()))
                for habit, own in self.counts.items()
                if own
            ),
            notes=(
                f"{self.files:,} files of {language(self.language).title}",
                *((f"left out: {counted(self.left_out)}",) if self.left_out else ()),
            ),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the shares of what is done, a bar a habit."""
        from learnsys.complete.charts import habits_chart

        return habits_chart(self)


def _indent(unit: str) -> str:
    return "a tab" if unit == "\t" else f"{len(unit)} spaces"


def _signs(found: Tokens) -> Iterator[tuple[str, str]]:
    """Yield quotes, line ends with and without a semicolon, and closing lines with and without a comma."""
    inside = False
    for i, word in enumerate(found.words):
        bare = word[-1:]
        if bare in _QUOTES and len(word) <= 2:
            if not inside:
                yield QUOTES, bare
            inside = not inside
        if i and "\n" in found.gap(i):
            before, comma = found.words[i - 1], found.words[i - 1] == ","
            if word in _TAIL and before not in OPENERS and (comma or word != "}"):
                yield COMMA, "yes" if comma else "no"
            starts = word == "}" or found.kinds[i] in (Kind.NAME, Kind.KEYWORD)
            if found.language == "js" and starts and before in (")", "]", ";"):
                yield SEMICOLONS, "yes" if before == ";" else "no"


def _cases(found: Tokens) -> Iterator[tuple[str, str]]:
    for before, word, kind in zip(["", *found.words], found.words, found.kinds.tolist(), strict=False):
        if kind == Kind.NAME and before in _SORTS and (case := case_of(word)):
            yield f"names of {_SORTS[before]}", case
