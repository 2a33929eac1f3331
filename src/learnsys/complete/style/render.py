"""Tokens as text in a style: white space as `Spaces` expects it, so that the text has the same tokens again."""

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.nesting import nesting
from learnsys.complete.lexing.types import Kind, Tokens
from learnsys.complete.style.gaps import LOGICAL, NONE, Place, start
from learnsys.complete.style.spaces import END, QUOTE, Counts, Spaces, contexts


def render(found: Tokens, spaces: Spaces, unit: str) -> str:
    """Write tokens in a style, indented by ``unit``; gaps with comments stay as they are.

    Where the text would have other tokens (a line end that stands for a semicolon, broken code), the gaps around stay
    as well, ever more of them until it has not.

    Examples
    --------
    >>> spaces = Spaces()
    >>> spaces.read(tokens("f( a, b )", "js"))
    >>> render(tokens("g(x,y)", "js"), spaces, "  ")
    'g( x, y )'
    """
    kept: set[int] = set()
    radius = 1
    while True:
        text = _written(found, spaces, unit, kept)
        again = tokens(text, found.language)
        if again.words == found.words:
            return text
        wrong = _first_difference(again.words, found.words)
        kept.update(range(wrong - radius, wrong + radius + 1))
        radius *= 2


def joined(before: str, word: str) -> bool:
    """Tell whether two tokens without a space would be read as one word."""
    return bool(before and word) and (before[-1].isalnum() or before[-1] in "_$") and (
        word[0].isalnum() or word[0] in "_$"
    )  # fmt: skip


def habitual(spaces: Spaces, place: Place, word: str, own: Counts | None = None) -> str:
    """Return a word outside of strings as file and project have it: their quote; nothing for a semicolon left out."""
    if word in ('"', "'"):
        return spaces.habit(QUOTE, own) or word
    if word == ";" and place.level.opener in ("", "{") and spaces.habit(END, own) == "\n":
        return ""
    return word


def choose(spaces: Spaces, place: Place, word: str, kind: int, own: Counts | None = None) -> str:
    """Return the likeliest class before a token that goes on in its statement where indents are syntax."""
    p = spaces.p(contexts(place, word, kind), own)
    here = place.indented and not place.level.opener
    fits = [name for name in p if not (here and len(name) > 1)] or [NONE]
    return max(fits, key=p.__getitem__)


def between(spaces: Spaces, place: Place, word: str, kind: int, column: int, own: Counts | None = None) -> str:
    """Return the likeliest gap before a statement that begins in a column, where indents are syntax."""
    p = spaces.p(contexts(place, word, kind, column), own)
    name = max((name for name in (*p, f"0{LOGICAL}") if name.endswith(LOGICAL)), key=lambda name: p.get(name, 0.0))
    return place.written(name, column)


def _written(found: Tokens, spaces: Spaces, unit: str, kept: set[int]) -> str:
    place, parts = start(found.language, unit), []
    depth = nesting(found).depth if place.indented else None
    for i, (word, kind) in enumerate(zip(found.words, found.kinds.tolist(), strict=True)):
        gap = found.gap(i)
        if gap.strip() or not i or i in kept:
            white = gap
        elif place.logical(gap) and depth is not None:
            white = between(spaces, place, word, kind, int(depth[i]) * len(unit))
        else:
            name = choose(spaces, place, word, kind)
            white = place.written(name) or (" " if joined(found.words[i - 1], word) and kind != Kind.TEXT else "")
        parts += [white, word]
        place = place.after(word, kind, white)
    return "".join(parts) + found.gap(len(found))


def _first_difference(a: list[str], b: list[str]) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
