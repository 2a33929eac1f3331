"""Unusual code as diagnostics, and what would be usual there as their quick fix. Off unless the user wants it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified

from learnsys.complete.lsp.connection import Connection
from learnsys.complete.lsp.documents import OpenDocument, Snapshot
from learnsys.complete.lsp.naming import edit
from learnsys.complete.lsp.types import AbstractSurprise

IDLE_S: Final = 0.5  # without an edit, before a text is looked through
LONGEST: Final = 40_000  # code points of a text that is looked through: some seconds of work
KIND: Final = lsp.CodeActionKind.QuickFix


def look(connection: Connection, document: OpenDocument) -> None:
    """Look through a text once it rests, if the user wants that; take marks away if not."""
    now = document.readable
    if connection.settings.unusual and now is not None and len(now.text) <= LONGEST:
        connection.start(_look(connection, document, now))
    else:
        _show(connection, document.uri, None, ())


async def _look(connection: Connection, document: OpenDocument, now: Snapshot) -> None:
    await asyncio.sleep(IDLE_S)
    key = document.language.key if document.language else ""
    with suppress(JsonRpcContentModified):  # it was edited: a later look is on its way
        found = await connection.answer(document, now, lambda: connection.surprises(now.text, key), connection.beside)
        if found is not None:
            _show(connection, document.uri, now, found)


def _show(connection: Connection, uri: str, now: Snapshot | None, found: Sequence[AbstractSurprise]) -> None:
    """Show marks in the place of those that are shown."""
    if now is not None and found:
        connection.marks[uri] = now, found
        shown = diagnostics(found, now)
    elif connection.marks.pop(uri, None) is not None:
        shown = []
    else:
        return
    connection.server.text_document_publish_diagnostics(
        lsp.PublishDiagnosticsParams(uri, shown, version=None if now is None else now.version)
    )


def diagnostics(found: Sequence[AbstractSurprise], now: Snapshot) -> list[lsp.Diagnostic]:
    """Turn places that surprise into diagnostics."""
    return [
        lsp.Diagnostic(
            range=now.range(one.start, one.end),
            severity=lsp.DiagnosticSeverity.Information,
            source="learnsys",
            code="unusual",
            message=_message(now.text[one.start : one.end], one),
        )
        for one in found
    ]


def fixes(connection: Connection, document: OpenDocument, asked: lsp.Range, *, versioned: bool) -> list[lsp.CodeAction]:
    """Return for each mark in a range the action that puts the usual word there; none once the text was edited."""
    now, found = connection.marks.get(document.uri, (None, ()))
    if now is None or now is not document.now:
        return []
    start, end = now.offset(asked.start), now.offset(asked.end)
    return [
        lsp.CodeAction(
            title=f"Replace {now.text[one.start : one.end]} by {one.usual}",
            kind=KIND,
            diagnostics=diagnostics([one], now),
            edit=edit(document, now, [(one.start, one.end, one.usual)], versioned=versioned),
        )
        for one in found
        if one.usual is not None and one.start <= end and start <= one.end
    ]


def _message(word: str, one: AbstractSurprise) -> str:
    if one.usual is None or one.times is None:
        return f"{word} is unusual here (p = {one.p:.1g})"
    return f"{word} is unusual here: {one.usual} is {one.times:.0f} times likelier"
