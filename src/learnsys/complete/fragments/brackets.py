"""Which brackets a fragment may close: its own, and those around the cursor that the file does not close itself."""

from typing import Self, final

import msgspec

from learnsys.complete.lexing.nesting import CLOSERS, OPENERS
from learnsys.complete.lexing.types import Kind, Tokens


@final
class Brackets(msgspec.Struct, frozen=True, kw_only=True):
    """A stack of open brackets, the innermost last.

    Attributes
    ----------
    own : tuple of str
        Opened by the fragment.
    around : tuple of str
        Open at the cursor and not closed by the rest of the file.
    """

    own: tuple[str, ...] = ()
    around: tuple[str, ...] = ()

    @classmethod
    def at(cls, found: Tokens, n: int) -> Self:
        """Read the brackets before and after the first ``n`` tokens of a file.

        Examples
        --------
        >>> from learnsys.complete.lexing.leaves import tokens
        >>> Brackets.at(tokens("f(() => { g( })", "js"), 8).around
        ('(',)
        """
        before = _unmatched(found.words[:n], found.kinds[:n].tolist())[0]
        closed = _unmatched(found.words[n:], found.kinds[n:].tolist())[1]
        return cls(around=_left(before, closed))

    def push(self, word: str, kind: int) -> Self | None:
        """Return the stack after a token; None if it would close what it must not."""
        if kind not in (Kind.SIGN, Kind.KEYWORD):
            return self
        if word in OPENERS:
            return msgspec.structs.replace(self, own=(*self.own, word))
        if word not in CLOSERS:
            return self
        if self.own:
            return msgspec.structs.replace(self, own=self.own[:-1]) if self.own[-1] in CLOSERS[word] else None
        if self.around and self.around[-1] in CLOSERS[word]:
            return msgspec.structs.replace(self, around=self.around[:-1])
        return None


def _unmatched(words: list[str], kinds: list[int]) -> tuple[list[str], list[str]]:
    """Return the openers without a closer and the closers without an opener."""
    openers: list[str] = []
    closers: list[str] = []
    for word, kind in zip(words, kinds, strict=True):
        if kind in (Kind.TEXT, Kind.NAME):
            continue
        if word in OPENERS:
            openers.append(word)
        elif word in CLOSERS and openers and openers[-1] in CLOSERS[word]:
            openers.pop()
        elif word in CLOSERS:
            closers.append(word)
    return openers, closers


def _left(openers: list[str], closers: list[str]) -> tuple[str, ...]:
    """Return the innermost openers that no closer of the rest fits, up to the first one that the rest closes."""
    rest = list(openers)
    kept: list[str] = []
    for closer in closers:
        while rest and rest[-1] not in CLOSERS[closer]:
            kept.append(rest.pop())
        if not rest:
            break
        return tuple(reversed(kept))
    return tuple(openers) if not closers else tuple(reversed(kept))
