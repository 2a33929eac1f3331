"""A document while it is typed: its tokens, their numbers and the model's states, all cut back to what an edit left."""

from typing import final

import msgspec

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.edits import Document
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.answer import Answer, ask
from learnsys.complete.runtime.cursor import Cursor, cursor
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.prefix import Prefix
from learnsys.complete.runtime.state import Reading, Stop


@final
class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A cursor, the line that its token stands on (`Line`), and what the model says."""

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

    def read(self, n: int, *, stop: Stop = lambda: False) -> Tokens:
        """Read at least the first ``n`` tokens and return all, as they are now.

        Raises
        ------
        Stopped
            If ``stop`` says so; what was read by then stays.
        """
        found = self.document.tokens
        same = self.prefix.follow(found, n, same=self.document.first_changed)
        self.document.mark_read()
        self.reading.follow(self.prefix.tape, n, same=same, stop=stop)
        return found

    def ask(self, offset: int, *, stop: Stop = lambda: False) -> Asked:
        """Ask what comes at a cursor.

        Raises
        ------
        Stopped
            If ``stop`` says so; what was read by then stays.
        """
        at = cursor(self.document.tokens, offset)
        self.read(at.t, stop=stop)
        line = self.prefix.line(at.gap, at.t)
        return Asked(cursor=at, line=line, answer=ask(self.reading, self.prefix.tape, line, at.t))
