"""Whether a text may be put in at a cursor: the file parses as before, and no line comes twice."""

from functools import cached_property

from learnsys.complete.fragments.veto import errors
from learnsys.complete.runtime.state import Stop, Stopped


class Fits:
    """Says of one text after another whether it fits at code point ``offset``.

    Examples
    --------
    >>> fits = Fits("f(\\ng();", 2, "js")
    >>> fits("1"), fits("1);")
    (False, True)
    """

    def __init__(self, text: str, offset: int, key: str, stop: Stop = lambda: False) -> None:
        self._before, self._after, self._key, self._stop = text[:offset], text[offset:], key, stop
        rest, _, below = self._after.partition("\n")
        self._rest = rest
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
        line = self._before[self._before.rfind("\n") + 1 :] + text + self._rest
        return line.strip() != self._next and errors(self._before + text + self._after, self._key) <= self._errors

    @cached_property
    def _errors(self) -> int:
        return errors(self._before + self._after, self._key)
