"""Scopes and declarations of JavaScript (ECMA-262, sections 8.2, 10.2 and 14.3)."""

from typing import Final

from learnsys.complete.names.flat import Flat
from learnsys.complete.names.rules import OTHER, Binding, Rules

ROUTINES: Final = frozenset(
    {
        "function_declaration", "function_expression", "arrow_function", "method_definition",
        "generator_function_declaration", "generator_function",
    }
)  # fmt: skip
BLOCKS: Final = frozenset(
    {
        "program",
        "statement_block",
        "for_statement",
        "for_in_statement",
        "catch_clause",
        "switch_body",
        "class_body",
        "class_static_block",
    }
)
SCOPES: Final = ROUTINES | BLOCKS
_HOISTED: Final = ROUTINES | {"program", "class_static_block"}
_PATTERNS: Final = frozenset({"object_pattern", "array_pattern", "rest_pattern", "object_assignment_pattern"})
_IMPORTS: Final = frozenset({"import_clause", "import_specifier", "namespace_import"})
_DECLARED: Final = frozenset({"function_declaration", "generator_function_declaration"})
_EXPRESSIONS: Final = frozenset({"function_expression", "generator_function"})


def binding(tree: Flat, i: int) -> Binding | None:
    """Tell what leaf ``i`` declares."""
    parent, field = tree.parents[i], tree.fields[i]
    kind = tree.types[parent]
    if tree.types[i] in ("property_identifier", "private_property_identifier"):
        return _member(tree, i)
    if tree.types[i] == "shorthand_property_identifier":
        return None
    if field == "name":
        if kind in _DECLARED:
            return Binding(tree.within(parent, SCOPES), "function", parent)
        if kind in _EXPRESSIONS:
            return Binding(parent, "function", parent, False)
        if kind in ("class_declaration", "class"):
            return Binding(tree.within(parent, SCOPES), OTHER)
    if kind in _IMPORTS:
        named = kind == "import_specifier" and field == "name" and tree.field(parent, "alias") >= 0
        return None if named else Binding(0, OTHER)
    return _variable(tree, *_out_of_pattern(tree, i))


def _out_of_pattern(tree: Flat, i: int) -> tuple[int, int]:
    """Climb out of destructuring to the node that stands where a plain name would; return it and its parent."""
    node, parent = i, tree.parents[i]
    while True:
        kind, field = tree.types[parent], tree.fields[node]
        inside = kind in _PATTERNS or (kind == "pair_pattern" and field == "value")
        if not (inside and field != "right") and not (kind == "assignment_pattern" and field == "left"):
            return node, parent
        node, parent = parent, tree.parents[parent]


def _variable(tree: Flat, node: int, parent: int) -> Binding | None:
    kind, field = tree.types[parent], tree.fields[node]
    if kind == "variable_declarator" and field == "name":
        value = tree.field(parent, "value")
        body = value if value >= 0 and tree.types[value] in ROUTINES and tree.is_leaf(node) else -1
        if value >= 0 and _is_require(tree, value):
            return Binding(_hoist(tree, parent), OTHER)
        if tree.types[tree.parents[parent]] == "variable_declaration":
            return Binding(_hoist(tree, parent), "var", body)
        how = tree.field(tree.parents[parent], "kind")
        return Binding(tree.within(parent, SCOPES), tree.spelled(how) if how >= 0 else "let", body)
    if kind == "formal_parameters":
        return Binding(tree.parents[parent], "parameter")
    if kind == "arrow_function" and field == "parameter":
        return Binding(parent, "parameter")
    if kind == "catch_clause" and field == "parameter":
        return Binding(parent, "catch")
    if kind == "for_in_statement" and field == "left" and (how := tree.field(parent, "kind")) >= 0:
        return Binding(_hoist(tree, parent) if tree.spelled(how) == "var" else parent, "for")
    return None


def _hoist(tree: Flat, node: int) -> int:
    return tree.within(node, _HOISTED)


def _is_require(tree: Flat, value: int) -> bool:
    while tree.types[value] in ("member_expression", "call_expression", "await_expression", "import"):
        inner = next((child for child in tree.children(value) if tree.fields[child] in ("object", "function", "")), -1)
        if inner < 0 or tree.types[value] == "import":
            return tree.types[value] == "import"
        value = inner
    return tree.spelled(value) in ("require", "import")


def _member(tree: Flat, i: int) -> Binding | None:
    """Tell whether a property names a routine: a method, or a function that is assigned to it."""
    parent, field = tree.parents[i], tree.fields[i]
    kind = tree.types[parent]
    if kind == "method_definition" and field == "name":
        return Binding(-1, "method", parent)
    if (kind == "pair" and field == "key") or (kind == "field_definition" and field == "property"):
        return _assigned(tree, tree.field(parent, "value"))
    if kind == "member_expression" and field == "property" and tree.fields[parent] == "left":
        above = tree.parents[parent]
        if tree.types[above] == "assignment_expression":
            return _assigned(tree, tree.field(above, "right"))
    return None


def _assigned(tree: Flat, value: int) -> Binding | None:
    return Binding(-1, "method", value) if value >= 0 and tree.types[value] in ROUTINES else None


def is_reference(tree: Flat, i: int) -> bool:
    """Tell whether leaf ``i`` stands for a variable or function."""
    return tree.types[i] in ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")


def fixed(word: str) -> bool:
    """Tell whether a name is given by the language."""
    return word in ("constructor", "arguments", "undefined", "toString", "valueOf", "toJSON", "_", "exports", "module")


RULES: Final = Rules(
    leaves=frozenset({
        "identifier", "property_identifier", "private_property_identifier", "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
    }),
    scopes=SCOPES, routines=ROUTINES, dynamic=frozenset({"with_statement"}), lookups=frozenset({"eval"}),
    binding=binding, is_reference=is_reference, fixed=fixed,
)  # fmt: skip
