"""The fragment at a cursor of a document that is being typed."""

import re
from typing import Final

from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.cut import Cut
from learnsys.complete.fragments.fits import Fits
from learnsys.complete.fragments.rolling import Rolling
from learnsys.complete.fragments.search import Start, Style, search, shown
from learnsys.complete.fragments.types import Fragment
from learnsys.complete.fragments.words import open_quote, quote_after
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.branch import Branch
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.state import Stop
from learnsys.complete.runtime.typed import Typed
from learnsys.complete.style.near import Near
from learnsys.complete.style.spaces import Spaces

_CLOSING: Final = re.compile(r"[\s)\]};,]*(\n|$)")


def fragment_at(
    typed: Typed, offset: int, sources: Sources, style: tuple[Spaces, Near], *, cut: Cut, stop: Stop = lambda: False
) -> Fragment:
    """Return what is sure enough to come at code point ``offset``, to the end of the line at most.

    Nothing is said inside of comments, and where the line goes on behind the cursor with more than closing signs.

    Parameters
    ----------
    typed : Typed
        The document.
    offset : int
        Of the cursor.
    sources : Sources
        What knows the words; its caches are those of the document.
    style : (Spaces, Near)
        White space of the project, and of the document.
    cut : Cut
        When it is sure enough.

    Raises
    ------
    Stopped
        If ``stop`` says so.
    """
    if _CLOSING.match(typed.document.text, offset) is None:
        return Fragment()
    found = typed.document.tokens  # all: brackets that are closed behind the cursor count
    cursor = typed.ask(offset, stop=stop).cursor
    if cursor.commented:
        return Fragment()
    if sources.blend is not None:
        sources.blend.follow(typed.prefix.tape, cursor.t)
    place, own = style[1].follow(found, cursor.t)
    rolling = Rolling(Branch.at(typed, sources.lexicon, cursor.t), sources)
    start = Start(
        roller=rolling, place=place,
        brackets=Brackets.at(found, cursor.t), quote=open_quote(found, cursor.t), gap=cursor.gap, prefix=cursor.prefix,
        follows=_behind(found, offset),
    )  # fmt: skip
    if cursor.prefix:
        start = _settled(start, rolling, int(found.kinds[cursor.t]))
    fragments = search(start, found.language, Style(spaces=style[0], own=own), cut, stop=stop)
    return shown(fragments, Fits(typed.document, offset, stop))


def _behind(found: Tokens, offset: int) -> str:
    """Return the first token behind the cursor on its line, if there is one."""
    t = int(found.starts.searchsorted(offset))
    return found.words[t] if t < len(found) and "\n" not in found.text[offset : found.starts[t]] else ""


def _settled(start: Start, rolling: Rolling, kind: int) -> Start:
    """Say of the token that is typed, of a `Kind`, whether it is a whole one, and how surely."""
    whole = rolling.finished(start.gap, start.prefix)
    if 2 * whole <= 1:
        return start._replace(sure=1 - whole)
    return start._replace(
        roller=rolling.advance(start.prefix, kind, start.gap),
        place=start.place.after(start.prefix, kind, start.gap),
        quote=quote_after(start.prefix, start.quote), gap="", prefix="", sure=whole,
    )  # fmt: skip
