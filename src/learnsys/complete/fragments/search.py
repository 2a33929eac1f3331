"""The fragment that will have most right tokens: a beam search to the end of the line.

A hypothesis goes on as long as it is right with a probability over the cut; where the style expects a new line it
ends. Of those that end, the one is chosen whose expected number of right tokens is largest: the sum of the
probabilities of being right so far. What would leave more syntax errors than there were is shortened.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, final

import msgspec

from learnsys.complete.data.layout import Line
from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.cut import Cut
from learnsys.complete.fragments.types import Fragment, Roller
from learnsys.complete.fragments.words import kind_of, quote_after
from learnsys.complete.runtime.state import Stop, Stopped
from learnsys.complete.style.gaps import Place
from learnsys.complete.style.render import choose, habitual, joined
from learnsys.complete.style.spaces import Counts, Spaces

BEAM: Final = 3
BRANCHING: Final = 3
MOST: Final = 16  # tokens


@final
class Style(msgspec.Struct, frozen=True, kw_only=True):
    """White space of the project and of the file before the cursor."""

    spaces: Spaces
    own: Counts | None = None


class Start(NamedTuple):
    """A cursor: what stands before it, and what is typed of the next gap and token.

    ``follows`` is the token behind it on the same line, empty if there is none; ``sure`` the probability that the token
    before is a whole one, or that the typed one is not.
    """

    roller: Roller
    place: Place
    brackets: Brackets
    quote: str
    gap: str
    prefix: str
    follows: str = ""
    sure: float = 1.0


class _Hypothesis(NamedTuple):
    """Tokens thought of; ``roller`` stands before the last of them, ``step`` (word, kind, gap) goes past it."""

    roller: Roller
    step: tuple[str, int, str] | None
    place: Place
    brackets: Brackets
    quote: str
    text: str = ""
    words: tuple[str, ...] = ()
    p: tuple[float, ...] = ()


def search(at: Start, key: str, style: Style, cut: Cut, *, stop: Stop = lambda: False) -> list[Fragment]:
    """Return the fragments that are sure enough, that with most right tokens first.

    Raises
    ------
    Stopped
        If ``stop`` says so.
    """
    beam = [_Hypothesis(at.roller, None, at.place, at.brackets, at.quote)]
    found: list[_Hypothesis] = []
    for _ in range(MOST):
        more: list[_Hypothesis] = []
        for one in beam:
            if stop():
                raise Stopped
            more += _children(one, at, key, style, cut)
        beam = sorted(more, key=lambda one: -one.p[-1])[:BEAM]
        found += [one for one in beam if not one.quote]
        if not beam:
            break
    fragments = [Fragment(text=one.text, words=one.words, p=one.p) for one in found]
    return sorted(fragments, key=lambda fragment: -fragment.expected)


def shown(fragments: list[Fragment], fits: Callable[[str], bool]) -> Fragment:
    """Return the first fragment whose text fits; an empty one if none does."""
    return next((fragment for fragment in fragments if fits(fragment.text)), Fragment())


def _children(one: _Hypothesis, at: Start, key: str, style: Style, cut: Cut) -> Iterator[_Hypothesis]:
    first = not one.words
    so_far = one.p[-1] if one.p else at.sure
    if not (first and (at.gap or at.prefix)):  # else it is typed that the line goes on
        so_far *= style.spaces.lines(one.place, style.own).get(Line.SAME, 0.0)
    least = cut.first if first else cut.whole
    if so_far < least:
        return
    roller = one.roller if one.step is None else one.roller.advance(*one.step)
    for word, p in roller.top(at.gap if first else " ", BRANCHING, at.prefix if first else ""):
        if p * so_far < least:
            return
        child = _child(one, at, key, style, word)
        if child is not None:
            yield child._replace(roller=roller, p=(*one.p, p * so_far))


def _child(one: _Hypothesis, at: Start, key: str, style: Style, word: str) -> _Hypothesis | None:
    """Go on with a word; None if it does not fit here."""
    if not one.quote and (one.words or not at.prefix):
        word = habitual(style.spaces, one.place, word, style.own)
    if not word:
        return None
    kind = kind_of(word, key, one.quote, one.place.last)
    brackets = one.brackets.push(word, kind)
    typed = at.gap if not one.words else ""
    gap = typed if typed or (at.prefix and not one.words) else _gap(one, word, kind, style)
    if brackets is None or "\n" in word or ("\n" in gap and not typed):
        return None
    if word == at.follows and not one.brackets.own:
        return None
    text = one.text + (gap + word)[len(typed) + (0 if one.words else len(at.prefix)) :]
    return _Hypothesis(
        one.roller, (word, kind, gap), one.place.after(word, kind, gap), brackets, quote_after(word, one.quote),
        text, (*one.words, word),
    )  # fmt: skip


def _gap(one: _Hypothesis, word: str, kind: int, style: Style) -> str:
    if one.quote:
        return ""
    gap = one.place.written(choose(style.spaces, one.place, word, kind, style.own))
    return gap or (" " if joined(one.place.tail, word) else "")
