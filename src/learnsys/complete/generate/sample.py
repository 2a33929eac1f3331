"""Samples code from a model: whole lines that leave no syntax error, in brackets that match.

Each token is drawn from the nucleus of the distribution (Holtzman et al. 2020, "The curious case of neural text
degeneration"). Where a line begins, all so far is closed and parsed; what does not parse is drawn again from the last
line that did.
"""

from typing import Final, NamedTuple, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.layout import Line
from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.search import Style
from learnsys.complete.fragments.types import Roller
from learnsys.complete.fragments.veto import errors
from learnsys.complete.fragments.words import kind_of, quote_after
from learnsys.complete.lexing.types import Kind
from learnsys.complete.style.gaps import Place
from learnsys.complete.style.render import between, choose, habitual, joined
from learnsys.core.errors import InputError

CANDIDATES: Final = 200
PATIENCE: Final = 4  # draws a token
WIDEST: Final = 120  # columns
HOPELESS: Final = 40  # first lines that do not parse
ABOVE: Final = 8  # lines among which none comes twice
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "${": "}", "#if": "#endif", "#ifdef": "#endif", "#ifndef": "#endif"}


@final
class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How to draw.

    Attributes
    ----------
    tokens : int
        Most.
    temperature : float
        Below 1 likely tokens become likelier, above 1 less so.
    top_p : float
        Drawn is among the likeliest tokens that have so much probability together, 0 < top_p <= 1.
    seed : int
        Of the draws.

    Raises
    ------
    InputError
        If one is out of its range.
    """

    tokens: int = 200
    temperature: float = 1.0
    top_p: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if self.tokens < 1:
            raise InputError.below("tokens", self.tokens, 1)
        if not self.temperature > 0:
            raise InputError("temperature must be over 0", value=self.temperature, next="0.8, say")
        if not 0 < self.top_p <= 1:
            raise InputError("top_p is a share of probability", value=self.top_p, next="0.9, say")


class Standing(NamedTuple):
    """What was made so far; ``ended`` says that the line of what was given had ended."""

    roller: Roller
    place: Place
    brackets: Brackets
    quote: str = ""
    text: str = ""
    drawn: int = 0
    ended: bool = False


def sample(at: Standing, key: str, style: Style, sampling: Sampling, *, given: str = "") -> str:
    """Return code that goes on from ``given``, which the standing has read, with all brackets closed.

    A line after which the text does not parse, that stands right above already or is too long, is drawn again; where
    nothing comes of it, so is the line before. A text given that has errors of its own may keep them.
    """
    broken = errors(given + closed(at), key)
    made = _sampled(at, key, style, sampling, text=(given, 0))
    if made is at and broken:
        made = _sampled(at, key, style, sampling, text=(given, broken))
    return closed(made)


def _sampled(at: Standing, key: str, style: Style, sampling: Sampling, *, text: tuple[str, int]) -> Standing:
    """Go on from a text given, with so many errors at most; the standing itself where nothing comes of it."""
    given, allowed = text
    rng = np.random.default_rng(sampling.seed)
    now, good, failed = at, [at], 0  # each of the good ones is a text that parses
    for _ in range(PATIENCE * sampling.tokens):
        if good[-1].drawn >= sampling.tokens or (len(good) == 1 and failed > HOPELESS):
            break
        after = _draw(now, key, style, sampling, rng)
        ended = after is not None and "\n" in after.text[len(now.text) :] and now.drawn and not now.quote
        if after is not None and not ended and after.place.column <= WIDEST:
            now = after
        elif after is not None and ended and _fresh(now) and errors(given + closed(now), key) <= allowed:
            good.append(now)
            now, failed = after, 0
        else:
            failed += 1
            if failed > PATIENCE and len(good) > 1:
                good.pop()
                failed = 0
            now = good[-1]
    return good[-1]


def _fresh(now: Standing) -> bool:
    """Tell whether the last line is none of those right above it; lines of closing signs may be."""
    *above, last = (line.strip() for line in now.text.rsplit("\n", ABOVE + 1)[-ABOVE - 1 :])
    return not any(sign.isalnum() for sign in last) or last not in above


def closed(standing: Standing) -> str:
    """Return the text with all brackets closed that are open, its own and those of what was given."""
    text, level = standing.text, standing.place.level
    for opener in reversed(standing.brackets.around + standing.brackets.own):
        text += ("\n" + " " * level.indent if level.broken or opener in "{#if#ifdef#ifndef" else "") + _CLOSERS[opener]
        level = level.outer or level
    return text


def _draw(now: Standing, key: str, style: Style, sampling: Sampling, rng: np.random.Generator) -> Standing | None:
    """Draw the next token; None if none that fits comes."""
    gap = "" if now.quote else _gap(now, style, rng)
    top = now.roller.top(gap or " ", CANDIDATES)
    if not now.quote:
        told = dict[str, float]()
        for word, p in top:
            usual = habitual(style.spaces, now.place, word, style.own)
            told[usual] = told.get(usual, 0.0) + p
        top = [(word, p) for word, p in told.items() if word]
    kinds = {word: kind_of(word, key, now.quote, now.place.last) for word, _ in top}
    named = np.array([kind == Kind.NAME for kind in kinds.values()])
    for word in _drawn(top, named, sampling, rng):
        kind = kinds[word]
        brackets = now.brackets.push(word, kind)
        if brackets is not None and "\n" not in word:
            white = "" if now.quote else _white(now, word, kind, gap, style)
            return Standing(
                now.roller.advance(word, kind, white), now.place.after(word, kind, white), brackets,
                quote_after(word, now.quote), now.text + white + word, now.drawn + 1,
            )  # fmt: skip
    return None


def _drawn(
    top: list[tuple[str, float]], named: NDArray[np.bool_], sampling: Sampling, rng: np.random.Generator
) -> list[str]:
    """Return the words of the nucleus in an order drawn by their probabilities.

    Names that the model has no number for cannot be drawn: those that are ``named`` share their probability.
    """
    p = np.array([value for _, value in top])
    if not p.sum():
        return []
    names = p * named
    p = p + max(1 - p.sum(), 0.0) * names / (names.sum() or 1)
    p = (p / p.sum()) ** (1 / sampling.temperature)
    p /= p.sum()
    order = np.argsort(-p, kind="stable")
    nucleus = order[: int(np.searchsorted(np.cumsum(p[order]), sampling.top_p)) + 1]
    chosen = rng.choice(nucleus, min(len(nucleus), PATIENCE), replace=False, p=p[nucleus] / p[nucleus].sum())
    return [top[i][0] for i in chosen.tolist()]


def _gap(now: Standing, style: Style, rng: np.random.Generator) -> str:
    """Draw on which line the next token stands."""
    if not now.place.last:
        return ""
    lines = style.spaces.lines(now.place, style.own)
    line = list(lines)[rng.choice(len(lines), p=list(lines.values()))]
    place = now.place
    if line == Line.SAME and not (now.ended and not now.drawn):
        return " "
    if line == Line.BACK:
        column = place.base - len(place.unit) if place.indented and not place.level.opener else place.level.indent
    else:
        column = place.indent + (len(place.unit) if line == Line.DEEPER else 0)
    return "\n" + place.unit[0] * max(column, 0)


def _white(now: Standing, word: str, kind: int, gap: str, style: Style) -> str:
    """Return the white space that the style has before a word, on the line that was drawn."""
    if not now.place.last:
        return gap
    if now.place.logical(gap):
        return between(style.spaces, now.place, word, kind, len(gap) - 1, style.own)
    white = now.place.written(choose(style.spaces, now.place, word, kind, style.own))
    if ("\n" in white) != ("\n" in gap):
        white = gap
    return white or (" " if joined(now.place.tail, word) else "")
