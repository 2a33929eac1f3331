"""Better names as code actions: accepted, every occurrence of the variable or routine is renamed."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from lsprotocol import types as lsp

from learnsys.complete.lsp.connection import Connection
from learnsys.complete.lsp.documents import OpenDocument, Snapshot
from learnsys.complete.names.suggest import NameSuggestions

KIND: Final = lsp.CodeActionKind.RefactorRewrite
LEAST: Final = 0.05  # probability of a name that is offered


def wanted(only: Sequence[lsp.CodeActionKind | str] | None, kind: lsp.CodeActionKind) -> bool:
    """Tell whether an editor that asks for some kinds of actions wants those of ``kind``.

    Examples
    --------
    >>> wanted(None, KIND), wanted(["refactor"], KIND), wanted(["quickfix"], KIND)
    (True, True, False)
    """
    asked = None if only is None else [str(getattr(one, "value", one)) for one in only]
    return asked is None or any(one == "" or f"{kind.value}.".startswith(f"{one}.") for one in asked)


async def named(connection: Connection, document: OpenDocument, now: Snapshot, offset: int) -> NameSuggestions:
    """Return what the symbol at a code point of a text could be called; each version of the text is read once.

    Raises
    ------
    JsonRpcContentModified
        If the text was edited meanwhile.
    """
    before, names = connection.named.get(document.uri, (None, None))
    if names is None or before is not now:
        key = document.language.key if document.language else ""
        read = await connection.answer(document, now, lambda: connection.naming(now.text, key), connection.beside)
        names = _nothing if read is None else read
        connection.named[document.uri] = now, names
    answer = await connection.answer(document, now, partial(names, offset), connection.beside)
    return _nothing(offset) if answer is None else answer


def _nothing(_: int) -> NameSuggestions:
    return NameSuggestions(items=())


def renames(
    found: NameSuggestions, document: OpenDocument, now: Snapshot, *, versioned: bool, asked: bool
) -> list[lsp.CodeAction]:
    """Turn names into actions, the likeliest first, for symbols all of whose occurrences are known.

    Unless the user ``asked``, only names that are clearly better than the one that stands there are offered.
    """
    return [
        lsp.CodeAction(
            title=f"Rename {symbol.name} to {better.name} (p = {better.p:.2f}, {better.reason})",
            kind=KIND,
            edit=edit(document, now, [(start, end, better.name) for start, end in symbol.spans], versioned=versioned),
        )
        for symbol in found.items
        if symbol.sure and (asked or symbol.rename)
        for better in symbol.proposals[: None if asked else 1]
        if better.name != symbol.name and better.p >= LEAST
    ]


def edit(
    document: OpenDocument, now: Snapshot, changes: Sequence[tuple[int, int, str]], *, versioned: bool
) -> lsp.WorkspaceEdit:
    """Make an edit of one text; versioned, an editor refuses it when the text was edited meanwhile."""
    edits = [lsp.TextEdit(now.range(start, end), new) for start, end, new in changes]
    if not versioned:
        return lsp.WorkspaceEdit(changes={document.uri: edits})
    identifier = lsp.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=now.version)
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(identifier, edits)])
