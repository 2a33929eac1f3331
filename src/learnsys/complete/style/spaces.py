"""The white space before each token, learned: from the file before it, from the project, and from all of training.

Counts of classes (`gaps`) in contexts from the token pair alone to all that is seen of line and brackets; between
statements, where indents are syntax, from the step to what the block holds. Each context adds its counts to what the
shorter one says (Witten & Bell 1991, with a constant weight of the shorter one). A context's counts are those of
training, of which few are believed, of the project, and of the file itself, so what one writes oneself wins at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, final

from learnsys.complete.data.layout import Line, mark
from learnsys.complete.lexing.nesting import CLOSERS
from learnsys.complete.lexing.types import Kind, Tokens
from learnsys.complete.style.gaps import NONE, Gap, Place, gaps, key, normal, start
from learnsys.complete.style.indents import unit_of

BELIEVED: Final = 10.0  # gaps of training in a context, at most
PROJECT: Final = 5.0  # such gaps that one of the project counts for
FILE: Final = 10.0  # and one of the file
SHORTER: Final = 2.0  # and what the shorter context says
NEAR: Final = 1500  # tokens before a cursor
STEP: Final = 256
SURE: Final = 0.9  # of a habit that is followed
QUOTE: Final = "quote"
END: Final = "end"
_QUOTES: Final = frozenset({'"', "'"})
_IN_TEXT: Final = _QUOTES | {key("", Kind.TEXT)}
_ENDS: Final = frozenset({")", "]", ";"})
_WIDE: Final = (60, 80, 100, 120)  # columns
_FEW: Final = 1e-4  # of any class, everywhere


def contexts(place: Place, word: str, kind: int, column: int | None = None) -> tuple[str, ...]:
    """Return the contexts of the gap before a token, short ones first.

    ``column`` is where the token stands if it begins a statement and indents are syntax.
    """
    now = key(word, kind)
    if column is not None:
        return _between(place, now, column)
    level, last = place.level, place.last
    closing = level.opener in CLOSERS.get(word, ()) and kind == Kind.SIGN
    wide = sum(place.column > limit for limit in _WIDE) if not closing else 0
    pair = f"{last}\t{now}"
    near = f"{pair}\t{place.prior}"
    inside = f"{near}\t{level.opener}\t{level.broken:d}{level.typed:d}"
    like = f"{inside}\t{level.gap}"
    longer = f"{like}\t{place.before}"
    line = f"{level.before}\t{place.first}\t{place.column == place.indent:d}{wide}"
    return f"a\t{pair}", f"b\t{near}", f"c\t{inside}", f"d\t{like}", f"e\t{longer}", f"f\t{longer}\t{line}"


def _between(place: Place, now: str, column: int) -> tuple[str, ...]:
    """Return the contexts between two statements: what the one before in the block is, what the block is of."""
    beside = place.around(column)
    around = beside
    if beside is not None and beside.indent == column:
        around = beside.outer
    else:
        beside = None
    step = f"{(column > place.base) - (column < place.base)}\t{column == 0:d}"
    pair = f"{now}\t{step}\t{beside.head if beside else ''}"
    inside = f"{pair}\t{around.head if around else ''}"
    like = f"{inside}\t{beside.gap if beside else ''}"
    last = place.block
    longer = f"{like}\t{last.gap if last else ''}"
    whole = f"{longer}\t{last.head if last else ''}\t{place.last}"
    return f"l\t{step}", f"m\t{pair}", f"n\t{inside}", f"o\t{like}", f"p\t{longer}", f"q\t{whole}"


def ahead(place: Place) -> tuple[str, ...]:
    """Return the contexts of how the line goes on or ends, before the next token is known, short ones first."""
    level = place.level
    return (
        f"v\t{place.last}",
        f"w\t{place.last}\t{place.before}\t{level.opener}\t{int(level.broken)}",
        f"x\t{place.last}\t{place.before}\t{level.opener}\t{level.before}\t{level.gap}\t{place.first}",
    )


def habits(place: Place, word: str, text: str) -> Iterator[tuple[tuple[str], str]]:
    """Say which habit a token behind a gap shows: the quote of a string that opens, how a line ends in JavaScript."""
    if word[-1:] in _QUOTES and not word.endswith(('"""', "'''")) and place.last not in _IN_TEXT:
        yield (QUOTE,), word[-1]
    if "\n" in text and not place.indented and place.level.opener in ("", "{") and place.last in _ENDS:
        yield (END,), ";" if place.last == ";" else "\n"


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
        for context in found:
            row = self._row(context, own)
            total = sum(row.values()) + SHORTER
            p = {name: SHORTER * before / total for name, before in p.items()}
            for name, weight in row.items():
                p[name] = p.get(name, 0.0) + weight / total
        return p

    def _row(self, context: str, own: Counts | None) -> dict[str, float]:
        """Return how much each class weighs in a context."""
        general = self._general.table.get(context, {})
        share = min(1.0, BELIEVED / max(sum(general.values()), 1))
        row = {name: share * times for name, times in general.items()}
        for counts, weight in ((self._project, PROJECT), (own, FILE)):
            for name, times in counts.table.get(context, {}).items() if counts is not None else ():
                row[name] = row.get(name, 0.0) + weight * times
        return row

    def lines(self, place: Place, own: Counts | None = None) -> dict[Line, float]:
        """Return the probability of each `Line` on which the next token can stand, before it is known."""
        p = self.p(ahead(place), own)
        known = {line: p.get(line.name, 0.0) for line in Line}
        total = sum(known.values())
        return {line: value / total for line, value in known.items()} if total else {Line.SAME: 1.0}

    def habit(self, context: str, own: Counts | None = None) -> str:
        """Return what is nearly always done, the quote of strings (`QUOTE`) or the end of lines (`END`); else none."""
        p = self.p((context,), own)
        name = max(p, key=p.__getitem__)
        return name if p[name] > SURE else ""

    def names(self, found: Tokens) -> list[str]:
        """Return the class expected in each gap of a file, from what stands before it."""
        own, answers = Counts(), []
        for gap in gaps(found, unit_of(found)):
            p = self.p(contexts(gap.place, gap.word, gap.kind, gap.column), own)
            answers.append(max(p, key=p.__getitem__))
            if gap.name is not None:
                count(own, gap)
        return answers


def learn(files: Iterable[Tokens], *, least: int = 5) -> Counts:
    """Count the classes of training files; contexts seen fewer than ``least`` times and habits are left out."""
    counts = Counts()
    for found in files:
        _read(counts, found, 1)
    kept = counts.table.keys() - {QUOTE, END}
    return Counts({name: row for name, row in counts.table.items() if name in kept and sum(row.values()) >= least})


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
        counts.add(contexts(gap.place, gap.word, gap.kind, gap.column), gap.name, times)
        for context, done in habits(gap.place, gap.word, gap.text):
            counts.add(context, done, times)
        counts.add(ahead(gap.place), mark(gap.text, gap.place.indent, first=False)[0].name, times)


def _read(counts: Counts, found: Tokens, times: int) -> None:
    for gap in gaps(found, unit_of(found)):
        count(counts, gap, times)
