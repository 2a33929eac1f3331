"""The white space before each token, learned: from the file before it, from the project, and from all of training.

Counts of classes (`gaps`) in contexts from the token pair alone to all that is seen of line and brackets; each context
adds its counts to what the shorter one says (Witten & Bell 1991, with a constant weight of the shorter one). The chain
runs through the training's counts, then the project's, then the file's own, so what one writes oneself wins at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, final

from learnsys.complete.data.layout import Line, mark
from learnsys.complete.lexing.nesting import CLOSERS
from learnsys.complete.lexing.types import Kind, Tokens
from learnsys.complete.style.gaps import NONE, Gap, Place, gaps, key, normal, start
from learnsys.complete.style.indents import unit_of

WEIGHTS: Final = (2.0, 1.0, 0.5)  # of the shorter context: training, project, file
NEAR: Final = 1500  # tokens before a cursor
STEP: Final = 256
_WIDE: Final = (60, 80, 100, 120)  # columns
_FEW: Final = 1e-4  # of any class, everywhere


def contexts(place: Place, word: str, kind: int, *, logical: bool = False) -> tuple[str, ...]:
    """Return the contexts of the gap before a token, short ones first."""
    level, last = place.level, place.last
    now = key(word, kind) + ("\v" if logical else "")
    inside = f"{level.opener}\t{int(level.broken)}\t{level.gap}"
    closing = level.opener in CLOSERS.get(word, ()) and kind == Kind.SIGN
    wide = sum(place.column > limit for limit in _WIDE) if not closing else 0
    line = f"{place.first}\t{int(place.column == place.indent)}"
    return (
        f"a\t{last}\t{now}",
        f"b\t{last}\t{now}\t{level.opener}\t{int(level.broken)}",
        f"c\t{last}\t{now}\t{inside}\t{level.before}",
        f"d\t{last}\t{now}\t{inside}\t{place.before}",
        f"e\t{last}\t{now}\t{inside}\t{place.before}\t{level.before}\t{line}\t{wide}",
    )


def ahead(place: Place) -> tuple[str, ...]:
    """Return the contexts of how the line goes on or ends, before the next token is known, short ones first."""
    level = place.level
    return (
        f"v\t{place.last}",
        f"w\t{place.last}\t{place.before}\t{level.opener}\t{int(level.broken)}",
        f"x\t{place.last}\t{place.before}\t{level.opener}\t{level.before}\t{level.gap}\t{place.first}",
    )


@final
class Counts:
    """How often each class stood in each context."""

    def __init__(self, table: dict[str, dict[str, int]] | None = None) -> None:
        self.table: dict[str, dict[str, int]] = table or {}

    def add(self, found: tuple[str, ...], name: str, times: int = 1) -> None:
        """Count a class in its contexts; ``times`` = -1 takes it back."""
        for context in found:
            row = self.table.setdefault(context, {})
            row[name] = row.get(name, 0) + times

    def mixed(self, found: tuple[str, ...], p: dict[str, float], weight: float) -> dict[str, float]:
        """Add what is counted in each context to the probabilities ``p`` that are known without it."""
        for context in found:
            row = self.table.get(context)
            if row:
                total = sum(row.values()) + weight
                p = {name: weight * before / total for name, before in p.items()}
                for name, count in row.items():
                    p[name] = p.get(name, 0.0) + count / total
        return p


@final
class Spaces:
    """White space of one language.

    Parameters
    ----------
    general : Counts, optional
        Of training, as `learn` makes them; shared, never changed.

    Examples
    --------
    >>> from learnsys.complete.lexing.leaves import tokens
    >>> spaces = Spaces()
    >>> spaces.read(tokens("f( a, b )", "js"))
    >>> spaces.names(tokens("g(x,y)", "js"))
    ['0', '1', '0', '1', '1']
    """

    def __init__(self, general: Counts | None = None) -> None:
        self._general = general or Counts()
        self._project = Counts()

    def read(self, found: Tokens, times: int = 1) -> None:
        """Learn from a file of the project; ``times`` = -1 forgets it."""
        _read(self._project, found, times)

    def p(self, found: tuple[str, ...], own: Counts | None = None) -> dict[str, float]:
        """Return the probability of each class that was ever seen in one of the contexts."""
        p = {NONE: _FEW}
        for counts, weight in zip((self._general, self._project, own), WEIGHTS, strict=True):
            if counts is not None:
                p = counts.mixed(found, p, weight)
        return p

    def best(self, place: Place, word: str, kind: int, own: Counts | None = None, *, logical: bool = False) -> str:
        """Return the likeliest class before a token."""
        p = self.p(contexts(place, word, kind, logical=logical), own)
        return max(p, key=p.__getitem__)

    def lines(self, place: Place, own: Counts | None = None) -> dict[Line, float]:
        """Return the probability of each `Line` on which the next token can stand, before it is known."""
        p = self.p(ahead(place), own)
        known = {line: p.get(line.name, 0.0) for line in Line}
        total = sum(known.values())
        return {line: value / total for line, value in known.items()} if total else {Line.SAME: 1.0}

    def names(self, found: Tokens) -> list[str]:
        """Return the class expected in each gap of a file, from what stands before it."""
        own, answers = Counts(), []
        for gap in gaps(found, unit_of(found)):
            logical = gap.place.logical(gap.text)
            seen = contexts(gap.place, gap.word, gap.kind, logical=logical)
            p = self.p(seen, own)
            answers.append(max(p, key=p.__getitem__))
            if gap.name is not None:
                count(own, gap)
        return answers


def learn(files: Iterable[Tokens], *, least: int = 3) -> Counts:
    """Count the classes of training files; contexts seen fewer than ``least`` times are left out."""
    counts = Counts()
    for found in files:
        _read(counts, found, 1)
    return Counts({context: row for context, row in counts.table.items() if sum(row.values()) >= least})


def before(found: Tokens, unit: str, n: int) -> tuple[Place, Counts]:
    """Return the place after the first ``n`` tokens of a file, and the counts of the gaps between the last of them."""
    own, place = Counts(), start(found.language, unit)
    for i, gap in zip(range(1, n), gaps(found, unit), strict=False):
        place = gap.after
        if i >= nearest(n):
            count(own, gap)
    if n == 1:
        place = place.after(found.words[0], int(found.kinds[0]), normal(found.gap(0))[0])
    return place, own


def nearest(n: int) -> int:
    """Return the first token that is near a cursor behind ``n`` tokens: a multiple of STEP."""
    return max(n - NEAR, 0) // STEP * STEP


def modal(files: Sequence[Tokens]) -> dict[tuple[str, str], str]:
    """Return the commonest class of each pair of tokens: the rule that `Spaces` has to beat."""
    counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for found in files:
        for gap in gaps(found, unit_of(found)):
            if gap.name is not None:
                counts[gap.place.last, key(gap.word, gap.kind)][gap.name] += 1
    return {pair: row.most_common(1)[0][0] for pair, row in counts.items()}


def count(counts: Counts, gap: Gap, times: int = 1) -> None:
    """Count a gap that has a class."""
    if gap.name is not None:
        seen = contexts(gap.place, gap.word, gap.kind, logical=gap.place.logical(gap.text))
        counts.add(seen, gap.name, times)
        counts.add(ahead(gap.place), mark(gap.text, gap.place.indent, first=False)[0].name, times)


def _read(counts: Counts, found: Tokens, times: int) -> None:
    for gap in gaps(found, unit_of(found)):
        count(counts, gap, times)
