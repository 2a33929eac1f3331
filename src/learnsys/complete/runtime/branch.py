"""What could be typed next, several tokens far: states beside those of the document, which stays as it is.

Branches share all that they have in common, so a beam search costs one step for each token it looks at.
"""

from typing import Self, final

import msgspec
import numpy as np

from learnsys.complete.data.layout import Line, mark
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.languages import language
from learnsys.complete.lexing.nesting import Standing, step
from learnsys.complete.runtime.answer import Answer, answer
from learnsys.complete.runtime.state import run, states_of
from learnsys.complete.runtime.step import WINDOW, Floats, Ints
from learnsys.complete.runtime.typed import Typed


@final
class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """The first ``base`` tokens of a document, and those up to ``n`` that are only thought of.

    Attributes
    ----------
    rows : tuple of (2H + 2G,) float32
        States after token base - 1 and after each that is thought of.
    keys, words, names : (w, K), (w,), (w,)
        Of the last tokens, as many as can be copied.
    standing : Standing
        Of the stack machine: brackets that are open.
    column : int
        In which the last token's line begins.
    """

    typed: Typed
    lexicon: Lexicon
    base: int
    n: int
    rows: tuple[Floats, ...]
    keys: Floats
    words: Ints
    names: Ints
    standing: Standing
    column: int

    @classmethod
    def at(cls, typed: Typed, lexicon: Lexicon, n: int) -> Self:
        """Branch off after the first ``n`` tokens, which are read; valid until the document is edited."""
        tape, reading = typed.prefix.tape, typed.reading
        return cls(
            typed=typed, lexicon=lexicon, base=n, n=n, rows=(reading.after(tape, n),),
            keys=reading.keys[:n][-WINDOW:], words=tape.words[:n][-WINDOW:], names=tape.names[:n][-WINDOW:],
            standing=typed.prefix.standing(n), column=typed.prefix.column(n),
        )  # fmt: skip

    def line(self, gap: str) -> int:
        """Return the `Line` of a token that comes after ``gap``."""
        return int(mark(gap, self.column, first=not self.n)[0])

    def ask(self, gap: str) -> Answer:
        """Ask for the token after ``gap``; ``last`` counts from token n - w."""
        return answer(self.typed.reading.model, self._output(self.line(gap)), self.keys, self.words, self.names)

    def push(self, word: str, kind: int, gap: str) -> "Branch":
        """Go on with a token of a `Kind`, after ``gap``."""
        model, n = self.typed.reading.model, self.n
        line, column = mark(gap, self.column, first=not n)
        indent = column if language(model.vocabulary.language).indented and line != Line.SAME else -1
        taken = step(self.standing, n, word=word, kind=kind, column=indent)
        names, codes = self.lexicon.ids([word]), self.lexicon.codes(model.vocabulary)
        words = codes.words(names)
        x = model.inputs(words, codes.parts(names), np.array([line], np.uint8))
        links = np.array([[0], [1], [-1 if taken.child < 0 else 0]], np.int32)
        row = run(model, np.stack([self.rows[-1], self._row(taken.previous)]), x, links)[0]
        key = model.keys(x, self._output(line)[None])
        return msgspec.structs.replace(
            self, n=n + 1, rows=(*self.rows, row), keys=np.concatenate([self.keys[1 - WINDOW :], key]),
            words=np.append(self.words[1 - WINDOW :], words), names=np.append(self.names[1 - WINDOW :], names),
            standing=taken.standing, column=column,
        )  # fmt: skip

    def _row(self, t: int) -> Floats:
        """Return the state after token ``t`` of the document or of the branch."""
        at = t - self.base + 1
        return self.rows[at] if at >= 0 else self.typed.reading.after(self.typed.prefix.tape, t + 1)

    def _output(self, line: int) -> Floats:
        reading = self.typed.reading
        output: Floats = reading.model.outputs(
            states_of(reading.model, self.rows[-1][None]), np.array([line], np.uint8)
        )[0]
        return output
