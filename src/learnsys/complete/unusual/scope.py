"""Uses of variables and routines, and which other names could stand there: those declared around and before."""

from typing import final

import msgspec

from learnsys.complete.lexing.types import Tokens
from learnsys.complete.names.flat import flat
from learnsys.complete.names.scopes import Symbol, symbols


@final
class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A place where a declared name is used.

    Attributes
    ----------
    t : int
        Its token.
    word : str
        The name.
    visible : tuple of str
        Names that could stand there, its own among them, in order of their declaration.
    """

    t: int
    word: str
    visible: tuple[str, ...]


def uses(found: Tokens) -> list[Use]:
    """Find the uses of names that the file declares, in order; declarations and members are none.

    Examples
    --------
    >>> from learnsys.complete.lexing.leaves import tokens
    >>> [(use.t, use.visible) for use in uses(tokens("let a = 1; let b = a; f(b);", "js"))]
    [(8, ('a', 'b')), (12, ('a', 'b'))]
    """
    tree = flat(found.text, found.language)
    place = {start: t for t, start in enumerate(found.starts.tolist())}
    declared = [symbol for symbol in symbols(tree) if symbol.how not in ("method", "property")]
    ranges = [(symbol, _range(symbol, tree.starts, tree.ends)) for symbol in declared]
    made = []
    for symbol in declared:
        for node in symbol.occurrences:
            at = tree.starts[node]
            if at in place and at > tree.starts[symbol.declared]:
                names = {
                    other.name: None
                    for other, (begin, end) in ranges
                    if begin <= at < end and (tree.ends[other.declared] <= at)
                }
                made.append(Use(t=place[at], word=symbol.name, visible=tuple(names)))
    return sorted((use for use in made if use.word in use.visible), key=lambda use: use.t)


def _range(symbol: Symbol, starts: list[int], ends: list[int]) -> tuple[int, int]:
    """Return from where to where a symbol can be seen, as far as routines bound it."""
    return (0, ends[0] + 1) if symbol.routine < 0 else (starts[symbol.routine], ends[symbol.routine])
