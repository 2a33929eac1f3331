"""What a routine says about its own name: parameters, what it returns and calls, its callers, the comment above it."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from learnsys.complete.names.expressions import CALLS, MEMBERS, View
from learnsys.complete.names.scopes import RULES
from learnsys.complete.names.usage import Fact, expression, facts

CLASSES: Final = frozenset(
    {"class_declaration", "class", "class_definition", "class_specifier", "struct_specifier", "namespace_definition"}
)
_MOST: Final = 24  # of each role in a long body


def inside(view: View, body: int) -> Iterator[Fact]:
    """Yield what the parts of routine ``body`` say."""
    tree = view.tree
    routines = RULES[tree.language].routines
    yield "form", tree.types[body]
    yield from (("parameter", word) for word in parameters(view, body))
    yield "parameters", str(sum(1 for _ in parameters(view, body)))
    node, seen, first = body + 1, dict.fromkeys(("calls", "reads", "puts", "text"), 0), True
    while node <= tree.last[body]:
        kind = tree.types[node]
        if kind in ("return_statement", "throw_statement", "raise_statement") and tree.within(node, routines) == body:
            role = "returns" if kind == "return_statement" else "throws"
            yield from islice(expression(view, role, next(tree.children(node), -1)), 6)
        for role, word in _part(view, node):
            seen[role] += 1
            if seen[role] <= _MOST:
                yield role, word
                if first and role == "calls":
                    yield "first", word
                    first = False
        node += 1
    value = tree.field(body, "body")
    if value >= 0 and "block" not in tree.types[value] and "statement" not in tree.types[value]:
        yield from expression(view, "returns", value)
    result = tree.field(body, "return_type")
    yield from types(view, "gives", result if result >= 0 else tree.field(body, "type"))


def _part(view: View, node: int) -> Iterator[Fact]:
    tree = view.tree
    kind = tree.types[node]
    if kind in CALLS:
        yield "calls", view.head(node).word
    elif kind in MEMBERS:
        above = tree.parents[node]
        if tree.types[above] not in CALLS:
            put = tree.fields[node] == "left" and "assignment" in tree.types[above]
            yield ("puts" if put else "reads"), view.head(node).word
    elif kind in ("string_fragment", "string_content"):
        yield "text", view.content(node)


def parameters(view: View, body: int) -> Iterator[str]:
    """Yield the names of the parameters of a routine."""
    tree = view.tree
    found = tree.field(body, "parameters")
    if found < 0 and (declarator := tree.field(body, "declarator")) >= 0:
        found = next((i for i in range(declarator, tree.last[declarator] + 1) if tree.fields[i] == "parameters"), -1)
    if found < 0:
        found = tree.field(body, "parameter")
    if found < 0:
        return
    if tree.is_leaf(found):
        yield view.spell(found)
    for child in tree.children(found):
        if (leaf := declared_leaf(view, child)) >= 0:
            yield view.spell(leaf)


def declared_leaf(view: View, parameter: int) -> int:
    """Return the leaf that names a parameter, -1 for a pattern."""
    tree = view.tree
    node = parameter
    while not tree.is_leaf(node):
        inner = next((c for c in tree.children(node) if tree.fields[c] in ("name", "declarator", "left")), -1)
        if inner < 0:
            inner = next(
                (c for c in tree.children(node) if tree.types[c] == "identifier" or "declarator" in tree.types[c]), -1
            )
        if inner < 0:
            return -1
        node = inner
    return node if "identifier" in tree.types[node] else -1


def types(view: View, role: str, i: int) -> Iterator[Fact]:
    """Yield the names in a type."""
    if i >= 0:
        leaves = (j for j in range(i, view.tree.last[i] + 1) if view.tree.is_leaf(j))
        yield from ((role, view.spell(j)) for j in islice(leaves, 5))


def outside(view: View, occurrences: tuple[int, ...], body: int) -> Iterator[Fact]:
    """Yield what surrounds a routine and its uses."""
    tree = view.tree
    for i in occurrences:
        node, parent = i, tree.parents[i]
        if tree.types[parent] in MEMBERS and tree.fields[node] == MEMBERS[tree.types[parent]][1]:
            yield "of", view.head(tree.field(parent, MEMBERS[tree.types[parent]][0])).word
            node, parent = parent, tree.parents[parent]
        if tree.types[parent] in CALLS and tree.fields[node] == CALLS[tree.types[parent]]:
            yield from (("taken." + role, word) for role, word in facts(view, parent))
            yield from (("given", view.head(argument).word) for argument in islice(view.arguments(parent), 4))
        elif not body - 3 <= i <= body + 3:
            yield from (("used." + role, word) for role, word in facts(view, node))
    around = tree.within(body, CLASSES)
    if around >= 0:
        yield "class", class_name(view, around)


def class_name(view: View, node: int) -> str:
    """Return the name of a class."""
    return view.spell_leaf(view.tree.field(node, "name")) if node >= 0 else ""


def routine_name(view: View, body: int) -> str:
    """Return the name of a routine: its own, or that of what it is assigned to."""
    tree = view.tree
    if body < 0:
        return ""
    if (name := tree.field(body, "name")) >= 0:
        return view.spell(name)
    if (declarator := tree.field(body, "declarator")) >= 0:
        inner = tree.field(declarator, "declarator")
        return view.head(inner).word if inner >= 0 else ""
    parent = tree.parents[body]
    target = next((c for c in tree.children(parent) if tree.fields[c] in ("name", "left", "key", "property")), -1)
    return view.head(target).word if 0 <= target < body else ""
