"""Which files of a package are source code that a person wrote and would complete: by path, size and form.

Each filter has a name, so that a manifest can say how many files it left out.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Final

from learnsys.complete.languages import Language

SMALLEST_BYTES: Final = 200
LARGEST_BYTES: Final = 200_000
LONGEST_LINE: Final = 1000
MEAN_LINE: Final = 120  # written code has 25-45 characters a line, bundles hundreds
_TESTS: Final = re.compile(
    r"(^|[/_.-])(tests?|specs?|__tests__|testing|benchmarks?|fixtures?|examples?|mocks?)([/_.-]|$)", re.I
)
_VENDORED: Final = re.compile(
    r"(^|/)(node_modules|vendor(ed)?|third[_-]?party|externals?|bower_components|_vendor)(/|$)", re.I
)
_BUILT: Final = re.compile(
    r"(^|/)(dist|build|umd|min|bundles?|locales?|i18n|lang)(/|$)|[.-](min|bundle|umd|prod)\.", re.I
)
_GENERATED: Final = re.compile(
    r"@generated|auto-?generated|generated (by|from|file|code)|do not (edit|modify)|code generator", re.I
)  # fmt: skip


def reason(language: Language, path: str, content: bytes) -> str | None:
    """Say why a file is left out, None if it stays.

    Parameters
    ----------
    language : Language
        What the corpus is of.
    path : str
        Inside the package, with ``/``.
    content : bytes
        Of the file.
    """
    if PurePosixPath(path).suffix.lower() not in language.suffixes:
        return "another language"
    for name, wrong in _BY_PATH.items():
        if wrong(language, path):
            return name
    if not SMALLEST_BYTES <= len(content) <= LARGEST_BYTES:
        return "too small" if len(content) < SMALLEST_BYTES else "too large"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "not utf-8"
    return next((name for name, wrong in _BY_TEXT.items() if wrong(text)), None)


def _is_vendored(language: Language, path: str) -> bool:
    """Vendored code is someone else's, but for C++ of npm packages, where the program itself is what is vendored."""
    return language.key != "cpp" and _VENDORED.search(path) is not None


def _is_minified(text: str) -> bool:
    lines = text.splitlines() or [""]
    return max(map(len, lines)) > LONGEST_LINE or len(text) / len(lines) > MEAN_LINE


_BY_PATH: Final[Mapping[str, Callable[[Language, str], bool]]] = {
    "tests": lambda _, path: _TESTS.search(path) is not None,
    "vendored": _is_vendored,
    "built": lambda language, path: language.key == "js" and _BUILT.search(path) is not None,
}
_BY_TEXT: Final[Mapping[str, Callable[[str], bool]]] = {
    "not text": lambda text: "\0" in text,
    "minified": _is_minified,
    "generated": lambda text: _GENERATED.search(text[:1500]) is not None,
}
