"""What each occurrence of a variable says about it: what it is made from, where it goes, what is read from it.

A fact is a role and a word: ``("arg", "appendChild")`` for ``list.appendChild(x)``. Words are as written; roles tell
how they relate to the variable. Everything is read through a `View`, so the variable's own name is never seen.
"""

from collections.abc import Iterator
from typing import Final

from learnsys.complete.names.expressions import ARGUMENTS, CALLS, ITEMS, MEMBERS, STRINGS, View

Fact = tuple[str, str]
_CLIMBED: Final = frozenset(
    {
        "parenthesized_expression", "await_expression", "await", "spread_element", "list_splat", "dictionary_splat",
        "pointer_expression", "reference_declarator", "pointer_declarator", "array_declarator", "cast_expression",
        "as_pattern_target", "condition_clause", "non_null_expression",
    }
)  # fmt: skip
_BINARY: Final = frozenset({"binary_expression", "boolean_operator", "comparison_operator", "binary_operator"})
_UNARY: Final = frozenset({"unary_expression", "unary_operator", "not_operator", "update_expression"})
_PATTERNS: Final = frozenset(
    {
        "array_pattern",
        "object_pattern",
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "structured_binding_declarator",
        "rest_pattern",
        "pair_pattern",
        "object_assignment_pattern",
    }
)
_SET: Final = {
    "variable_declarator": ("name", "value"),
    "init_declarator": ("declarator", "value"),
    "assignment": ("left", "right"),
    "assignment_expression": ("left", "right"),
    "augmented_assignment_expression": ("left", "right"),
    "augmented_assignment": ("left", "right"),
    "named_expression": ("name", "value"),
    "declaration": ("declarator", "value"),
    "assignment_pattern": ("left", "right"),
    "default_parameter": ("name", "value"),
    "typed_default_parameter": ("name", "value"),
    "optional_parameter_declaration": ("declarator", "default_value"),
    "lambda_capture_initializer": ("left", "right"),
}
_LOOPS: Final = {
    "for_in_statement": ("left", "right"),
    "for_statement": ("left", "right"),
    "for_in_clause": ("left", "right"),
    "for_range_loop": ("declarator", "right"),
}
_LEFT: Final = {
    "return_statement": "returned",
    "throw_statement": "thrown",
    "raise_statement": "thrown",
    "yield": "yielded",
    "yield_expression": "yielded",
}


def facts(view: View, i: int) -> Iterator[Fact]:
    """Yield what occurrence ``i`` says."""
    tree = view.tree
    node, parent = i, tree.parents[i]
    while tree.types[parent] in _CLIMBED:
        yield "wrapped", tree.types[parent] + (tree.spelled(parent)[:1] if "pointer" in tree.types[parent] else "")
        node, parent = parent, tree.parents[parent]
    if tree.types[parent] in _PATTERNS:
        yield from _pattern(view, node, parent)
        while tree.types[parent] in _PATTERNS or tree.types[parent] in _CLIMBED:
            node, parent = parent, tree.parents[parent]
    kind = tree.types[parent]
    if kind in _SET:
        yield from _set(view, node, parent)
    elif kind in MEMBERS:
        yield from _member(view, parent)
    elif kind in ARGUMENTS:
        yield from _argument(view, node, parent)
    elif kind in CALLS:
        yield "invoked", kind
        yield from (("invoked.arg", view.head(argument).word) for argument in view.arguments(parent))
    elif kind in ITEMS:
        yield from _item(view, node, parent)
    elif kind == "subscript_argument_list":
        yield "index", view.head(tree.parents[parent]).word
    else:
        yield from _other(view, node, parent)


def _set(view: View, node: int, parent: int) -> Iterator[Fact]:
    tree = view.tree
    left, right = _SET[tree.types[parent]]
    sign = "augment" if tree.types[parent].startswith("augmented") else ""
    if tree.fields[node] == left:
        role = sign or ("init" if left != "left" or tree.types[parent] != "assignment_expression" else "again")
        yield from expression(view, role, tree.field(parent, right))
        above = tree.parents[parent]
        if tree.types[above] in _SET and tree.fields[parent] == _SET[tree.types[above]][1]:
            yield "chained", view.head(tree.field(above, _SET[tree.types[above]][0])).word
    elif tree.fields[node] == right:
        target = view.head(tree.field(parent, left))
        yield "to", target.word
        yield "to.shape", target.shape
        yield "to.on", target.on
    if sign:
        yield "augment", tree.spelled(tree.field(parent, "operator")) if tree.field(parent, "operator") >= 0 else "="


def expression(view: View, role: str, i: int) -> Iterator[Fact]:
    """Yield what an expression says that gives a variable its value."""
    if i < 0:
        yield role + ".shape", "nothing"
        return
    tree = view.tree
    while tree.types[i] in ("await", "await_expression", "parenthesized_expression") and not tree.is_leaf(i):
        yield role + ".wrapped", tree.types[i]
        i += 1
    found = view.head(i)
    yield role, found.word
    yield role + ".shape", found.shape
    yield role + ".on", found.on
    if tree.types[i] in CALLS:
        for argument in list(view.arguments(i))[:4]:
            yield role + ".arg", view.head(argument).word
    elif tree.types[i] in ITEMS:
        yield role + ".index", view.head(view.index(i)).word
    elif not tree.is_leaf(i):
        inner = [
            c for c in tree.children(i) if not tree.fields[c].startswith("operator") and tree.types[c] not in STRINGS
        ]
        yield from ((role + ".part", view.head(c).word) for c in inner[:4])


def _member(view: View, parent: int) -> Iterator[Fact]:
    tree = view.tree
    word = view.spell(tree.field(parent, MEMBERS[tree.types[parent]][1]))
    above = tree.parents[parent]
    if tree.types[above] in CALLS and tree.fields[parent] == CALLS[tree.types[above]]:
        yield "method", word
        yield from (("method.arg", view.head(argument).word) for argument in list(view.arguments(above))[:3])
        yield from (("method." + role, word) for role, word in _result(view, above))
    else:
        written = tree.types[above] in _SET and tree.fields[parent] == _SET[tree.types[above]][0]
        yield ("put" if written else "prop"), word
        yield from (("prop." + role, word) for role, word in _result(view, parent))


def _result(view: View, i: int) -> Iterator[Fact]:
    """Yield what becomes of the value of expression ``i``."""
    tree = view.tree
    parent = tree.parents[i]
    if tree.types[parent] in _SET and tree.fields[i] == _SET[tree.types[parent]][1]:
        yield "to", view.head(tree.field(parent, _SET[tree.types[parent]][0])).word


def _argument(view: View, node: int, parent: int) -> Iterator[Fact]:
    tree = view.tree
    call = tree.parents[parent]
    if tree.types[call] in _SET:  # Foo x(a), Foo x{a}
        yield "to", view.head(tree.field(call, _SET[tree.types[call]][0])).word
        return
    called = view.head(call)
    place = list(tree.children(parent)).index(node)
    yield "arg", called.word
    if called.word:
        yield "slot", f"{called.word}#{place}"
    yield "arg.on", called.on
    for other in list(tree.children(parent))[:5]:
        if other != node:
            yield "beside", view.head(other).word
    yield from (("arg." + role, word) for role, word in _result(view, call))


def _item(view: View, node: int, parent: int) -> Iterator[Fact]:
    if node != parent + 1:
        yield "index", view.head(parent).word
    else:
        found = view.head(view.index(parent))
        yield "indexed", found.word
        yield "indexed.shape", found.shape
        yield from (("item." + role, word) for role, word in _result(view, parent))


def _pattern(view: View, node: int, parent: int) -> Iterator[Fact]:
    tree = view.tree
    kind = tree.types[parent]
    if kind == "pair_pattern":
        yield "key", view.spell(tree.field(parent, "key"))
        node, parent = parent, tree.parents[parent]
    members = list(tree.children(parent))
    yield "unpacked", kind
    if kind != "object_pattern":
        yield "place", f"{members.index(node)}/{len(members)}"
    yield from (("with", view.spell_leaf(other)) for other in members[:6] if other != node)


def _other(view: View, node: int, parent: int) -> Iterator[Fact]:
    tree = view.tree
    kind, field = tree.types[parent], tree.fields[node]
    if kind in _LOOPS and field in _LOOPS[kind]:
        left, right = _LOOPS[kind]
        if field == left:
            yield from expression(view, "over", tree.field(parent, right))
        else:
            yield "iterated", view.head(tree.field(parent, left)).word
    elif kind in _BINARY:
        sign = next((tree.spelled(c) for c in tree.children(parent) if tree.fields[c].startswith("operator")), "?")
        other = next((c for c in tree.children(parent) if c != node and not tree.fields[c].startswith("operator")), -1)
        found = view.head(other)
        yield "op", sign + ("<" if other > node else ">")
        yield "op.shape", sign + found.shape
        yield "against", found.word
        yield from (("op." + role, word) for role, word in _result(view, parent))
    elif kind in _UNARY:
        sign = next((tree.spelled(c) for c in tree.children(parent) if tree.fields[c] == "operator"), "not")
        yield "unary", sign
        if sign == "typeof" and tree.types[tree.parents[parent]] in _BINARY:
            yield from (
                ("typeof", word) for role, word in _other(view, parent, tree.parents[parent]) if role == "against"
            )
    elif kind in ("pair", "keyword_argument") and field == "value":
        key = tree.field(parent, "key" if kind == "pair" else "name")
        yield "key", view.content(key) if tree.types[key] in STRINGS else view.spell_leaf(key)
    elif kind == "with_item" or kind == "as_pattern":
        yield from expression(view, "init", next(tree.children(parent)))
    else:
        yield _LEFT.get(kind, "in"), f"{kind}.{field}"
