"""What a model remembers of a document while it is typed: cut back to an edit, rolled forward from there.

States are kept of the last tokens, of one in sixteen, and of every token that opens a level, since what closes it goes
on from there; so an edit costs at most sixteen tokens more than what changed, and memory is bounded by a share of
them.
"""

from collections.abc import Callable
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.encode import Encoded
from learnsys.complete.data.vocabulary import START
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.step import Floats, Ints, advance

RECENT: Final = 64
EVERY: Final = 16
BLOCK: Final = 256  # tokens between two looks at whether to stop
Stop = Callable[[], bool]


class Stopped(Exception):
    """The caller does not want the answer any more."""


@final
class Tape(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens as the model reads them; arrays may be longer than what is there."""

    words: Ints
    parts: Ints
    names: Ints
    lines: NDArray[np.uint8]
    previous: Ints
    child: Ints
    depth: Ints

    @classmethod
    def of(cls, file: Encoded) -> "Tape":
        """Take the tokens of a whole file."""
        tree = file.nesting
        return cls(
            words=file.words, parts=file.parts, names=file.names, lines=file.lines,
            previous=tree.previous, child=tree.child, depth=tree.depth,
        )  # fmt: skip


@final
class Reading:
    """The states of one document; for one thread at a time.

    Parameters
    ----------
    model : Model
        Whose states they are.
    begin : int
        Token from which it is read, as if the file began there.

    Attributes
    ----------
    n : int
        Tokens read so far.
    keys : (>= n, K) float32
        The pointer's keys of their places.
    """

    def __init__(self, model: Model, begin: int = 0) -> None:
        self.model = model
        self.begin = self.n = begin
        self.keys: Floats = np.zeros((BLOCK, len(model.pointer.query)), np.float32)
        zero = np.zeros((1, model.width), np.float32)
        start = model.inputs(np.array([START], np.int32), np.zeros((1, 1), np.int32), np.zeros(1, np.uint8))
        self._start = run(model, zero, start, np.array([[0], [0], [-1]], np.int32))[0]
        self._rows: dict[int, Floats] = {begin - 1: self._start}

    @property
    def nbytes(self) -> int:
        """Memory of the states and keys."""
        return sum(row.nbytes for row in self._rows.values()) + self.keys.nbytes

    def row(self, t: int) -> Floats:
        """Return the state after token ``t``, -1 before the first one; it must be one of those kept."""
        return self._rows[t]

    def after(self, tape: Tape, n: int) -> Floats:
        """Return the state after the first ``n`` tokens, which are read: that kept, or worked out from one kept."""
        begin = n
        while begin - 1 not in self._rows:
            begin -= 1
        return self.row(n - 1) if begin == n else self._steps(tape, begin, n)[1][-1]

    def output(self, tape: Tape, n: int, line: int) -> Floats:
        """Return o (D,) from which the token after the first ``n`` is predicted, if it stands on ``line``."""
        output: Floats = self.model.outputs(
            states_of(self.model, self.after(tape, n)[None]), np.array([line], np.uint8)
        )[0]
        return output

    def follow(self, tape: Tape, n: int, *, same: int, stop: Stop = lambda: False) -> None:
        """Read at least the first ``n`` tokens of ``tape``, of which the first ``same`` did not change.

        Raises
        ------
        Stopped
            If ``stop`` says so; what is read by then stays.
        """
        self._cut(same)
        while self.n < n:
            if stop():
                raise Stopped
            self._read(tape, min(n, self.n + BLOCK))

    def _cut(self, n: int) -> None:
        """Forget what comes after the last kept state within the first ``n`` tokens."""
        n = max(n, self.begin)
        if n >= self.n:
            return
        while n - 1 not in self._rows:
            n -= 1
        for t in range(n, self.n):
            self._rows.pop(t, None)
        self.n = n

    def _read(self, tape: Tape, end: int) -> None:
        here = slice(self.n, end)
        x, rows = self._steps(tape, self.n, end)
        before = np.concatenate([self.row(self.n - 1)[None], rows[:-1]])
        contexts = self.model.outputs(states_of(self.model, before), tape.lines[here])
        self._grow(end)
        self.keys[here] = self.model.keys(x, contexts)
        self._keep(tape, rows, end)
        self.n = end

    def _steps(self, tape: Tape, begin: int, end: int) -> tuple[Floats, Floats]:
        """Return x and rows of the tokens ``begin`` to ``end``; the state before them is kept."""
        here, previous = slice(begin, end), tape.previous[begin:end]
        older = np.unique(np.append(previous[previous < begin], begin - 1))
        given = np.stack([self._rows[t] if t >= self.begin - 1 else self._start for t in older.tolist()])
        x = self.model.inputs(tape.words[here], tape.parts[here], tape.lines[here])
        return x, run(self.model, given, x, links_of(tape, begin, end, older))

    def _grow(self, n: int) -> None:
        if n > len(self.keys):
            more = np.zeros((max(n, 2 * len(self.keys)) - len(self.keys), self.keys.shape[1]), np.float32)
            self.keys = np.concatenate([self.keys, more])

    def _keep(self, tape: Tape, rows: Floats, end: int) -> None:
        """Keep the states that are needed, and let go of those that were recent."""
        for t in range(self.n, end):
            self._rows[t] = rows[t - self.n].copy()
        for t in range(max(self.n - RECENT, 0), end - RECENT):
            if (t + 1) % EVERY and tape.depth[t + 1] <= tape.depth[t]:
                self._rows.pop(t, None)


def links_of(tape: Tape, begin: int, end: int, older: NDArray[np.intp]) -> Ints:
    """Return the links (3, n) of tokens ``begin`` to ``end`` behind the rows of the tokens ``older``.

    Those are in order, the last is the one before ``begin``.
    """
    previous, child, m = tape.previous[begin:end], tape.child[begin:end], len(older)
    place = np.where(previous < begin, np.searchsorted(older, previous), previous - begin + m)
    inner = np.where(child < 0, -1, child - begin + m)  # always the token before
    return np.stack([np.arange(end - begin) + m - 1, place, inner]).astype(np.int32)


def states_of(model: Model, rows: Floats) -> Floats:
    """Return h of both LSTMs (n, H + G) of rows (n, 2H + 2G)."""
    h, g = model.sequence.size, model.stack.size
    return np.concatenate([rows[:, :h], rows[:, 2 * h : 2 * h + g]], axis=1)


def run(model: Model, given: Floats, x: Floats, links: Ints) -> Floats:
    """Return the rows (n, width) of n steps with inputs x (n, D) after the ``given`` rows; `advance` has the links."""
    sequence, stack = model.sequence, model.stack
    rows = np.concatenate([given, np.empty((len(x), model.width), np.float32)])
    advance(
        rows, links, x @ sequence.weight_ih.T + sequence.bias, x @ stack.weight_ih.T + stack.bias,
        (sequence.weight_hh, stack.weight_hh, stack.weight_child),
    )  # fmt: skip
    return rows[len(given) :]
