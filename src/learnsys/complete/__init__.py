"""What code comes next: a small model of one's own language and project, in an editor, in milliseconds.

A session keeps the files that are open and reads again only what an edit changed::

    session = complete.Session()
    document = session.open("app.js", "let total = 0; to")
    print(document.suggest(17))
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from learnsys.complete.session import OpenFile, Session, suggest
    from learnsys.complete.types import Suggestion, Suggestions

__all__ = ["OpenFile", "Session", "Suggestion", "Suggestions", "suggest"]

_HOMES: Final = {
    "OpenFile": "learnsys.complete.session",
    "Session": "learnsys.complete.session",
    "Suggestion": "learnsys.complete.types",
    "Suggestions": "learnsys.complete.types",
    "suggest": "learnsys.complete.session",
}


def __getattr__(name: str) -> Any:
    """Import each name on first use: the compiler and the parsers take half a second to import."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'learnsys.complete' has no attribute {name!r}")
