"""The tokens before a cursor as numbers, kept while one types: only what changed is encoded again.

Says the same as `data.encode`, which reads whole files.
"""

from typing import Final, final

import numpy as np

from learnsys.complete.data.layout import Line, mark
from learnsys.complete.data.lexicon import SLOTS, Lexicon
from learnsys.complete.data.vocabulary import Vocabulary
from learnsys.complete.languages import language
from learnsys.complete.lexing.nesting import OUTSIDE, Standing, step
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.state import Tape

_FIRST: Final = 256
_FIELDS: Final = ("words", "parts", "names", "lines", "previous", "child", "depth")


@final
class Prefix:
    """The leading tokens of a document, encoded.

    Parameters
    ----------
    vocabulary : Vocabulary
        Of the model.
    lexicon : Lexicon
        Learns the document's words.

    Attributes
    ----------
    n : int
        Tokens that are encoded.
    tape : Tape
        Their numbers.
    """

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon) -> None:
        self.n = 0
        self.tape = _empty(_FIRST)
        self._lexicon, self._codes = lexicon, lexicon.codes(vocabulary)
        self._indented = language(vocabulary.language).indented
        self._standings: list[Standing] = []  # after each token
        self._columns: list[int] = []  # of the line that each token is in

    def standing(self, n: int) -> Standing:
        """Return where the stack machine stands after ``n`` tokens."""
        return self._standings[n - 1] if n else OUTSIDE

    def column(self, n: int) -> int:
        """Return the column in which the line of the last of ``n`` tokens begins."""
        return self._columns[n - 1] if n else 0

    def line(self, gap: str, n: int) -> int:
        """Return the `Line` of a token that comes after ``n`` tokens and ``gap``."""
        return int(mark(gap, self.column(n), first=not n)[0])

    def follow(self, found: Tokens, n: int, *, same: int) -> int:
        """Encode at least the first ``n`` tokens of ``found``, of which the first ``same`` did not change.

        Returns
        -------
        int
            Leading tokens whose numbers did not change either: what was encoded of the ``same`` ones.
        """
        same = min(same, self.n)
        del self._standings[same:], self._columns[same:]
        self.n = same
        self._grow(n)
        self._numbers(found, same, n)
        words, kinds = found.words[same:n], found.kinds[same:n].tolist()
        for t, word, kind in zip(range(same, n), words, kinds, strict=True):
            gap = found.text[found.ends[t - 1] if t else 0 : found.starts[t]]
            tape = self.tape
            tape.lines[t], column = mark(gap, self.column(t), first=t == 0)
            at = column if self._indented and tape.lines[t] != Line.SAME else -1
            taken = step(self.standing(t), t, word=word, kind=kind, column=at)
            tape.previous[t], tape.child[t], tape.depth[t] = taken.previous, taken.child, taken.depth
            self._columns.append(column)
            self._standings.append(taken.standing)
            self.n = t + 1
        return same

    def _numbers(self, found: Tokens, begin: int, end: int) -> None:
        names = self._lexicon.ids(found.words[begin:end])
        self.tape.names[begin:end] = names
        self.tape.words[begin:end] = self._codes.words(names)
        self.tape.parts[begin:end] = self._codes.parts(names)

    def _grow(self, n: int) -> None:
        if n > len(self.tape.words):
            longer = _empty(2 * n)
            for field in _FIELDS:
                getattr(longer, field)[: self.n] = getattr(self.tape, field)[: self.n]
            self.tape = longer


def _empty(n: int) -> Tape:
    def numbers() -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
        return np.zeros(n, np.int32)

    return Tape(
        words=numbers(), parts=np.zeros((n, SLOTS), np.int32), names=numbers(), lines=np.zeros(n, np.uint8),
        previous=numbers(), child=numbers(), depth=numbers(),
    )  # fmt: skip
