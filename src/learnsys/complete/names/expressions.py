"""What an expression says about names: the word at its head, its shape, and the same for its arguments.

``this.users.getAll(x)`` is a call with the head ``getAll`` on ``users``. A `View` hides the occurrences of one
symbol, so that nothing that is read through it can give the name away.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, final

import msgspec

from learnsys.complete.names.flat import Flat

MEMBERS: Final = {
    "member_expression": ("object", "property"),
    "attribute": ("object", "attribute"),
    "field_expression": ("argument", "field"),
}
CALLS: Final = {"call_expression": "function", "call": "function", "new_expression": "constructor"}
ARGUMENTS: Final = frozenset({"arguments", "argument_list", "initializer_list"})
ITEMS: Final = frozenset({"subscript_expression", "subscript"})
STRINGS: Final = frozenset({"string", "string_literal", "template_string", "concatenated_string", "raw_string_literal"})
WRAPPERS: Final = frozenset(
    {
        "parenthesized_expression",
        "await_expression",
        "await",
        "spread_element",
        "list_splat",
        "dictionary_splat",
        "pointer_expression",
        "pointer_declarator",
        "reference_declarator",
        "expression_statement",
        "cast_expression",
        "condition_clause",
        "type",
        "yield",
        "template_substitution",
        "interpolation",
        "type_descriptor",
    }
)
OPERATIONS: Final = frozenset(
    {
        "binary_expression",
        "boolean_operator",
        "comparison_operator",
        "binary_operator",
        "unary_expression",
        "unary_operator",
        "not_operator",
    }
)
_CONTENT: Final = frozenset({"string_fragment", "string_content"})
_WORD: Final = re.compile(r"[^\W\d_]\w*")


@final
class Head(msgspec.Struct, frozen=True):
    """The head of an expression: its shape, the word it turns on (empty: none), and the word of its receiver."""

    shape: str
    word: str = ""
    on: str = ""


@final
class View(msgspec.Struct, frozen=True, kw_only=True):
    """A tree with a symbol hidden: its occurrences, and what else is spelled ``banned``."""

    tree: Flat
    hidden: frozenset[int]
    banned: str = ""

    def spell(self, i: int) -> str:
        """Return the text of leaf ``i``, empty for what is hidden."""
        if i < 0 or i in self.hidden:
            return ""
        word = self.tree.spelled(i)
        return "" if word == self.banned else word

    def head(self, i: int, depth: int = 0) -> Head:
        """Return the head of expression ``i``."""
        tree = self.tree
        kind = tree.types[i] if i >= 0 else "none"
        if i < 0 or depth > 8:
            return Head(kind)
        if kind in MEMBERS:
            on, word = (tree.field(i, field) for field in MEMBERS[kind])
            return Head("member", self.spell(word), self.head(on, depth + 1).word)
        if kind in CALLS:
            target = tree.field(i, CALLS[kind])
            called = self.head(target if target >= 0 else tree.field(i, "type"), depth + 1)
            return Head("new" if kind == "new_expression" else "call", called.word, called.on)
        if kind in ITEMS or kind in WRAPPERS:
            inner = self.head(next((c for c in tree.children(i) if tree.fields[c] != "operator"), -1), depth + 1)
            return Head("item", inner.word, inner.on) if kind in ITEMS else inner
        if kind in OPERATIONS:
            parts = list(tree.children(i))
            sign = next((tree.spelled(c) for c in parts if tree.fields[c].startswith("operator")), "not")
            first = next((c for c in parts if not tree.fields[c].startswith("operator")), -1)
            return Head("op" + sign, self.head(first, depth + 1).word)
        if kind in STRINGS:
            return Head("string", self.content(i))
        if tree.is_leaf(i):
            text = tree.spelled(i)
            if _WORD.fullmatch(text) and "number" not in kind:
                return Head("this") if kind in ("this", "super") else Head("name", self.spell(i))
            return Head(text if len(text) <= 4 else kind)
        return self._inner(i, kind, depth)

    def _inner(self, i: int, kind: str, depth: int) -> Head:
        """Qualified and generic names, templates and the rest: their last name."""
        tree = self.tree
        if kind in (
            "qualified_identifier",
            "template_function",
            "template_type",
            "template_method",
            "dependent_name",
            "generic_type",
        ):
            name = tree.field(i, "name")
            found = self.head(name if name >= 0 else i + 1, depth + 1)
            return Head(found.shape, found.word, found.on or self.spell_leaf(tree.field(i, "scope")))
        if kind == "init_declarator":
            return self.head(tree.field(i, "declarator"), depth + 1)
        if kind in (
            "conditional_expression",
            "ternary_expression",
            "assignment_expression",
            "augmented_assignment_expression",
        ):
            last = next((c for c in tree.children(i) if tree.fields[c] in ("consequence", "right")), i + 1)
            return Head(kind, self.head(last, depth + 1).word)
        return Head(kind)

    def spell_leaf(self, i: int) -> str:
        """Return the text of ``i`` if it is a leaf that is not hidden."""
        return self.spell(i) if i >= 0 and self.tree.is_leaf(i) else ""

    def content(self, i: int) -> str:
        """Return the words inside a string, the banned one left out."""
        tree = self.tree
        text = " ".join(tree.spelled(c) for c in range(i, tree.last[i] + 1) if tree.types[c] in _CONTENT)
        words = [word for word in _WORD.findall(text[:200]) if word != self.banned]
        return "_".join(words[:4])

    def arguments(self, call: int) -> Iterator[int]:
        """Yield the arguments of a call."""
        found = self.tree.field(call, "arguments")
        if found >= 0:
            yield from (c for c in self.tree.children(found) if self.tree.types[c] != "comment")

    def index(self, item: int) -> int:
        """Return the (first) index of ``owner[index]``, -1 if there is none."""
        found = next(islice(self.tree.children(item), 1, None), -1)
        return found + 1 if found >= 0 and self.tree.types[found] == "subscript_argument_list" else found

    def words(self, text: str, name: str, most: int = 10) -> list[str]:
        """Return the words of a comment, ``name`` left out."""
        return [word for word in _WORD.findall(text) if word not in (name, self.banned)][:most]
