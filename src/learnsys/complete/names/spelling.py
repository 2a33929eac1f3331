"""How a name is put together from its words: ``camelCase`` or ``snake_case``, and its singular and plural."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal

from learnsys.complete.lexing.subtokens import subtokens

Style = Literal["camel", "snake"]
CUSTOM: Final[dict[str, Style]] = {"js": "camel", "py": "snake", "cpp": "snake"}
_TRUST: Final = 3  # names that the custom of a language counts for


def style_of(names: Iterable[str], language: str) -> Style:
    """Tell how the names of a file are put together, from those with two words or more.

    Examples
    --------
    >>> style_of(["user_name", "i"], "js"), style_of(["a_b"] * 4, "js")
    ('camel', 'snake')
    """
    custom = CUSTOM[language]
    balance = _TRUST if custom == "snake" else -_TRUST
    for name in names:
        inner = name.strip("_")
        if "_" in inner:
            balance += 1
        elif inner[:1].islower() and not inner.islower():
            balance -= 1
    return "snake" if balance > 0 else "camel"


def joined(parts: Sequence[str], style: Style) -> str:
    """Put words together.

    Examples
    --------
    >>> joined(("user", "name"), "camel"), joined(("user", "name"), "snake")
    ('userName', 'user_name')
    """
    if style == "snake":
        return "_".join(parts)
    return parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:])


def singular(word: str) -> str:
    """Return the singular of an English word that looks like a plural, else the empty string.

    Examples
    --------
    >>> singular("entries"), singular("boxes"), singular("users"), singular("class"), singular("children")
    ('entry', 'box', 'user', '', 'child')
    """
    if word in ("children", "indices", "vertices", "matrices"):
        return {"children": "child", "indices": "index", "vertices": "vertex", "matrices": "matrix"}[word]
    if len(word) < 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return ""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1]


def plural(word: str) -> str:
    """Return the plural of an English word.

    Examples
    --------
    >>> plural("entry"), plural("box"), plural("user")
    ('entries', 'boxes', 'users')
    """
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("x", "ch", "sh", "s")) else "s")


@lru_cache(200_000)
def words_of(name: str) -> tuple[str, ...]:
    """Return the sub-tokens of a name, none if it has no letter.

    Examples
    --------
    >>> words_of("_getUser2"), words_of("#")
    (('get', 'user', '2'), ())
    """
    found = subtokens(name)
    return found if found[0][:1].isalpha() else ()
