"""All that a file says about a symbol except its name, as facts, and as the features that a model counts on."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final, final

import msgspec

from learnsys.complete.lexing.subtokens import subtokens
from learnsys.complete.names.expressions import ARGUMENTS, CALLS, View
from learnsys.complete.names.flat import Flat
from learnsys.complete.names.kin import Group, group, groups, standing
from learnsys.complete.names.routines import (
    CLASSES,
    class_name,
    inside,
    outside,
    parameters,
    routine_name,
    types,
)
from learnsys.complete.names.scopes import Symbol, symbols
from learnsys.complete.names.usage import Fact, expression, facts

MOST: Final = 160  # facts of a symbol; long routines say the same again and again
_EMPTY: Final = frozenset(  # words of a comment that name nothing
    {
        "the", "a", "an", "of", "this", "that", "is", "are", "to", "in", "for", "and", "or", "be", "it", "its", "with",
        "on", "by", "from", "as", "at", "method", "function", "param", "given",
    }
)  # fmt: skip
USES: Final = 16  # occurrences that are looked at


@final
class Described(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A symbol and the facts about it, each once, in the order of the file.

    ``kin`` tells for a routine where it stands, which is read only where its name is composed.
    """

    symbol: Symbol
    facts: tuple[Fact, ...]
    kin: tuple[Fact, ...] = ()

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The facts as features: role and whole word, role and each of its sub-tokens."""
        found: dict[str, None] = {}
        for role, word in self.facts:
            found[f"{role}={word}"] = None
            parts = _parts(word)
            if len(parts) > 1 or parts[0] != word:
                found.update(dict.fromkeys(f"{role}:{part}" for part in parts))
        return tuple(found)


@lru_cache(100_000)
def _parts(word: str) -> tuple[str, ...]:
    return subtokens(word)[:6]


def describe(tree: Flat, *, path: str = "", strict: bool = False) -> list[Described]:
    """Describe every symbol of a file; the name of its ``path`` says something about its routines.

    A symbol's own occurrences are hidden, and for routines everything that is spelled the same. ``strict`` hides that
    for variables too.

    Examples
    --------
    >>> from learnsys.complete.names.flat import flat
    >>> found = describe(flat("function f(a) { return a.length }", "js"))
    >>> ("prop", "length") in found[1].facts, ("returns", "length") in found[0].facts
    (True, True)
    """
    found = symbols(tree)
    calls = _calls(tree)
    beside = groups(tree, found)
    return [_describe(tree, symbol, calls, beside, strict, path) for symbol in found]


def _describe(
    tree: Flat, symbol: Symbol, calls: dict[str, list[int]], beside: dict[Group, list[Symbol]], strict: bool, path: str
) -> Described:
    banned = symbol.name if strict or symbol.sort == "routine" else ""
    view = View(tree=tree, hidden=frozenset(symbol.occurrences), banned=banned)
    if symbol.sort == "variable":
        return Described(symbol=symbol, facts=_kept(_variable(view, symbol, calls)))
    folder, _, file = path.rpartition("/")
    told = _routine(view, symbol, file.partition(".")[0])
    kin = standing(view, symbol, beside[group(tree, symbol)], folder.rpartition("/")[2])
    return Described(symbol=symbol, facts=_kept(told), kin=_kept(kin))


def _kept(told: Iterator[Fact]) -> tuple[Fact, ...]:
    return tuple(islice(dict.fromkeys((role, word) for role, word in told if word), MOST))


def _routine(view: View, symbol: Symbol, stem: str) -> Iterator[Fact]:
    yield "sort", "routine"
    yield "how", "routine." + symbol.how
    if stem:
        yield "file", stem
    yield from _documented(view, symbol)
    yield from outside(view, symbol.occurrences[:USES], symbol.body)
    yield "routine", routine_name(view, symbol.routine)
    yield from inside(view, symbol.body)


def _documented(view: View, symbol: Symbol) -> Iterator[Fact]:
    """Yield the words of the first sentence of a comment as ``doc``, then some of the rest."""
    first, _, rest = re.sub(r"(?<=\w\w)\.(?=\s)|@|\n\s*\W*\n", "\0", _comment(view.tree, symbol.body)).partition("\0")
    told = [word for word in view.words(first, symbol.name, 16) if word.lower() not in _EMPTY]
    yield from (("doc", word) for word in told[:8])
    more = [word for word in view.words(rest, symbol.name, 16) if word.lower() not in _EMPTY]
    yield from (("doc.more", word) for word in more[:6])


def _variable(view: View, symbol: Symbol, calls: dict[str, list[int]]) -> Iterator[Fact]:
    tree = view.tree
    yield "sort", "variable"
    yield "how", symbol.how
    yield "uses", str(min(len(symbol.occurrences), 6))
    yield from _typed(view, symbol.declared)
    if symbol.how == "parameter":
        yield from _parameter(view, symbol, calls)
    for i in symbol.occurrences[:USES]:
        yield from facts(view, i)
    yield "routine", routine_name(view, symbol.routine)
    around = tree.within(symbol.declared, CLASSES)
    yield "class", class_name(view, around)


def _typed(view: View, i: int) -> Iterator[Fact]:
    tree = view.tree
    node = tree.parents[i]
    while node >= 0 and ("declarator" in tree.types[node] or tree.types[node].endswith("splat_pattern")):
        node = tree.parents[node]
    yield from types(view, "type", tree.field(node, "type") if node >= 0 else -1)


def _parameter(view: View, symbol: Symbol, calls: dict[str, list[int]]) -> Iterator[Fact]:
    tree, routine = view.tree, symbol.routine
    node, parent = symbol.declared, tree.parents[symbol.declared]
    while (
        parent != routine
        and tree.parents[parent] >= 0
        and tree.fields[parent] not in ("parameters",)
        and tree.types[parent] not in ("parameters", "lambda_parameters", "formal_parameters", "parameter_list")
    ):
        node, parent = parent, tree.parents[parent]
    siblings = [node] if parent == routine else list(tree.children(parent))
    place = siblings.index(node) if node in siblings else 0
    yield "place", f"{place}/{len(siblings)}"
    yield from (("with", word) for word in parameters(view, routine))
    name = routine_name(view, routine)
    if name:
        yield "routine.place", f"{name}#{place}"
    yield from (("doc", word) for word in _told(view, routine, symbol.name))
    yield from _passed(view, routine, name, place, calls)


def _passed(view: View, routine: int, name: str, place: int, calls: dict[str, list[int]]) -> Iterator[Fact]:
    """Yield what callers pass there; and for a function that is itself an argument, whom it is passed to."""
    tree = view.tree
    shift = int(next(parameters(view, routine), "") in ("self", "cls"))
    for call in calls.get(name, ())[:6]:
        argument = next(islice(view.arguments(call), place - shift, None), -1) if place >= shift else -1
        if argument >= 0 and tree.types[argument] != "keyword_argument":
            yield from expression(view, "passed", argument)
    if (
        tree.types[tree.parents[routine]] in ARGUMENTS
        and tree.types[call := tree.parents[tree.parents[routine]]] in CALLS
    ):
        called = view.head(call)
        yield "callback", f"{called.word}#{place}"
        yield "callback.on", called.on
        yield from (
            ("callback.arg", view.head(other).word) for other in islice(view.arguments(call), 3) if other != routine
        )


def _calls(tree: Flat) -> dict[str, list[int]]:
    """Return the calls of a file by the name that is called."""
    view = View(tree=tree, hidden=frozenset())
    found: dict[str, list[int]] = {}
    for i, kind in enumerate(tree.types):
        if kind in CALLS and (word := view.head(i).word):
            found.setdefault(word, []).append(i)
    return found


def _comment(tree: Flat, body: int) -> str:
    """Return the comment above a routine, or its docstring."""
    if tree.language == "py":
        block = tree.field(body, "body")
        first = block + 2
        return tree.spelled(first)[:400] if block >= 0 and first < len(tree) and tree.types[first] == "string" else ""
    node = body
    while tree.parents[node] >= 0:
        before = node - 1
        while (
            before > tree.parents[node]
            and tree.types[before] != "comment"
            and tree.parents[before] != tree.parents[node]
        ):
            before = tree.parents[before]
        if (
            before > tree.parents[node]
            and tree.types[before] == "comment"
            and tree.ends[before] + 120 > tree.starts[node]
        ):
            return tree.spelled(before)[:400]
        if tree.starts[tree.parents[node]] < tree.starts[node] - 60 or "block" in tree.types[tree.parents[node]]:
            return ""
        node = tree.parents[node]
    return ""


def _told(view: View, routine: int, name: str) -> Sequence[str]:
    """Return what the comment of a routine says in the line about parameter ``name``."""
    text = _comment(view.tree, routine)
    lines = [line for line in text.splitlines() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line)]
    formal = [line for line in lines if "param" in line or re.search(rf"^\W*{re.escape(name)}\s*:", line)]
    return view.words(next(iter(formal or lines), ""), name, 8)
