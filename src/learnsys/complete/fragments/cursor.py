"""The fragment at a cursor of a document that is being typed."""

import re
from typing import Final

from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.rolling import Rolling
from learnsys.complete.fragments.search import Cut, Start, Style, search, shown
from learnsys.complete.fragments.types import Fragment
from learnsys.complete.fragments.words import kind_of, open_quote, quote_after
from learnsys.complete.runtime.branch import Branch
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.state import Stop
from learnsys.complete.runtime.typed import Typed
from learnsys.complete.style.indents import unit_of
from learnsys.complete.style.spaces import Spaces, before

_CLOSING: Final = re.compile(r"[\s)\]};,]*(\n|$)")


def fragment_at(
    typed: Typed, offset: int, sources: Sources, spaces: Spaces, *, cut: Cut | None = None, stop: Stop = lambda: False
) -> Fragment:
    """Return what is sure enough to come at code point ``offset``, to the end of the line at most.

    Nothing is said inside of comments, and where the line goes on behind the cursor with more than closing signs.

    Raises
    ------
    Stopped
        If ``stop`` says so.
    """
    if _CLOSING.match(typed.document.text, offset) is None:
        return Fragment()
    asked = typed.ask(offset, stop=stop)
    found, cursor = typed.document.tokens, asked.cursor
    if cursor.commented:
        return Fragment()
    unit = unit_of(found)
    place, own = before(found, unit, cursor.t)
    key = typed.document.language
    if sources.blend is not None:
        sources.blend.follow(typed.prefix.tape, cursor.t)
    rolling = Rolling(Branch.at(typed, sources.lexicon, cursor.t), sources)
    start = Start(
        roller=rolling, place=place, brackets=Brackets.at(found, cursor.t), quote=open_quote(found, cursor.t),
        gap=cursor.gap, prefix=cursor.prefix,
    )  # fmt: skip
    if cursor.prefix:
        whole = rolling.finished(cursor.gap, cursor.prefix)
        start = _behind(start, key)._replace(sure=whole) if 2 * whole > 1 else start._replace(sure=1 - whole)
    fragments = search(start, key, Style(spaces=spaces, own=own), cut or Cut())
    return shown(fragments, typed.document.text, offset, key)


def _behind(start: Start, key: str) -> Start:
    """Return the start behind the token that is typed."""
    kind = kind_of(start.prefix, key, start.quote)
    return start._replace(
        roller=start.roller.advance(start.prefix, kind, start.gap),
        place=start.place.after(start.prefix, kind, start.gap),
        quote=quote_after(start.prefix, start.quote), gap="", prefix="",
    )  # fmt: skip
