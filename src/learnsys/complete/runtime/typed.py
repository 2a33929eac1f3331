"""A document while it is typed: its tokens, their numbers and the model's states, all cut back to what an edit left."""

from typing import Final, final

import msgspec

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.edits import Document
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.answer import Answer, ask
from learnsys.complete.runtime.cursor import Cursor, cursor
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.prefix import Prefix
from learnsys.complete.runtime.state import Reading, Stop
from learnsys.complete.runtime.step import WINDOW

FAR: Final = 4096  # tokens before a cursor that are read; what is farther is left out


@final
class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A cursor, the tokens before it, the line that its token stands on (`Line`), and what the model says."""

    tokens: Tokens
    cursor: Cursor
    line: int
    answer: Answer


@final
class Typed:
    """For one thread at a time.

    Parameters
    ----------
    text : str
        At the start.
    model : Model
        Of its language.
    lexicon : Lexicon
        Learns its words.

    Attributes
    ----------
    document : Document
        The text; edit it there.
    prefix : Prefix
        Its leading tokens, encoded.
    reading : Reading
        What the model remembers of them.
    """

    def __init__(self, text: str, model: Model, lexicon: Lexicon) -> None:
        self.document = Document(text, model.vocabulary.language)
        self.prefix = Prefix(model.vocabulary, lexicon)
        self.reading = Reading(model)

    def read(self, found: Tokens, n: int, *, stop: Stop = lambda: False) -> None:
        """Read at least the first ``n`` of the tokens ``found``, which are of the text as it is now.

        Raises
        ------
        Stopped
            If ``stop`` says so; what was read by then stays.
        """
        same = self.prefix.follow(found, n, same=self.document.unchanged(found))
        self.document.mark_read(found)
        self._go_near(n, same)
        self.reading.follow(self.prefix.tape, n, same=same, stop=stop)

    def _go_near(self, n: int, same: int) -> None:
        """Begin anew where a cursor is too far from what was read, so that the first answer comes in time."""
        reading, model = self.reading, self.reading.model
        if reading.begin and n < reading.begin + WINDOW:
            reading = Reading(model)
        if n - min(reading.n, max(same, reading.begin)) > FAR:
            reading = Reading(model, (n - FAR) // WINDOW * WINDOW)
        self.reading = reading

    def ask(self, offset: int, *, stop: Stop = lambda: False) -> Asked:
        """Ask what comes at a cursor.

        Raises
        ------
        Stopped
            If ``stop`` says so; what was read by then stays.
        """
        found = self.document.leading(offset)
        at = cursor(found, offset)
        self.read(found, at.t, stop=stop)
        line = self.prefix.line(at.gap, at.t)
        return Asked(tokens=found, cursor=at, line=line, answer=ask(self.reading, self.prefix.tape, line, at.t))
