"""Samples code from a model: whole lines that leave no syntax error, in brackets that match.

Each token is drawn from the nucleus of the distribution (Holtzman et al. 2020, "The curious case of neural text
degeneration"). Where a line begins, all so far is closed and parsed; what does not parse is drawn again from the last
line that did.
"""

from typing import Final, NamedTuple, final

import msgspec
import numpy as np

from learnsys.complete.data.layout import Line
from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.search import Style
from learnsys.complete.fragments.types import Roller
from learnsys.complete.fragments.veto import errors
from learnsys.complete.fragments.words import kind_of, quote_after
from learnsys.complete.style.gaps import Place
from learnsys.complete.style.render import choose, joined
from learnsys.core.errors import InputError

CANDIDATES: Final = 200
PATIENCE: Final = 4  # draws a token
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
    """What was made so far."""

    roller: Roller
    place: Place
    brackets: Brackets
    quote: str = ""
    text: str = ""
    drawn: int = 0


def sample(at: Standing, key: str, style: Style, sampling: Sampling, *, given: str = "") -> str:
    """Return code that goes on from ``given``, which the standing has read, with its brackets closed."""
    rng = np.random.default_rng(sampling.seed)
    now = good = at
    allowed = errors(given, key)
    for _ in range(PATIENCE * sampling.tokens):
        if good.drawn >= sampling.tokens:
            break
        after = _draw(now, key, style, sampling, rng)
        if after is None:
            now = good
        elif "\n" in after.text[len(now.text) :] and now.drawn and not now.quote:
            whole = errors(given + closed(now), key) <= allowed
            good, now = (now, after) if whole else (good, good)
        else:
            now = after
    return closed(good)


def closed(standing: Standing) -> str:
    """Return the text with the brackets closed that it opened."""
    text, level = standing.text, standing.place.level
    for opener in reversed(standing.brackets.own):
        text += ("\n" + " " * level.indent if level.broken or opener in "{#if#ifdef#ifndef" else "") + _CLOSERS[opener]
        level = level.outer or level
    return text


def _draw(now: Standing, key: str, style: Style, sampling: Sampling, rng: np.random.Generator) -> Standing | None:
    """Draw the next token; None if none that fits comes."""
    gap = "" if now.quote else _gap(now, style, rng)
    top = now.roller.top(gap or " ", CANDIDATES)
    for word in _drawn(top, sampling, rng):
        kind = kind_of(word, key, now.quote)
        brackets = now.brackets.push(word, kind)
        if brackets is not None and "\n" not in word:
            white = "" if now.quote else _white(now, word, kind, gap, style)
            return Standing(
                now.roller.advance(word, kind, white), now.place.after(word, kind, white), brackets,
                quote_after(word, now.quote), now.text + white + word, now.drawn + 1,
            )  # fmt: skip
    return None


def _drawn(top: list[tuple[str, float]], sampling: Sampling, rng: np.random.Generator) -> list[str]:
    """Return the words of the nucleus in an order drawn by their probabilities."""
    p = np.array([value for _, value in top])
    if not p.sum():
        return []
    p = (p / p.sum()) ** (1 / sampling.temperature)
    p /= p.sum()
    p = p[: int(np.searchsorted(np.cumsum(p), sampling.top_p)) + 1]
    order = rng.choice(len(p), min(len(p), PATIENCE), replace=False, p=p / p.sum())
    return [top[i][0] for i in order]


def _gap(now: Standing, style: Style, rng: np.random.Generator) -> str:
    """Draw on which line the next token stands."""
    if not now.place.last:
        return ""
    lines = style.spaces.lines(now.place, style.own)
    line = list(lines)[rng.choice(len(lines), p=list(lines.values()))]
    place = now.place
    if line == Line.SAME:
        return " "
    if line == Line.BACK:
        column = place.base - len(place.unit) if place.indented and not place.level.opener else place.level.indent
    else:
        column = place.indent + (len(place.unit) if line == Line.DEEPER else 0)
    return "\n" + place.unit[0] * max(column, 0)


def _white(now: Standing, word: str, kind: int, gap: str, style: Style) -> str:
    """Return the white space that the style has before a word, on the line that was drawn."""
    if not now.place.last or now.place.logical(gap):
        return gap
    white = now.place.written(choose(style.spaces, now.place, word, kind, style.own))
    if ("\n" in white) != ("\n" in gap):
        white = gap
    return white or (" " if joined(now.place.tail, word) else "")
