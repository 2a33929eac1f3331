"""Which variables and routines a file declares, and where each of them is used: names follow scopes, not spelling.

What a language calls a scope and a declaration is told by its module of rules. Where a name cannot be followed for
sure (methods, broken code, ``eval``, ``with``, macros) the symbol says so, and no renaming is proposed.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Final, Literal, final

import msgspec

from learnsys.complete.names import cplusplus, javascript, python
from learnsys.complete.names.flat import Flat
from learnsys.complete.names.rules import ATTRIBUTE, OTHER, Binding, Rules

Sort = Literal["variable", "routine"]
RULES: Final[dict[str, Rules]] = {"js": javascript.RULES, "py": python.RULES, "cpp": cplusplus.RULES}


@final
class Symbol(msgspec.Struct, frozen=True, kw_only=True):
    """A declared variable or routine.

    Attributes
    ----------
    name : str
        As written.
    sort : str
        ``variable`` or ``routine``.
    how : str
        The way it is declared: ``const``, ``parameter``, ``for``, ``method``, ...
    declared : int
        Node of the (first) declaration.
    occurrences : tuple of int
        Nodes of all occurrences, declarations among them, in order.
    body : int
        For a routine its node, for a variable -1.
    routine : int
        Node of the routine around the declaration, -1 at the top of the file.
    sure : bool
        Whether these are certainly all occurrences.
    """

    name: str
    sort: Sort
    how: str
    declared: int
    occurrences: tuple[int, ...]
    body: int = -1
    routine: int = -1
    sure: bool = True

    @property
    def local(self) -> bool:
        """Whether it is declared inside a routine."""
        return self.routine >= 0


def symbols(tree: Flat) -> list[Symbol]:
    """Find the variables and routines of a file, in order of declaration.

    Methods of the same name are symbols of their own that share all that is spelled so. Names that the language or
    custom fixes (``self``, ``constructor``, ``__init__``, ``*args``) and imports are left out.

    Examples
    --------
    >>> from learnsys.complete.names.flat import flat
    >>> tree = flat("function f(a) { let b = a; { let a = 1 } return b }", "js")
    >>> [(s.name, s.how, len(s.occurrences)) for s in symbols(tree)]
    [('f', 'function', 1), ('a', 'parameter', 2), ('b', 'let', 2), ('a', 'let', 1)]
    """
    rules = RULES[tree.language]
    declared: dict[tuple[int, str], list[tuple[int, Binding]]] = defaultdict(list)
    members: dict[str, list[tuple[int, Binding]]] = defaultdict(list)
    spellings: dict[str, list[int]] = defaultdict(list)
    for i, kind in enumerate(tree.types):
        if kind in rules.leaves:
            word = tree.spelled(i)
            spellings[word].append(i)
            if (binding := rules.binding(tree, i)) is not None:
                (members[word] if binding.scope < 0 else declared[binding.scope, word]).append((i, binding))
    uses = _uses(tree, rules, declared, spellings)
    unsure = _unsure(tree, rules)
    found = [
        _symbol(tree, rules, uses.get(key, []), bindings, key[0] not in unsure)
        for key, bindings in declared.items()
        if _asked(rules, key[1], bindings)
    ]
    for word, bindings in members.items():
        if _asked(rules, word, bindings):
            found.extend(_symbol(tree, rules, spellings[word], [member], False) for member in bindings)
    return sorted(found, key=lambda symbol: symbol.declared)


def _asked(rules: Rules, word: str, bindings: list[tuple[int, Binding]]) -> bool:
    kinds = {binding.how for _, binding in bindings}
    return bool(word) and not kinds & {OTHER, ATTRIBUTE} and not rules.fixed(word)


def _symbol(tree: Flat, rules: Rules, uses: list[int], bindings: list[tuple[int, Binding]], sure: bool) -> Symbol:
    first, binding = min(bindings, key=lambda pair: pair[0])
    body = next((b.body for _, b in sorted(bindings, key=lambda p: p[0]) if b.body >= 0), -1)
    around = tree.within(first, rules.routines)
    while around >= 0 and binding.outside and around == body:
        around = tree.within(around, rules.routines)
    return Symbol(
        name=tree.spelled(first), sort="routine" if body >= 0 else "variable", how=binding.how, declared=first,
        occurrences=tuple(sorted({*uses, *(i for i, _ in bindings)})), body=body, routine=around, sure=sure,
    )  # fmt: skip


def _uses(
    tree: Flat,
    rules: Rules,
    declared: dict[tuple[int, str], list[tuple[int, Binding]]],
    spellings: dict[str, list[int]],
) -> dict[tuple[int, str], list[int]]:
    """Follow each reference outwards to the nearest scope that declares its name."""
    uses: dict[tuple[int, str], list[int]] = defaultdict(list)
    bound = {i for bindings in declared.values() for i, _ in bindings}
    for word in {word for _, word in declared}:
        for i in spellings[word]:
            if i not in bound and rules.is_reference(tree, i):
                scope = _scope(tree, rules, i, partial(_visible, rules, declared, word, i))
                if scope >= 0:
                    uses[scope, word].append(i)
    return uses


def _visible(
    rules: Rules, declared: dict[tuple[int, str], list[tuple[int, Binding]]], word: str, i: int, scope: int
) -> bool:
    bindings = declared.get((scope, word))
    return bool(bindings) and (not rules.ordered or any(at < i or b.body >= 0 for at, b in bindings or ()))


def _scope(tree: Flat, rules: Rules, i: int, has: Callable[[int], bool]) -> int:
    """Return the scope in which the name at ``i`` is found, -1 if in none."""
    node, inner, below = tree.parents[i], i, -1
    start = True
    while node >= 0:
        if tree.types[node] in rules.scopes and not rules.beside(tree, node, inner, below):
            if (start or tree.types[node] not in rules.closed) and has(node):
                return node
            start = start and tree.types[node] not in rules.opaque
        below, inner, node = inner, node, tree.parents[node]
    return -1


def _unsure(tree: Flat, rules: Rules) -> set[int]:
    """Return the scopes in which names cannot be followed for sure: around what is broken, all that a lookup sees."""
    unsure: set[int] = set()
    for i, kind in enumerate(tree.types):
        if kind == "ERROR" or kind in rules.dynamic or (kind == "identifier" and tree.spelled(i) in rules.lookups):
            node = i
            while node >= 0 and node not in unsure:
                unsure.add(node)
                node = tree.parents[node]
    return unsure
