"""Where a routine stands: among which siblings, in what class or object, with which base, decorators and modifiers.

A routine is often called like the routines beside it (``parseLine`` beside ``parseBlock``), or like the one that
another class has in its place.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from learnsys.complete.names.expressions import CALLS, MEMBERS, View
from learnsys.complete.names.flat import Flat
from learnsys.complete.names.routines import CLASSES
from learnsys.complete.names.rules import Rules
from learnsys.complete.names.scopes import RULES, Symbol
from learnsys.complete.names.usage import Fact

NEAR: Final = 6  # siblings that are told, to each side
_BASES: Final = frozenset({"class_heritage", "argument_list", "base_class_clause"})
_MODIFIERS: Final = frozenset({"static", "async", "get", "set", "virtual", "inline", "explicit", "friend", "constexpr"})

Group = tuple[int, str]


def groups(tree: Flat, found: Sequence[Symbol]) -> dict[Group, list[Symbol]]:
    """Return the routines that stand beside each other: in one class, object or routine, or on one receiver."""
    made: defaultdict[Group, list[Symbol]] = defaultdict(list)
    for symbol in found:
        if symbol.sort == "routine":
            made[group(tree, symbol)].append(symbol)
    return made


def group(tree: Flat, symbol: Symbol) -> Group:
    """Return the node in which a routine stands, and its receiver as written (``Foo`` of ``Foo::get``)."""
    parent = tree.parents[symbol.declared]
    holder = tree.within(symbol.body, _holders(RULES[tree.language]))
    member = tree.types[parent] in MEMBERS and tree.fields[symbol.declared] == MEMBERS[tree.types[parent]][1]
    if member or tree.types[parent] == "qualified_identifier":
        return holder, tree.spelled(parent + 1)[:60]
    return holder, ""


def _holders(rules: Rules) -> frozenset[str]:
    return CLASSES | rules.routines | {"object"}


def standing(view: View, symbol: Symbol, beside: Sequence[Symbol], folder: str = "") -> Iterator[Fact]:
    """Yield what the place of a routine says.

    ``beside`` are the routines of its group, itself among them; ``folder`` is that of its file.
    """
    yield "folder", folder
    yield from _around(view, symbol)
    yield from _marks(view, symbol)
    here = beside.index(symbol)
    names = [other.name for other in beside]
    yield "before", next((name for name in reversed(names[:here]) if name != symbol.name), "")
    yield "after", next((name for name in names[here + 1 :] if name != symbol.name), "")
    near = names[max(0, here - NEAR) : here + NEAR + 1]
    yield from (("sibling", name) for name in near if name != symbol.name)


def _around(view: View, symbol: Symbol) -> Iterator[Fact]:
    tree = view.tree
    holder, receiver = group(tree, symbol)
    if receiver:
        words = [word for word in view.words(receiver.replace(".", " "), symbol.name) if word != "prototype"]
        yield from (("owner", word) for word in words[-1:])
    elif holder >= 0 and tree.types[holder] == "object":
        yield "owner", _target(view, holder)
    around = tree.within(symbol.body, CLASSES)
    if around >= 0:
        yield from (("base", word) for word in _bases(view, around))


def _marks(view: View, symbol: Symbol) -> Iterator[Fact]:
    """Yield decorators, modifiers and the size of a routine, the latter in doublings of its nodes."""
    tree = view.tree
    above = tree.parents[symbol.body]
    if tree.types[above] == "decorated_definition":
        yield from (("decorator", view.head(c + 1).word) for c in tree.children(above) if tree.types[c] == "decorator")
    begin = tree.text[tree.starts[symbol.body] : tree.starts[symbol.body] + 60].replace("(", " ").split()
    yield from (("modifier", word) for word in begin[:4] if word in _MODIFIERS and word != symbol.name)
    yield "size", str((tree.last[symbol.body] - symbol.body).bit_length())


def _bases(view: View, around: int) -> Iterator[str]:
    tree = view.tree
    for child in tree.children(around):
        if tree.types[child] in _BASES:
            yield from (
                view.head(c).word
                for c in tree.children(child)
                if tree.types[c] not in ("access_specifier", "keyword_argument")
            )


def _target(view: View, holder: int) -> str:
    """Return what an object is: the variable or property that holds it, or whom it is passed to."""
    tree = view.tree
    parent = tree.parents[holder]
    if tree.fields[parent] == "arguments" and tree.types[tree.parents[parent]] in CALLS:
        return view.head(tree.parents[parent]).word
    target = next((c for c in tree.children(parent) if tree.fields[c] in ("name", "left", "key")), -1)
    return view.head(target).word if 0 <= target < holder else ""
