"""What the editor asks: completions, inline completions, code actions, the order of another server's list."""

from functools import partial
from typing import Any, Final

from lsprotocol import types as lsp
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcInvalidParams

from learnsys.complete.lsp import completion, naming, unusual
from learnsys.complete.lsp.connection import Connection
from learnsys.complete.lsp.inline import inline_list
from learnsys.complete.lsp.types import AbstractCancel, AbstractFile, AbstractFragment, WithFragments
from learnsys.complete.rerank import rerank

REORDER: Final = "learnsys/rerank"


async def complete(connection: Connection, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    """Answer with the likeliest tokens."""
    cursor, n = connection.cursor(params.text_document.uri, params.position), connection.settings.items
    if cursor is None or not connection.settings.completion:
        return None
    found = await connection.ask(
        cursor.document, cursor.now, lambda file, cancel: file.suggest(cursor.offset, 2 * n, cancel=cancel)
    )
    if found is None:
        return None
    able = "text_document.completion.completion_item.insert_replace_support"
    replaces = bool(get_capability(connection.server.client_capabilities, able))
    return completion.completion_list(found, cursor.now, cursor.offset, n, replaces=replaces)


async def complete_inline(
    connection: Connection, params: lsp.InlineCompletionParams
) -> lsp.InlineCompletionList | None:
    """Answer with several tokens at once."""
    cursor = connection.cursor(params.text_document.uri, params.position)
    if cursor is None or not connection.settings.inline:
        return None

    def fragment(file: AbstractFile, cancel: AbstractCancel) -> AbstractFragment | None:
        return file.fragment(cursor.offset, cancel=cancel) if isinstance(file, WithFragments) else None

    found = await connection.ask(cursor.document, cursor.now, fragment)
    selected = params.context.selected_completion_info
    return None if found is None else inline_list(found, cursor.now, cursor.offset, selected)


async def act(connection: Connection, params: lsp.CodeActionParams) -> list[lsp.CodeAction] | None:
    """Answer with better names for the symbol at the cursor, and what is usual where code is not."""
    cursor = connection.cursor(params.text_document.uri, params.range.start)
    can = partial(get_capability, connection.server.client_capabilities)
    if cursor is None or not can("text_document.code_action.code_action_literal_support"):
        return None
    versioned = bool(can("workspace.workspace_edit.document_changes"))
    actions: list[lsp.CodeAction] = []
    if naming.wanted(params.context.only, unusual.KIND):
        actions += unusual.fixes(connection, cursor.document, params.range, versioned=versioned)
    if naming.wanted(params.context.only, naming.KIND) and connection.settings.naming:
        found = await naming.named(connection, cursor.document, cursor.now, cursor.offset)
        asked = params.context.trigger_kind != lsp.CodeActionTriggerKind.Automatic
        actions += naming.renames(found, cursor.document, cursor.now, versioned=versioned, asked=asked)
    return actions


async def reorder(connection: Connection, params: Any) -> dict[str, object] | None:
    """Answer with the candidates of another server, the likeliest first.

    Raises
    ------
    JsonRpcInvalidParams
        If ``textDocument``, ``position`` or ``candidates`` are missing or no such things.
    """
    try:
        position = lsp.Position(params.position.line, params.position.character)
        cursor, given = connection.cursor(params.textDocument.uri, position), [str(one) for one in params.candidates]
    except (AttributeError, TypeError, ValueError) as error:
        raise JsonRpcInvalidParams("give textDocument, position and candidates, a list of labels") from error
    if cursor is None:
        return None
    found = await connection.ask(
        cursor.document, cursor.now, lambda file, cancel: rerank(file, cursor.offset, given, cancel=cancel)
    )
    if found is None:
        return None
    return {"items": [{"text": one.text, "p": one.p, "detail": one.detail if one.p else ""} for one in found.items]}
