"""What kind of token a word is by itself, and whether a place is inside a string."""

import re
from functools import cache
from typing import Final

from learnsys.complete.languages import grammar, language
from learnsys.complete.lexing.leaves import QUOTE
from learnsys.complete.lexing.types import Kind, Tokens
from learnsys.complete.runtime.cursor import Cursor

_QUOTES: Final = frozenset("\"'`")
_NUMBER: Final = re.compile(r"\.?[0-9]")
_HEADER: Final = re.compile(r"<[\w./+-]*\w>")
_SPOKEN: Final = frozenset({"#pragma", "#error", "#warning"})  # what follows is for the compiler
NO_QUOTE: Final = ""


@cache
def _signs(key: str) -> frozenset[str]:
    rules = grammar(key)
    return frozenset(
        rules.node_kind_for_id(i) or "" for i in range(rules.node_kind_count) if not rules.node_kind_is_named(i)
    )


def kind_of(word: str, key: str, quote: str = NO_QUOTE, last: str = "") -> int:
    """Return the `Kind` of a word; ``quote`` is the one of the string it stands in, ``last`` the word before it.

    Examples
    --------
    >>> [Kind(kind_of(word, "js")).name for word in ("total", "return", "=>", "12")]
    ['NAME', 'KEYWORD', 'SIGN', 'NUMBER']
    """
    if (quote and word not in (quote, "${")) or last in _SPOKEN:
        return Kind.TEXT
    if _NUMBER.match(word):
        return Kind.NUMBER
    if (language(key).indented and QUOTE.fullmatch(word)) or _HEADER.fullmatch(word):
        return Kind.TEXT
    if word in _signs(key):
        return Kind.KEYWORD if word.strip("#").isidentifier() else Kind.SIGN
    named = word.replace("$", "_").removeprefix("#" if key == "js" else "").isidentifier()
    return Kind.NAME if named else Kind.KEYWORD


def quote_after(word: str, quote: str) -> str:
    """Return the quote of the string that stands open after ``word``, given the one before it."""
    found = QUOTE.fullmatch(word)
    if found is None or (quote and found[1] != quote):
        return quote
    return NO_QUOTE if quote else found[1]


def open_quote(found: Tokens, n: int, begin: int = 0) -> str:
    """Return the quote of the string that stands open after the first ``n`` tokens of a file, none at ``begin``."""
    quote = NO_QUOTE
    for word, kind in zip(found.words[begin:n], found.kinds[begin:n].tolist(), strict=True):
        if kind != Kind.NAME and word[-1:] in _QUOTES:
            quote = quote_after(word, quote)
    return quote


def in_text(found: Tokens, at: Cursor) -> bool:
    """Tell whether the token at a cursor is, or would be, a part of a string.

    Examples
    --------
    >>> from learnsys.complete.lexing.leaves import tokens
    >>> from learnsys.complete.runtime.cursor import cursor
    >>> found = tokens("f('a b', c", "js")
    >>> [in_text(found, cursor(found, offset)) for offset in (3, 5, 8, 10)]
    [True, True, False, False]
    """
    if at.prefix:
        return bool(found.kinds[at.t] == Kind.TEXT)
    if not at.t or (found.kinds[at.t - 1] != Kind.TEXT and found.words[at.t - 1] not in _QUOTES | {"}"}):
        return False
    return open_quote(found, at.t, _code_before(found, at.t)) != NO_QUOTE


def _code_before(found: Tokens, t: int) -> int:
    """Return the last token up to ``t`` that begins a line behind code, where no string stands open."""
    for i in range(t - 1, 0, -1):
        code = found.kinds[i - 1] != Kind.TEXT and found.words[i - 1] not in _QUOTES
        if code and "\n" in found.gap(i):
            return i
    return 0
