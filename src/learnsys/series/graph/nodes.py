"""The operators of a query: frozen nodes, interned, so that equal sub-expressions are one object.

A query is a chain from a ``Scan`` through operations on rows (``Filter``, ``Between``, ``Select``) and on values
(``Log``, ``Scale``, ...) to a statistic, an ``Ask``; what is collected together is a ``Batch``. Optimising adds
``Shared``: the questions asked of the same samples.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Final, Literal, final
from weakref import WeakValueDictionary

import msgspec

from learnsys.series.sources.types import Condition

Policy = Literal["keep", "mean", "first", "last"]
WeightRule = Literal["voronoi", "uniform"]


class _Interned(msgspec.StructMeta):
    """Make a node once: a second one with equal fields is the first."""

    known: ClassVar[WeakValueDictionary[tuple[Any, ...], Any]] = WeakValueDictionary()

    def __call__(self, *args: Any, **fields: Any) -> Any:
        made = super().__call__(*args, **fields)
        return _Interned.known.setdefault((self, *msgspec.structs.astuple(made)), made)


class AbstractNode(msgspec.Struct, frozen=True, kw_only=True, eq=False, weakref=True, metaclass=_Interned):
    """An operator; its fields are hashable, equality is identity."""

    @property
    def children(self) -> tuple["AbstractNode", ...]:
        """The operators that this one reads."""
        return ()

    def over(self, *children: "AbstractNode") -> "AbstractNode":
        """Make the same operator on other children."""
        return self

    @property
    def label(self) -> str:
        """The operator and its parameters, for people."""
        return _shown(self)


class AbstractUnary(AbstractNode, frozen=True, kw_only=True, eq=False):
    """An operator on one child."""

    child: AbstractNode

    @property
    def children(self) -> tuple[AbstractNode, ...]:
        """The one that this reads."""
        return (self.child,)

    def over(self, *children: AbstractNode) -> "AbstractNode":
        """Make the same operator on another child."""
        return replace(self, child=children[0])


@final
class Scan(AbstractNode, frozen=True, kw_only=True, eq=False):
    """Read a source.

    Attributes
    ----------
    source : Source
        ``memory.InMemory`` or ``stored.Stored``; hashable.
    where : tuple of Condition
        Read only rows for which all hold.
    start, end : int or float or None
        Read only rows from the start to before the end: nanoseconds since 1970, or seconds of plain numbers.
    ids : tuple of str or None
        Read only these series, in this order.
    narrow : bool
        Read only the columns that something needs.
    """

    source: Any
    where: tuple[Condition, ...] = ()
    start: int | float | None = None
    end: int | float | None = None
    ids: tuple[str, ...] | None = None
    narrow: bool = False


@final
class Filter(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Keep the rows for which all conditions hold."""

    where: tuple[Condition, ...]


@final
class Between(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Keep what is from ``start`` to before ``end``; None is without end."""

    start: int | float | None = None
    end: int | float | None = None


@final
class Select(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Keep some series, in this order."""

    ids: tuple[str, ...]


@final
class Log(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Take the logarithm of the values."""


@final
class Scale(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Map values x to a x + b; of all series, or of those in ``ids``."""

    a: float = 1.0
    b: float = 0.0
    ids: tuple[str, ...] | None = None


@final
class Difference(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Take increments from one sample to the next, at the middle of the interval."""


@final
class Shift(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Move samples later by ``by_s`` seconds; of all series, or of those in ``ids``."""

    by_s: float
    ids: tuple[str, ...] | None = None


@final
class Demean(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Subtract from each series its weighted mean."""


@final
class Detrend(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Subtract a trend and seasons, fitted to each series: ``season`` is one of ``estimate.seasonal``."""

    season: Any


@final
class Weights(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Weigh each sample by the time that is nearest to it ("voronoi"), or all alike ("uniform")."""

    rule: WeightRule = "voronoi"


@final
class Resample(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Want values every ``step_s`` seconds, interpolated.

    It says where results are wanted, not what is to be computed: statistics of second order are inferred from the
    samples as they are, so they see through it.
    """

    step_s: float


@final
class Combine(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Add the series ``name``, the sum of others times a number, which must share their stamps.

    It stays below a projection: the sums of a series with itself leave out the pairs of a sample with itself, which
    the sums of two series that share stamps have, so that the sums of a combination are no combination of sums.
    """

    name: str
    terms: tuple[tuple[str, float], ...]


@final
class Duplicates(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Make one sample of those with one stamp."""

    policy: Policy = "mean"


@final
class Ask(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Ask for a statistic of the child, seen through ``after``.

    Attributes
    ----------
    statistic : Statistic
        A frozen, hashable struct.
    after : tuple of AbstractNode
        Operations that are applied to the sums of the child instead of to its samples, the first one first.
    """

    statistic: Any
    after: tuple[AbstractNode, ...] = ()

    @property
    def label(self) -> str:
        """The statistic's name and parameters, and what is done to the sums."""
        through = "".join(f" after {op.label}" for op in self.after)
        return f"{_shown(self.statistic)}{through}"


@final
class Nothing(AbstractNode, frozen=True, kw_only=True, eq=False):
    """What an operation in ``Ask.after`` stands on."""


NOTHING: Final = Nothing()


@final
class Batch(AbstractNode, frozen=True, kw_only=True, eq=False):
    """What is collected together."""

    asks: tuple[AbstractNode, ...]

    @property
    def children(self) -> tuple[AbstractNode, ...]:
        """The questions, or groups of them."""
        return self.asks

    def over(self, *children: AbstractNode) -> AbstractNode:
        """Collect others together."""
        return Batch(asks=children)

    @property
    def label(self) -> str:
        """How many there are."""
        return f"Batch of {len(self.asks)}"


@final
class Shared(AbstractUnary, frozen=True, kw_only=True, eq=False):
    """Questions of the same samples: asked at once."""

    asks: tuple[tuple[int, Ask], ...]

    @property
    def label(self) -> str:
        """What is asked."""
        return "Shared: " + "; ".join(f"[{n}] {ask.label}" for n, ask in self.asks)


def replace(node: AbstractNode, **fields: Any) -> AbstractNode:
    """Make a node with some fields changed; the interned one if there is one like it."""
    return type(node)(**(dict(_fields(node)) | fields))


def walk(root: AbstractNode) -> list[AbstractNode]:
    """List the nodes of the graph, children first, each node once."""
    found: dict[AbstractNode, None] = {}
    waiting = [root]
    while waiting:
        node = waiting[-1]
        if missing := [child for child in node.children if child not in found]:
            waiting.extend(reversed(missing))
        else:
            found[waiting.pop()] = None
    return list(found)


def rebuild(root: AbstractNode, change: Callable[[AbstractNode], AbstractNode]) -> AbstractNode:
    """Make the graph anew from below: ``change`` gets each node over its new children."""
    made: dict[AbstractNode, AbstractNode] = {}
    for node in walk(root):
        new = tuple(made[c] for c in node.children)
        made[node] = change(node if new == node.children else node.over(*new))
    return made[root]


def depth(root: AbstractNode) -> int:
    """Count the nodes on the longest way down."""
    return 1 + max((depth(c) for c in root.children), default=0)


def _fields(node: msgspec.Struct) -> list[tuple[str, Any]]:
    return [(name, getattr(node, name)) for name in node.__struct_fields__]


def _shown(value: Any) -> str:
    """Write a node or parameter for people: structs by class and fields that differ from their defaults."""
    if (told := getattr(value, "described", None)) is not None:
        return str(told)
    if isinstance(value, Condition):
        return f"{value.column} {value.op} {value.value!r}"
    if isinstance(value, msgspec.Struct):
        told = [(f, getattr(value, f.name)) for f in msgspec.structs.fields(value)]
        parts = [f"{f.name}={_shown(v)}" for f, v in told if not isinstance(v, AbstractNode) and v != f.default]
        return f"{type(value).__name__}({', '.join(parts)})"
    if isinstance(value, tuple):
        many = f", ... {len(value)}" if len(value) > 4 else ""
        return "(" + ", ".join(map(_shown, value[:4])) + many + ")"
    return f"{value:g}" if isinstance(value, float) else str(value)
