"""The place of a cursor and the white space near it, kept while the cursor moves: only what changed is read again."""

from bisect import bisect_left
from collections import deque
from typing import final

from learnsys.complete.lexing.edits import alike
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.style.gaps import Gap, Place, gap_at, start
from learnsys.complete.style.indents import unit_of
from learnsys.complete.style.spaces import STEP, Counts, count, nearest


@final
class Near:
    """Says for one open file what `spaces.before` says.

    Examples
    --------
    >>> from learnsys.complete.lexing.leaves import tokens
    >>> place, own = Near().follow(tokens("f(a, b", "js"), 4)
    >>> place.last, place.level.opener
    (',', '(')
    """

    def __init__(self) -> None:
        self._found: Tokens | None = None
        self._places: list[Place] = []  # before tokens 0, STEP, 2 STEP ...
        self._gaps: deque[Gap] = deque()  # those that are counted, before tokens _low ... _n - 1
        self._own = Counts()
        self._low = self._n = 0
        self._place = Place("", False)  # after _n tokens

    def follow(self, found: Tokens, n: int) -> tuple[Place, Counts]:
        """Return the place after the first ``n`` tokens, and the counts of the gaps between the last of them.

        The counts are valid until the next question.
        """
        unit, first = unit_of(found), nearest(n)
        if not self._places or self._places[0].unit != unit:
            self._places, self._found = [start(found.language, unit)], None
        self._back(min(_same(self._found, found), n))
        self._found = found
        if not self._gaps or first > self._n:
            self._restart(first)
        elif max(first, 1) < self._low:
            self._widen(first)
        self._forward(n)
        while self._low < max(first, 1):
            count(self._own, self._gaps.popleft(), -1)
            self._low += 1
        return self._place, self._own

    def _back(self, n: int) -> None:
        """Forget what was read from token ``n`` on."""
        del self._places[n // STEP + 1 :]
        while self._gaps and self._n > n:
            self._n, gap = self._n - 1, self._gaps.pop()
            self._place = gap.place
            count(self._own, gap, -1)

    def _restart(self, first: int) -> None:
        """Go to the place before token ``first``, or the last one before it that is kept."""
        k = min(first // STEP, len(self._places) - 1)
        self._place, self._n = self._places[k], k * STEP
        self._gaps, self._own, self._low = deque(), Counts(), max(first, 1)

    def _widen(self, first: int) -> None:
        """Count the gaps from token ``first`` on that are not counted yet."""
        assert self._found is not None
        place, more = self._places[first // STEP], list[Gap]()
        for i in range(first, self._low):
            gap = gap_at(self._found, i, place)
            place = gap.after
            if i:
                count(self._own, gap)
                more.append(gap)
        self._gaps.extendleft(reversed(more))
        self._low = max(first, 1)

    def _forward(self, n: int) -> None:
        assert self._found is not None
        for i in range(self._n, n):
            if i == len(self._places) * STEP:
                self._places.append(self._place)
            gap = gap_at(self._found, i, self._place)
            self._place = gap.after
            if i >= self._low:
                count(self._own, gap)
                self._gaps.append(gap)
        self._n = n


def _same(old: Tokens | None, new: Tokens) -> int:
    """Count the leading tokens that are the same, with the same gaps before them."""
    if old is None:
        return 0
    most = min(len(old.text), len(new.text))
    return alike(old, new, bisect_left(range(1, most + 1), True, key=lambda c: old.text[:c] != new.text[:c]))
