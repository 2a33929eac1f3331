"""The fragment that will have most right tokens: a beam search to the end of the line.

A hypothesis goes on as long as it is right with a probability over the threshold; where the style expects a new line
it ends. Of those that end, the one is chosen whose expected number of right tokens is largest: the sum of the
probabilities of being right so far. What would leave more syntax errors than there were is shortened.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, final

import msgspec

from learnsys.complete.data.layout import Line
from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.types import Fragment, Roller
from learnsys.complete.fragments.veto import errors
from learnsys.complete.fragments.words import kind_of, quote_after
from learnsys.complete.style.gaps import Place
from learnsys.complete.style.render import choose, joined
from learnsys.complete.style.spaces import Counts, Spaces

BEAM: Final = 3
BRANCHING: Final = 3
MOST: Final = 16  # tokens
THRESHOLD: Final = 0.35
FIRST: Final = 0.7


@final
class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """When a fragment is sure enough: ``first`` for its first token, ``whole`` for all up to a token."""

    first: float = FIRST
    whole: float = THRESHOLD


@final
class Style(msgspec.Struct, frozen=True, kw_only=True):
    """White space of the project and of the file before the cursor."""

    spaces: Spaces
    own: Counts | None = None


class _Hypothesis(NamedTuple):
    roller: Roller
    place: Place
    brackets: Brackets
    quote: str
    text: str = ""
    words: tuple[str, ...] = ()
    p: tuple[float, ...] = ()


class Start(NamedTuple):
    """A cursor: what stands before it, and what is typed of the next gap and token.

    ``sure`` is the probability that the token before is a whole one, or that the typed one is not.
    """

    roller: Roller
    place: Place
    brackets: Brackets
    quote: str
    gap: str
    prefix: str
    sure: float = 1.0


def search(at: Start, key: str, style: Style, cut: Cut) -> list[Fragment]:
    """Return the fragments that are sure enough, that with most right tokens first."""
    beam = [_Hypothesis(at.roller, at.place, at.brackets, at.quote)]
    found: list[_Hypothesis] = []
    for _ in range(MOST):
        more = [child for one in beam for child in _children(one, at, key, style, cut)]
        more.sort(key=lambda one: -one.p[-1])
        beam = more[:BEAM]
        found += [one for one in beam if not one.quote]
        if not beam:
            break
    fragments = [Fragment(text=one.text, words=one.words, p=one.p) for one in found]
    return sorted(fragments, key=lambda fragment: -fragment.expected)


def shown(fragments: list[Fragment], text: str, offset: int, key: str) -> Fragment:
    """Return the first fragment that leaves no more errors in the file than there are; an empty one if none does."""
    if not fragments:
        return Fragment()
    before = errors(text, key)
    for fragment in fragments:
        if errors(text[:offset] + fragment.text + text[offset:], key) <= before:
            return fragment
    return Fragment()


def _children(one: _Hypothesis, at: Start, key: str, style: Style, cut: Cut) -> Iterator[_Hypothesis]:
    first = not one.words
    so_far = one.p[-1] if one.p else at.sure
    if not (first and (at.gap or at.prefix)):  # else it is typed that the line goes on
        so_far *= style.spaces.lines(one.place, style.own).get(Line.SAME, 0.0)
    prefix = at.prefix if first else ""
    for word, p in one.roller.top(at.gap if first else " ", BRANCHING, prefix):
        if p * so_far < (cut.first if first else cut.whole):
            return
        child = _child(one, at, key, style, word)
        if child is not None:
            yield child._replace(p=(*one.p, p * so_far))


def _child(one: _Hypothesis, at: Start, key: str, style: Style, word: str) -> _Hypothesis | None:
    """Go on with a word; None if it does not fit here."""
    kind = kind_of(word, key, one.quote)
    brackets = one.brackets.push(word, kind)
    typed = at.gap if not one.words else ""
    gap = typed if typed or (at.prefix and not one.words) else _gap(one, word, kind, style)
    if brackets is None or "\n" in word or ("\n" in gap and not typed):
        return None
    text = one.text + (gap + word)[len(typed) + (0 if one.words else len(at.prefix)) :]
    return _Hypothesis(
        one.roller.advance(word, kind, gap), one.place.after(word, kind, gap), brackets, quote_after(word, one.quote),
        text, (*one.words, word),
    )  # fmt: skip


def _gap(one: _Hypothesis, word: str, kind: int, style: Style) -> str:
    if one.quote:
        return ""
    gap = one.place.written(choose(style.spaces, one.place, word, kind, style.own))
    return gap or (" " if joined(one.place.tail, word) else "")
