"""Whether a text may be put in at a cursor: the file parses as before, and no line comes twice."""

from functools import cached_property
from typing import final

from learnsys.complete.fragments.veto import count
from learnsys.complete.lexing.edits import Document
from learnsys.complete.runtime.state import Stop, Stopped


@final
class Fits:
    """Says of one text after another whether it fits into a document, which stays as it is, at code point ``offset``.

    Examples
    --------
    >>> fits = Fits(Document("f(\\ng();", "js"), 2)
    >>> fits("1"), fits("1);")
    (False, True)
    """

    def __init__(self, document: Document, offset: int, stop: Stop = lambda: False) -> None:
        self._document, self._offset, self._stop = document, offset, stop
        text = document.text
        rest, _, below = text[offset:].partition("\n")
        self._line = text[text.rfind("\n", 0, offset) + 1 : offset], rest
        self._next = next((line.strip() for line in below.split("\n") if line.strip()), "")

    def __call__(self, text: str) -> bool:
        """Tell whether a text leaves no more errors than there were, and does not write the next line once more.

        Raises
        ------
        Stopped
            If nobody waits for the answer.
        """
        if self._stop():
            raise Stopped
        if text.join(self._line).strip() == self._next:
            return False
        return count(self._document.tree(self._offset, text).root_node) <= self._errors

    @cached_property
    def _errors(self) -> int:
        return count(self._document.tree().root_node)
