"""What a project does again and again besides white space: quotes, semicolons, indents, last commas, case of names."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, final

from learnsys.complete.languages import language
from learnsys.complete.lexing.nesting import OPENERS
from learnsys.complete.lexing.types import Kind, Tokens
from learnsys.complete.style.indents import USUAL, unit_of
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

CASES: Final = {
    "CONST": re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|[A-Z]{2,}[A-Z0-9]*"),
    "snake": re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+"),
    "camel": re.compile(r"[a-z]+[a-z0-9]*([A-Z][a-z0-9]*)+"),
    "Pascal": re.compile(r"([A-Z][a-z0-9]+)+([A-Z][a-z0-9]*)*"),
}
_SORTS: Final = {
    "class": "class", "struct": "class", "function": "routine", "def": "routine", "let": "variable",
    "var": "variable", "const": "variable", "auto": "variable",
}  # fmt: skip
PLURAL: Final = {"class": "classes", "routine": "routines", "variable": "variables"}
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
    unit : str
        One indent.
    quote : str
        Around strings: ``"`` or ``'``.
    semicolons : bool
        Whether lines of JavaScript end in them.
    last_comma : bool
        Whether a comma stands before a closing bracket on a line of its own.
    cases : dict of str to str
        How names of a sort (class, routine, variable) of several words are written.
    """

    language: str
    files: int
    unit: str
    quote: str
    semicolons: bool
    last_comma: bool
    cases: dict[str, str]

    @classmethod
    def of(cls, files: Sequence[Tokens], key: str) -> "Habits":
        """Learn the habits of files in the language ``key``: what is done more often."""
        seen = {name: Counter[str]() for name in ("quote", "semicolon", "comma")}
        cases: dict[str, Counter[str]] = {}
        for found in files:
            _signs(found, seen)
            for sort, case in _cases(found):
                cases.setdefault(sort, Counter())[case] += 1
        units = Counter(unit_of(found) for found in files)
        return cls(
            language=key, files=len(files), unit=_most(units, USUAL[key]), quote=_most(seen["quote"], '"'),
            semicolons=_most(seen["semicolon"], "yes") == "yes", last_comma=_most(seen["comma"], "no") == "yes",
            cases={sort: _most(counts, "") for sort, counts in sorted(cases.items())},
        )  # fmt: skip

    def table(self) -> Table:
        """A row a habit."""
        return Table(columns=(Column(name="habit"), Column(name="usual")), rows=tuple(self._rows()))

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "learned from", f"{self.files:,} files of {language(self.language).title}"
        yield "one indent", "a tab" if self.unit == "\t" else f"{len(self.unit)} spaces"
        yield "quotes", self.quote
        if self.language == "js":
            yield "semicolons", "yes" if self.semicolons else "no"
        yield "comma before a closing bracket on a new line", "yes" if self.last_comma else "no"
        yield from ((f"names of {PLURAL[sort]}", case) for sort, case in self.cases.items())


def _most(counts: Counter[str], otherwise: str) -> str:
    return max(counts, key=lambda name: (counts[name], name)) if counts else otherwise


def _signs(found: Tokens, seen: dict[str, Counter[str]]) -> None:
    """Count quotes, line ends with and without a semicolon, and closing lines with and without a comma."""
    inside = False
    for i, word in enumerate(found.words):
        bare = word[-1:]
        if bare in _QUOTES and len(word) <= 2:
            seen["quote"].update([] if inside else [bare])
            inside = not inside
        if i and "\n" in found.gap(i):
            before, comma = found.words[i - 1], found.words[i - 1] == ","
            if word in _TAIL and before not in OPENERS and (comma or word != "}"):
                seen["comma"]["yes" if comma else "no"] += 1
            starts = word == "}" or found.kinds[i] in (Kind.NAME, Kind.KEYWORD)
            if found.language == "js" and starts and before in (")", "]", ";"):
                seen["semicolon"]["yes" if before == ";" else "no"] += 1


def _cases(found: Tokens) -> Iterable[tuple[str, str]]:
    for before, word, kind in zip(["", *found.words], found.words, found.kinds.tolist(), strict=False):
        if kind == Kind.NAME and before in _SORTS and (case := case_of(word)):
            yield _SORTS[before], case
