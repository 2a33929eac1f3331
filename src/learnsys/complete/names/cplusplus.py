"""Scopes and declarations of C++ (ISO 14882, [basic.scope]); macros and templates make much of it unsure."""

from typing import Final

from learnsys.complete.names.flat import Flat
from learnsys.complete.names.rules import OTHER, Binding, Rules

ROUTINES: Final = frozenset({"function_definition", "lambda_expression"})
SCOPES: Final = ROUTINES | {
    "translation_unit",
    "compound_statement",
    "for_statement",
    "for_range_loop",
    "catch_clause",
    "if_statement",
    "while_statement",
    "switch_statement",
    "namespace_definition",
    "class_specifier",
    "struct_specifier",
    "case_statement",
}
_DECLARATORS: Final = frozenset(
    {
        "pointer_declarator", "reference_declarator", "array_declarator", "parenthesized_declarator",
        "structured_binding_declarator", "attributed_declarator", "variadic_declarator", "init_declarator",
    }
)  # fmt: skip
_PARAMETERS: Final = frozenset(
    {"parameter_declaration", "optional_parameter_declaration", "variadic_parameter_declaration"}
)
_CLASSES: Final = frozenset({"class_specifier", "struct_specifier", "union_specifier"})


def binding(tree: Flat, i: int) -> Binding | None:
    """Tell what leaf ``i`` declares."""
    node, parent = i, tree.parents[i]
    while tree.types[parent] == "qualified_identifier" and tree.fields[node] == "name":
        node, parent = parent, tree.parents[parent]
    if tree.types[parent] == "lambda_capture_initializer" and tree.fields[node] == "left":
        return Binding(tree.within(parent, ROUTINES), "capture")
    node, parent = _climb(tree, node, parent)
    if tree.types[parent] == "function_declarator" and tree.fields[node] == "declarator":
        return _function(tree, i, parent)
    if (
        tree.fields[node] != "declarator"
        or tree.types[i] != "identifier"
        or tree.types[tree.parents[i]] == "qualified_identifier"
    ):
        return None
    return _variable(tree, i, parent)


def _climb(tree: Flat, node: int, parent: int) -> tuple[int, int]:
    while tree.types[parent] in _DECLARATORS and tree.fields[node] not in ("value", "size"):
        node, parent = parent, tree.parents[parent]
    return node, parent


def _variable(tree: Flat, i: int, parent: int) -> Binding | None:
    kind = tree.types[parent]
    if kind in _PARAMETERS:
        routine = _routine_of(tree, tree.parents[parent])
        return None if routine < 0 else Binding(routine, "parameter")
    if kind == "for_range_loop":
        return Binding(parent, "for")
    if kind == "declaration":
        value = tree.field(tree.parents[i], "value")
        body = value if value >= 0 and tree.types[value] == "lambda_expression" else -1
        scope = tree.within(parent, SCOPES)
        return Binding(scope, OTHER if tree.types[scope] in _CLASSES else "variable", body)
    return None


def _routine_of(tree: Flat, parameters: int) -> int:
    """Return the routine whose body these parameters reach, -1 for a mere prototype."""
    node = tree.parents[parameters]
    if tree.types[node] == "catch_clause":
        return node
    while node >= 0 and tree.types[node] not in ROUTINES:
        if "declarator" not in tree.types[node]:
            return -1
        node = tree.parents[node]
    return node


def _function(tree: Flat, i: int, declarator: int) -> Binding | None:
    node = tree.parents[declarator]
    while tree.types[node] in ("pointer_declarator", "reference_declarator"):
        node = tree.parents[node]
    if tree.types[node] != "function_definition" or tree.types[i] == "type_identifier":
        return None
    scope = tree.within(node, SCOPES)
    member = tree.types[i] == "field_identifier" or tree.types[tree.parents[i]] == "qualified_identifier"
    if tree.types[i] == "identifier" and tree.types[scope] in _CLASSES:
        return None  # a constructor has the name of its class
    if member and tree.types[tree.parents[i]] == "qualified_identifier":
        around = tree.field(tree.parents[i], "scope")
        if around >= 0 and tree.spelled(i) == tree.spelled(around).partition("<")[0]:
            return None
    return Binding(-1, "method" if member else "function", node)


def is_reference(tree: Flat, i: int) -> bool:
    """Tell whether leaf ``i`` stands for a variable or function."""
    return tree.types[i] == "identifier" and tree.types[tree.parents[i]] not in (
        "qualified_identifier",
        "preproc_def",
        "preproc_params",
    )


def fixed(word: str) -> bool:
    """Tell whether a name is given by the language or by custom."""
    return word in ("main", "_", "begin", "end", "swap", "size", "operator")


RULES: Final = Rules(
    leaves=frozenset({"identifier", "field_identifier"}), scopes=SCOPES, routines=ROUTINES, ordered=True,
    dynamic=frozenset({"preproc_def", "preproc_function_def"}), binding=binding, is_reference=is_reference, fixed=fixed,
)  # fmt: skip
