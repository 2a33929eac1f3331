"""What a language must tell so that names can be followed: its scopes, its declarations, its references."""

from collections.abc import Callable
from typing import Final, final

import msgspec

from learnsys.complete.names.flat import Flat

OTHER: Final = "other"  # imports, classes, labels: known, so that they hide what lies outside, but not asked for
ATTRIBUTE: Final = "attribute"  # of a class, reached through an object


@final
class Binding(msgspec.Struct, frozen=True):
    """A declaration: in which scope (-1: found by spelling, as methods are), how, and the routine that it names.

    ``outside`` tells that the name is visible outside the routine that it names.
    """

    scope: int
    how: str
    body: int = -1
    outside: bool = True


@final
class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one language.

    Attributes
    ----------
    leaves : frozenset of str
        Types of leaves that can be names.
    scopes, routines : frozenset of str
        Types of nodes that hold declarations, and of those that are routines.
    closed, opaque : frozenset of str
        Scopes that only what stands directly in them sees (classes in Python), and scopes that make outer closed ones
        invisible.
    dynamic : frozenset of str
        Types of nodes in which names cannot be followed.
    lookups : frozenset of str
        Names that look other names up at run time.
    ordered : bool
        Whether a variable is visible only after its declaration.
    binding : callable
        What leaf i declares, or None.
    is_reference : callable
        Whether leaf i stands for a variable or function (a property does not).
    beside : callable
        Whether child ``inner`` of scope ``node``, or its child ``below`` (-1: none), sees only what lies outside the
        scope.
    fixed : callable
        Whether a name is fixed by the language or by custom.
    """

    leaves: frozenset[str]
    scopes: frozenset[str]
    routines: frozenset[str]
    closed: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()
    dynamic: frozenset[str] = frozenset()
    lookups: frozenset[str] = frozenset()
    ordered: bool = False
    binding: Callable[[Flat, int], Binding | None]
    is_reference: Callable[[Flat, int], bool]
    beside: Callable[[Flat, int, int, int], bool] = lambda tree, node, inner, below: False
    fixed: Callable[[str], bool]
