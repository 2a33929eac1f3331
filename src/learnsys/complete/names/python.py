"""Scopes and declarations of Python (Language Reference, section 4.2)."""

from typing import Final

from learnsys.complete.names.flat import Flat
from learnsys.complete.names.rules import ATTRIBUTE, OTHER, Binding, Rules

COMPREHENSIONS: Final = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
ROUTINES: Final = frozenset({"function_definition", "lambda"})
SCOPES: Final = ROUTINES | COMPREHENSIONS | {"module", "class_definition"}
_FULL: Final = ROUTINES | {"module", "class_definition"}
_PARAMETERS: Final = frozenset({"parameters", "lambda_parameters"})
_TARGETS: Final = frozenset(
    {
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "list_splat_pattern",
        "as_pattern_target",
        "tuple",
        "list",
        "expression_list",
    }
)
_PARAMETER_FORMS: Final = frozenset(
    {
        "default_parameter",
        "typed_default_parameter",
        "typed_parameter",
        "list_splat_pattern",
        "dictionary_splat_pattern",
    }
)


def binding(tree: Flat, i: int) -> Binding | None:
    """Tell what leaf ``i`` declares."""
    found = _binding(tree, i)
    if found is None or found.scope < 0 or found.how == OTHER:
        return found
    return _told_elsewhere(tree, i, found)


def _binding(tree: Flat, i: int) -> Binding | None:
    parent, field = tree.parents[i], tree.fields[i]
    kind = tree.types[parent]
    if field == "name" and kind == "function_definition":
        scope = tree.within(parent, _FULL)
        member = tree.types[scope] == "class_definition"
        return Binding(-1, "method", parent) if member else Binding(scope, "function", parent)
    if field == "name" and kind == "class_definition":
        return Binding(tree.within(parent, _FULL), OTHER)
    if kind == "dotted_name" or kind == "aliased_import":
        return _imported(tree, i)
    return _parameter(tree, i) or _target(tree, i)


def _imported(tree: Flat, i: int) -> Binding | None:
    node = tree.parents[i]
    if tree.types[node] == "dotted_name" and tree.types[tree.parents[node]] == "aliased_import":
        return None
    above = node if tree.types[node] == "aliased_import" else tree.parents[node]
    above = tree.parents[above] if tree.types[above] == "aliased_import" else above
    if tree.types[above] not in ("import_statement", "import_from_statement") or tree.fields[node] == "module_name":
        return None
    first = tree.types[node] == "aliased_import" or node + 1 == i
    return Binding(tree.within(i, _FULL), OTHER) if first else None


def _parameter(tree: Flat, i: int) -> Binding | None:
    node, parent = i, tree.parents[i]
    how = "parameter"
    while tree.types[parent] in _PARAMETER_FORMS and tree.fields[node] in ("name", ""):
        if tree.types[parent].endswith("splat_pattern"):
            how = OTHER  # *args and **kwargs are named by custom
        node, parent = parent, tree.parents[parent]
    return Binding(tree.parents[parent], how) if tree.types[parent] in _PARAMETERS else None


def _target(tree: Flat, i: int) -> Binding | None:
    node, parent = i, tree.parents[i]
    while tree.types[parent] in _TARGETS:
        node, parent = parent, tree.parents[parent]
    kind, field = tree.types[parent], tree.fields[node]
    if kind == "delete_statement" or (kind == "named_expression" and field == "name"):
        return _assigned(tree, parent, "assignment")
    if kind in ("assignment", "augmented_assignment") and field == "left":
        value = tree.field(parent, "right")
        body = value if node == i and value >= 0 and tree.types[value] == "lambda" else -1
        return _assigned(tree, parent, "assignment", body)
    if kind == "for_statement" and field == "left":
        return _assigned(tree, parent, "for")
    if kind == "for_in_clause" and field == "left":
        return Binding(tree.parents[parent], "for")
    if kind == "as_pattern" and tree.types[node] == "as_pattern_target":
        clause = tree.within(
            parent, frozenset({"with_item", "except_clause", "except_group_clause", "case_clause", "block"})
        )
        return _assigned(tree, parent, "except" if tree.types[clause].startswith("except") else "with")
    return None


def _assigned(tree: Flat, node: int, how: str, body: int = -1) -> Binding:
    scope = tree.within(node, _FULL)
    return Binding(scope, ATTRIBUTE if tree.types[scope] == "class_definition" else how, body)


def _told_elsewhere(tree: Flat, i: int, found: Binding) -> Binding:
    """A name that its function calls global or nonlocal is no variable of that function."""
    if tree.types[found.scope] != "function_definition":
        return found
    word = tree.spelled(i)
    for node in range(found.scope, tree.last[found.scope] + 1):
        told = (
            tree.types[node] in ("global_statement", "nonlocal_statement") and tree.within(node, _FULL) == found.scope
        )
        if told and any(tree.spelled(child) == word for child in tree.children(node)):
            return Binding(_outer(tree, found.scope, tree.types[node]), OTHER)
    return found


def _outer(tree: Flat, scope: int, how: str) -> int:
    return 0 if how == "global_statement" else max(tree.within(scope, frozenset({"function_definition"})), 0)


def is_reference(tree: Flat, i: int) -> bool:
    """Tell whether leaf ``i`` stands for a variable or function."""
    kind, field = tree.types[tree.parents[i]], tree.fields[i]
    return not (
        (kind == "attribute" and field == "attribute")
        or (kind == "keyword_argument" and field == "name")
        or (kind == "dotted_name" and tree.types[tree.parents[tree.parents[i]]].startswith(("import", "aliased")))
    )


def beside(tree: Flat, node: int, inner: int, below: int) -> bool:
    """Defaults, annotations, bases and the first iterable of a comprehension are evaluated outside."""
    if tree.types[node] in COMPREHENSIONS:
        first = next((c for c in tree.children(node) if tree.types[c] == "for_in_clause"), -1)
        return inner == first and below >= 0 and tree.fields[below] == "right"
    return tree.types[node] != "module" and tree.fields[inner] != "body"


def fixed(word: str) -> bool:
    """Tell whether a name is given by the language or by custom."""
    return word in ("self", "cls", "_", "__") or (word.startswith("__") and word.endswith("__"))


RULES: Final = Rules(
    leaves=frozenset({"identifier"}),
    scopes=SCOPES,
    routines=ROUTINES,
    closed=frozenset({"class_definition"}),
    opaque=ROUTINES | COMPREHENSIONS,
    dynamic=frozenset({"match_statement"}),
    lookups=frozenset({"locals", "exec", "eval"}),
    binding=binding,
    is_reference=is_reference,
    beside=beside,
    fixed=fixed,
)
