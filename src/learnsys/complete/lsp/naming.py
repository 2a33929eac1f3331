"""Better names as code actions: accepted, every occurrence of the variable or routine is renamed."""

from collections.abc import Sequence
from typing import Final

from lsprotocol import types as lsp

from learnsys.complete.lsp.documents import OpenDocument, Snapshot
from learnsys.complete.lsp.types import AbstractNaming

KIND: Final = lsp.CodeActionKind.RefactorRewrite


def wanted(only: Sequence[lsp.CodeActionKind | str] | None, kind: lsp.CodeActionKind) -> bool:
    """Tell whether an editor that asks for some kinds of actions wants those of ``kind``.

    Examples
    --------
    >>> wanted(None, KIND), wanted(["refactor"], KIND), wanted(["quickfix"], KIND)
    (True, True, False)
    """
    asked = None if only is None else [str(getattr(one, "value", one)) for one in only]
    return asked is None or any(one == "" or f"{kind.value}.".startswith(f"{one}.") for one in asked)


def renames(found: AbstractNaming, document: OpenDocument, now: Snapshot, *, versioned: bool) -> list[lsp.CodeAction]:
    """Turn the names that a symbol could have into actions, the likeliest first; its own name is none."""
    return [
        lsp.CodeAction(
            title=f"Rename {found.name} to {better.text} (p = {better.p:.2f})",
            kind=KIND,
            edit=edit(
                document, now, [(start, end, better.text) for start, end in found.places], versioned=versioned
            ),
        )
        for better in found.items
        if better.text != found.name
    ]  # fmt: skip


def edit(
    document: OpenDocument, now: Snapshot, changes: Sequence[tuple[int, int, str]], *, versioned: bool
) -> lsp.WorkspaceEdit:
    """Make an edit of one text; versioned, an editor refuses it when the text was edited meanwhile."""
    edits = [lsp.TextEdit(now.range(start, end), new) for start, end, new in changes]
    if not versioned:
        return lsp.WorkspaceEdit(changes={document.uri: edits})
    identifier = lsp.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=now.version)
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(identifier, edits)])
