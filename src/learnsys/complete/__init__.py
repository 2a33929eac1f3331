"""What code comes next: a small model of one's own language and project, in an editor, in milliseconds.

A session keeps the files that are open, reads again only what an edit changed, and learns the project beside::

    session = complete.Session("my/project")
    session.start_indexing()
    document = session.open("my/project/app.js")
    document.edit(120, 120, "tot")
    print(document.suggest(123).table())

Every suggestion says how likely it is and where it comes from:

>>> from learnsys import complete
>>> found = complete.Suggestion(text="total", p=0.9, origin="file", line=12)
>>> found.detail
'copy, line 12'
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from learnsys.complete.predictor import CodeModel, load_predictor
    from learnsys.complete.session import OpenFile, Session, suggest
    from learnsys.complete.types import Suggestion, Suggestions

__all__ = ["CodeModel", "OpenFile", "Session", "Suggestion", "Suggestions", "load_predictor", "suggest"]

_HOMES: Final = {
    "CodeModel": "learnsys.complete.predictor",
    "OpenFile": "learnsys.complete.session",
    "Session": "learnsys.complete.session",
    "Suggestion": "learnsys.complete.types",
    "Suggestions": "learnsys.complete.types",
    "load_predictor": "learnsys.complete.predictor",
    "suggest": "learnsys.complete.session",
}


def __getattr__(name: str) -> Any:
    """Import each name on first use: the compiler and the parsers take half a second to import."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'learnsys.complete' has no attribute {name!r}")
