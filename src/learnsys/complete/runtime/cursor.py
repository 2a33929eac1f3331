"""What a cursor stands at: the token that is being typed, or the place of the next one."""

import re
from typing import Final, final

import msgspec
import numpy as np

from learnsys.complete.lexing.leaves import QUOTE
from learnsys.complete.lexing.types import Kind, Tokens

# A gap that no comment is left open in. What parsers pass over is white space, byte order mark and joiners.
_CODE: Final = re.compile(r"(?:[\s\\\ufeff\u200b\u2060]|(?>/\*.*?\*/)|(?!/\*)\S[^\n\r]*[\n\r])*+", re.DOTALL)


@final
class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """A place between code points.

    Attributes
    ----------
    t : int
        Number of the token that is completed: all before it are given.
    prefix : str
        What is typed of it.
    gap : str
        White space and comments before it.
    """

    t: int
    prefix: str
    gap: str

    @property
    def commented(self) -> bool:
        """Whether it stands in a comment, as far as the gap tells: there is no code to complete."""
        return _CODE.fullmatch(self.gap) is None


def cursor(found: Tokens, offset: int) -> Cursor:
    """Say what stands at code point ``offset``.

    A name, word, number or text that ends at the cursor is still being typed; a sign or a quote is not.

    Examples
    --------
    >>> from learnsys.complete.lexing.leaves import tokens
    >>> cursor(tokens("let total = to", "js"), 14)
    Cursor(t=3, prefix='to', gap=' ')
    >>> cursor(tokens("let total = to", "js"), 12)
    Cursor(t=3, prefix='', gap=' ')
    """
    t = int(np.searchsorted(found.ends, offset, side="left"))
    start = offset
    if (open_at := _open_comment(found, offset)) is not None:
        t = open_at
    elif t < len(found) and found.starts[t] < offset:
        done = found.kinds[t] == Kind.SIGN or (found.kinds[t] == Kind.TEXT and QUOTE.fullmatch(found.words[t]))
        if offset < found.ends[t] or not done:
            start = int(found.starts[t])
        else:
            t += 1
    before = int(found.ends[t - 1]) if t else 0
    return Cursor(t=t, prefix=found.text[start:offset], gap=found.text[before:start])


def _open_comment(found: Tokens, offset: int) -> int | None:
    """Return the token at which a comment begins that nothing closes, which parsers take for a division."""
    closed = found.text.rfind("*/", 0, offset)
    at = found.text.rfind("/*", closed + 1, offset)
    while at >= 0:
        t = int(np.searchsorted(found.starts, at))
        if t < len(found) and found.starts[t] == at and found.words[t] == "/":
            return t
        at = found.text.rfind("/*", closed + 1, at)
    return None
