"""What the variables and routines of a file could better be called, and why."""

from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Final, final

import msgspec

from learnsys.complete.lexing.positions import line_of
from learnsys.complete.lexing.subtokens import subtokens
from learnsys.complete.names.features import Described, describe
from learnsys.complete.names.flat import Flat, flat
from learnsys.complete.names.proposals import Project, proposals
from learnsys.complete.names.ranker import Ranked, Ranker
from learnsys.complete.names.scopes import Sort, Symbol
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt

LIKELY: Final = 0.9  # a rename is proposed from this probability on ...
UNLIKELY: Final = 0.001  # ... if the name that stands there has less than this
_WHY: Final = {
    "init": "initialiser", "again": "assignment", "over": "loop", "prop": "property", "method": "method", "arg": "call",
    "passed": "caller", "type": "type", "key": "key", "doc": "comment", "to": "assigned to", "returns": "return value",
    "calls": "call inside", "taken": "caller", "callback": "callback", "with": "neighbour", "class": "class",
    "routine": "routine", "against": "comparison", "index": "index", "parameter": "parameter",
}  # fmt: skip


@final
class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A name, its probability, and what speaks for it."""

    name: str
    p: float
    reason: str


@final
class NamedSymbol(msgspec.Struct, frozen=True, kw_only=True):
    """A symbol and what it could be called.

    Attributes
    ----------
    name, sort, how : str
        What it is called, ``variable`` or ``routine``, and how it is declared.
    line, column : int
        Of its declaration, 1-based, in code points.
    spans : tuple of (int, int)
        Its occurrences, code points in the text.
    sure : bool
        Whether these are certainly all, so that it can be renamed.
    p : float
        Probability of the name it has.
    proposals : tuple of Proposal
        The likeliest names, the first one the likeliest.
    rename : bool
        Whether the first proposal is clearly better than the name it has.
    """

    name: str
    sort: Sort
    how: str
    line: int
    column: int
    spans: tuple[tuple[int, int], ...]
    sure: bool
    p: float
    proposals: tuple[Proposal, ...]
    rename: bool


@final
class NameSuggestions(AbstractResult, frozen=True, kw_only=True):
    """What each symbol of a file could be called, in the order of the file."""

    items: tuple[NamedSymbol, ...]

    def renames(self) -> tuple[NamedSymbol, ...]:
        """Return the symbols for which a clearly better name is known."""
        return tuple(item for item in self.items if item.rename)

    def at(self, offset: int) -> "NameSuggestions":
        """Return the symbols with an occurrence at a code point of the text, none or one."""
        return NameSuggestions(items=tuple(i for i in self.items if any(a <= offset <= b for a, b in i.spans)))

    def table(self) -> Table:
        """Return one row a symbol, with its best proposal."""
        return Table(
            columns=(
                Column(name="line", kind="number"), Column(name="name"), Column(name="kind"), Column(name="proposal"),
                Column(name="p", kind="number"), Column(name="reason"), Column(name="rename"),
            ),
            rows=tuple(
                (i.line, i.name, f"{i.sort}, {i.how}", best.name, best.p, best.reason, "yes" if i.rename else "")
                for i in self.items
                for best in i.proposals[:1]
            ),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw for each symbol how likely its name is and how likely the best proposal."""
        from learnsys.complete.charts import names_chart

        return names_chart(self)


def suggest_names(
    text: str,
    language: str,
    weights: Ranker | None = None,
    *,
    path: str = "",
    project: Project | None = None,
    n: int = 5,
) -> NameSuggestions:
    """Suggest names for the variables and routines that a text declares.

    Parameters
    ----------
    text : str
        A whole file; it may be broken.
    language : str
        Key of its language.
    weights : Ranker, optional
        A model of names of that language; the one that ships if omitted.
    path : str
        Of the file: routines are often called like it.
    project : Project, optional
        Symbols of the other files of its project.
    n : int
        Proposals for each symbol.
    """
    if weights is None:
        from learnsys.complete.names.ranker import shipped_names

        weights = shipped_names(language)
    return NamedText(text, language, weights, path=path, project=project).all(n=n)


@final
class NamedText:
    """A text that was read once, for questions about one symbol after another: composing names for all takes long.

    Parameters
    ----------
    text, language, weights, path, project
        As `suggest_names` has them.
    """

    def __init__(
        self, text: str, language: str, weights: Ranker, *, path: str = "", project: Project | None = None
    ) -> None:
        self._weights, self._tree = weights, flat(text, language)
        self._found = describe(self._tree, path=path)
        self._asked = proposals(self._found, weights.vocabulary.weight, language, project=project, path=path)

    def all(self, *, n: int = 5) -> NameSuggestions:
        """Suggest ``n`` names for each symbol."""
        return self._suggest(range(len(self._found)), n)

    def at(self, offset: int, *, n: int = 5) -> NameSuggestions:
        """Suggest ``n`` names for the symbols with an occurrence at a code point of the text, none or one."""
        starts, ends = self._tree.starts, self._tree.ends
        return self._suggest(
            [
                i
                for i, found in enumerate(self._found)
                if any(starts[j] <= offset <= ends[j] for j in found.symbol.occurrences)
            ],
            n,
        )

    def _suggest(self, only: Sequence[int], n: int) -> NameSuggestions:
        answers = self._weights.rank(self._found, self._asked, n=n, only=only)
        known = self._weights.vocabulary.part_ids
        items = (_item(self._tree, self._found, i, answer, known) for i, answer in zip(only, answers, strict=True))
        return NameSuggestions(items=tuple(items))


def _item(
    tree: Flat, found: list[Described], i: int, answer: tuple[list[Ranked], float], known: Container[str]
) -> NamedSymbol:
    ranked, p = answer
    symbol = found[i].symbol
    line, column = _place(tree, symbol)
    told = tuple(Proposal(name=r.name, p=r.p, reason=_reason(tree, found, r)) for r in ranked)
    return NamedSymbol(
        name=symbol.name, sort=symbol.sort, how=symbol.how, line=line, column=column, sure=symbol.sure, p=p,
        spans=tuple((tree.starts[j], tree.ends[j]) for j in symbol.occurrences), proposals=told,
        rename=bool(ranked) and symbol.sure and is_better(symbol.name, p, ranked[0], known),
    )  # fmt: skip


def is_better(name: str, p: float, best: Ranked, known: Container[str]) -> bool:
    """Tell whether ``best`` is clearly better than ``name`` with probability ``p``; ``known`` are words of names.

    A name that shares a word with it is good enough, one that another variable beside it has is no choice, one letter
    is no better than a word, and a composer is too sure of what it weighs.
    """
    words = subtokens(name)
    used = best.candidate is not None and best.candidate.used
    shorter = len(best.name) == 1 < len(name) and all(word in known for word in words)
    clear = best.p >= LIKELY and p <= UNLIKELY and not best.weighed
    return clear and not used and not shorter and not set(words) & set(subtokens(best.name))


def _place(tree: Flat, symbol: Symbol) -> tuple[int, int]:
    start = tree.starts[symbol.declared]
    before = max(tree.text.rfind("\n", 0, start), tree.text.rfind("\r", 0, start))
    return line_of(tree.text, start), start - before


def _reason(tree: Flat, found: list[Described], ranked: Ranked) -> str:
    candidate = ranked.candidate
    if ranked.composed:
        return "composed"
    if candidate is None:
        return "usual"
    if candidate.vote is not None:
        return f"as in line {_place(tree, found[candidate.vote.nearest].symbol)[0]}"
    if candidate.project is not None:
        return "as in the project"
    roles = [source.partition("~")[0].partition(".")[0] for source in candidate.sources]
    return next((_WHY[role] for role in _WHY if role in roles), roles[0])
