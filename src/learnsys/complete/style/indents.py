"""The unit of a file's indents: a tab, or so many spaces."""

from collections import Counter
from typing import Final

from learnsys.complete.languages import language
from learnsys.complete.lexing.types import Tokens

USUAL: Final = {"js": "  ", "py": "    ", "cpp": "  "}
_UNITS: Final = (8, 6, 5, 4, 3, 2)
_MOST: Final = 8


def unit_of(found: Tokens) -> str:
    """Return the unit that most deeper lines of a file are indented by; the usual one if none is deeper.

    Examples
    --------
    >>> from learnsys.complete.lexing.leaves import tokens
    >>> unit_of(tokens("if (a) {\\n\\tb();\\n}", "js"))
    '\\t'
    """
    return unit_of_text(found.text, found.language)


def unit_of_text(text: str, key: str) -> str:
    """Return the unit of a text, read line by line."""
    deeper: Counter[str] = Counter()
    before, comment = "", language(key).line_comment
    for line in text.split("\n"):
        body = line.lstrip(" \t")
        if not body or body.startswith(("*", "/*", comment)):
            continue
        white = line[: len(line) - len(body)]
        step = white[len(before) :]
        if step and white.startswith(before) and (step == "\t" or (len(step) in _UNITS and "\t" not in step)):
            deeper[step] += 1
        before = white
    return deeper.most_common(1)[0][0] if deeper else USUAL[key]
