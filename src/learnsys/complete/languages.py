"""The languages that can be completed: suffixes, grammar, and which leaves of a syntax tree are names or comments.

A grammar is a tree-sitter one, imported when its language is first used.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

import msgspec

from learnsys.core.errors import InputError, MissingExtra, UnknownName

if TYPE_CHECKING:
    import tree_sitter


@final
class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A programming language: its key on the command line, its files, and the node types of its grammar.

    ``names`` are the leaf types that are identifiers, ``comments`` those that are no tokens, ``whole`` the inner
    nodes that count as one token, ``long`` what begins or ends strings and comments of many lines; ``indented`` tells
    that blocks are made by indentation.
    """

    key: str
    title: str
    suffixes: tuple[str, ...]
    grammar: str
    names: frozenset[str]
    comments: frozenset[str]
    whole: frozenset[str] = frozenset()
    long: tuple[str, ...] = ("/*", "*/")
    indented: bool = False
    line_comment: str = "//"


_LANGUAGES: Final = (
    Language(
        key="js", title="JavaScript", suffixes=(".js", ".mjs", ".cjs", ".jsx"), grammar="tree_sitter_javascript",
        names=frozenset({
            "identifier", "property_identifier", "shorthand_property_identifier",
            "shorthand_property_identifier_pattern", "statement_identifier", "private_property_identifier",
        }),
        comments=frozenset({"comment", "html_comment", "hash_bang_line"}), long=("/*", "*/", "`", "<!--", "-->"),
    ),
    Language(
        key="py", title="Python", suffixes=(".py", ".pyi", ".pyw"), grammar="tree_sitter_python",
        names=frozenset({"identifier"}), comments=frozenset({"comment", "line_continuation"}),
        whole=frozenset({"string_content", "format_specifier"}), long=('"""', "'''"), indented=True,
        line_comment="#",
    ),
    Language(
        key="cpp", title="C++", suffixes=(".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h", ".inl", ".ipp"),
        grammar="tree_sitter_cpp",
        names=frozenset({
            "identifier", "field_identifier", "type_identifier", "namespace_identifier", "statement_identifier",
        }),
        comments=frozenset({"comment"}), long=("/*", "*/", 'R"'),
    ),
)  # fmt: skip
LANGUAGES: Final = {language.key: language for language in _LANGUAGES}


def language(key: str) -> Language:
    """Return the language called ``key``.

    Raises
    ------
    UnknownName
        If there is none; the known ones are listed.

    Examples
    --------
    >>> language("py").title
    'Python'
    """
    if key not in LANGUAGES:
        raise UnknownName.of("language", key, LANGUAGES)
    return LANGUAGES[key]


def language_of(path: Path | str) -> Language:
    """Tell the language of a file by its suffix.

    Raises
    ------
    InputError
        If no known language has that suffix.

    Examples
    --------
    >>> language_of("src/app.mjs").key
    'js'
    """
    suffix = Path(path).suffix.lower()
    for known in _LANGUAGES:
        if suffix in known.suffixes:
            return known
    raise InputError(
        f"{Path(path).name} is in no language that is known here",
        value=suffix,
        next="known: " + ", ".join(f"{known.title} ({' '.join(known.suffixes)})" for known in _LANGUAGES),
    )


@cache
def grammar(key: str) -> "tree_sitter.Language":
    """Load the tree-sitter grammar of a language.

    Raises
    ------
    MissingExtra
        If it is not installed.
    """
    try:
        import tree_sitter

        return tree_sitter.Language(import_module(language(key).grammar).language())
    except ImportError as error:
        raise MissingExtra.of("tree-sitter", "complete") from error


def parser(key: str) -> "tree_sitter.Parser":
    """Make a parser of a language; one for each thread that parses."""
    import tree_sitter

    return tree_sitter.Parser(grammar(key))
