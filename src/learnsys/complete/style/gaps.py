"""White space between tokens as classes, and what is seen of the line and the brackets around when it is typed.

A class says what a reader sees: nothing, a space, or a new line whose indent is told in units against the line that
opened the innermost bracket. So the same class is right at every depth, and in files of other indents.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from learnsys.complete.languages import language
from learnsys.complete.lexing.nesting import CLOSERS, OPENERS
from learnsys.complete.lexing.types import Kind, Tokens

NONE: Final = "0"
SPACE: Final = "1"
SEVERAL: Final = "2"
ALIGNED: Final = "A"  # below what follows the bracket
LOGICAL: Final = "L"  # where indents are syntax: the indent is given
ELSEWHERE: Final = "?"
_KEYS: Final = {Kind.NAME: "<name>", Kind.NUMBER: "<number>", Kind.TEXT: "<text>"}
LINE: Final = "n"  # of any class
_SHORT: Final = frozenset({NONE, SPACE, SEVERAL})
_SEPARATORS: Final = frozenset({",", ";"})
_FARTHEST: Final = 3  # units
_MOST_BLANK: Final = 2  # lines


class Level(NamedTuple):
    """An open bracket: its word, the token before it, the indent of its line, the column after it.

    ``broken`` says whether a new line follows it; ``gap`` is the class after the last comma or semicolon in it,
    ``typed`` whether a colon stands behind that.
    """

    opener: str
    before: str
    indent: int
    column: int
    broken: bool = False
    gap: str = ""
    typed: bool = False
    outer: "Level | None" = None


class Block(NamedTuple):
    """Where indents are syntax, a block: the first token of its last statement, its indent, the gap before that."""

    head: str
    indent: int
    gap: str
    outer: "Block | None" = None


class Place(NamedTuple):
    """Where the next token will stand: what the two last tokens are, the line so far, and the open brackets.

    ``indent`` is that of the line, ``base`` that of the line on which the statement began (languages of indents),
    ``closed`` that of the line whose bracket was closed last, ``tail`` the last token's last character, ``prior`` the
    class of the gap before the last token. It is never changed: a branch costs nothing.
    """

    unit: str
    indented: bool
    level: Level = Level("", "", 0, 0)
    before: str = ""
    last: str = ""
    first: str = ""
    column: int = 0
    indent: int = 0
    base: int = 0
    closed: int = 0
    tail: str = ""
    prior: str = ""
    block: Block | None = None

    def classify(self, gap: str, closes: bool) -> str:
        """Return the class of white space before a token, which ``closes`` the innermost bracket or does not."""
        if "\n" not in gap:
            return SEVERAL if len(gap) > 1 else SPACE if gap else NONE
        blank = min(gap.count("\n") - 1, _MOST_BLANK)
        if self.logical(gap):
            return f"{blank}{LOGICAL}"
        column = len(gap) - gap.rfind("\n") - 1
        steps, rest = divmod(column - self.anchor(), len(self.unit))
        if column == self.level.column and self.level.opener and steps > 1:
            return f"{blank}{ALIGNED}"
        return f"{blank}{steps:+d}" if not rest and abs(steps) <= _FARTHEST else f"{blank}{ELSEWHERE}"

    def logical(self, gap: str) -> bool:
        """Whether the line end ends a statement, where indents are syntax."""
        return self.indented and not self.level.opener and "\n" in gap and "\\" not in gap

    def anchor(self) -> int:
        """Return the indent against which that of a new line is told."""
        return self.level.indent if self.level.opener or not self.indented else self.base

    def written(self, name: str, indent: int | None = None) -> str:
        """Return the white space of a class; ``indent`` is the column where indents are syntax."""
        if name in (NONE, SPACE, SEVERAL):
            return " " * int(name)
        ends, rest = "\n" * (int(name[0]) + 1), name[1:]
        if rest == LOGICAL:
            return ends + self._white(self.base if indent is None else indent)
        if rest == ALIGNED:
            return ends + self._white(self.level.indent) + " " * (self.level.column - self.level.indent)
        steps = 1 if rest == ELSEWHERE else int(rest)
        return ends + self._white(max(self.anchor() + steps * len(self.unit), 0))

    def after(self, word: str, kind: int, gap: str) -> "Place":
        """Return the place after a token that stands behind ``gap``."""
        name, closes = key(word, kind), word in CLOSERS and kind == Kind.SIGN
        level, was = self.level, self.classify(gap, closes)
        newline = "\n" in gap or not self.last
        start = len(gap) - gap.rfind("\n") - 1 if newline else self.column + len(gap)
        indent = start if newline else self.indent
        base, block = self.base, self.block
        if self.logical(gap) or not self.last:
            base, beside = start, self.around(start)
            block = Block(name, start, was, beside.outer if beside and beside.indent == start else beside)
            level = level._replace(typed=False)
        if self.last in OPENERS and level.opener:
            level = level._replace(broken=newline)
        elif self.last in _SEPARATORS:
            level = level._replace(gap=was, typed=False)
        if word == ":" and kind == Kind.SIGN:
            level = level._replace(typed=True)
        closed = self.closed
        if closes and level.opener in CLOSERS[word]:
            closed, level = level.indent, level.outer or level
        begin = word.rfind("\n")
        column = start + len(word) if begin < 0 else len(word) - begin - 1
        if word in OPENERS and kind not in (Kind.TEXT, Kind.NAME):
            around = self.closed if self.last == ")" and not newline else indent
            level = Level(word, self.last, around, column, outer=level)
        return Place(
            self.unit, self.indented, level, self.last, name, name if newline else self.first, column, indent, base,
            closed, word[-1:], was if was in _SHORT else LINE, block,
        )  # fmt: skip

    def around(self, column: int) -> Block | None:
        """Return the last statement at ``column`` or left of it that is in the same block or one around."""
        block = self.block
        while block is not None and block.indent > column:
            block = block.outer
        return block

    def _white(self, columns: int) -> str:
        return self.unit[0] * columns


def key(word: str, kind: int) -> str:
    """Return what counts of a token: the word of a sign or keyword, the kind of others."""
    return _KEYS.get(Kind(kind), word)


def start(found_language: str, unit: str) -> Place:
    """Return the place at the beginning of a file whose indents are multiples of ``unit``."""
    return Place(unit, language(found_language).indented)


class Gap(NamedTuple):
    """A gap of a file: the place before it, the token after it, its white space as it should count, its class.

    ``name`` is None if there is a comment in it.
    """

    place: Place
    word: str
    kind: int
    text: str
    name: str | None

    @property
    def column(self) -> int | None:
        """Where the token stands if it begins a statement and indents are syntax."""
        return len(self.text) - self.text.rfind("\n") - 1 if self.place.logical(self.text) else None

    @property
    def after(self) -> Place:
        """The place behind the token."""
        return self.place.after(self.word, self.kind, self.text)


def gap_at(found: Tokens, i: int, place: Place) -> Gap:
    """Return the gap before token ``i`` of a file, given the place there."""
    word, kind = found.words[i], int(found.kinds[i])
    text, white = normal(found.gap(i))
    closes = word in CLOSERS and kind == Kind.SIGN
    return Gap(place, word, kind, text, place.classify(text, closes) if white else None)


def gaps(found: Tokens, unit: str) -> Iterator[Gap]:
    """Go through the gaps before each token of a file but the first one."""
    place = start(found.language, unit)
    for i in range(len(found)):
        gap = gap_at(found, i, place)
        if i:
            yield gap
        place = gap.after


def normal(gap: str) -> tuple[str, bool]:
    """Return a gap without spaces before line ends and with ``\\n`` as line end, and whether it is only white space."""
    lines = gap.replace("\r\n", "\n").split("\n")
    white = not gap.strip()
    return "\n".join([*(line.rstrip() for line in lines[:-1]), lines[-1]]), white
