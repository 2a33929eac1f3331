"""Editors as the server sees them: their capabilities as recorded by pytest-lsp, and what tests need of them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types as lsp
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

WORDS = (sys.executable, str(Path(__file__).with_name("words.py")))
EDITORS = ("neovim@v0.7.0", "neovim@v0.11.0", "visual_studio_code", "emacs")
URI = "file:///work/app.js"


def capabilities(editor: str) -> lsp.ClientCapabilities:
    """Return the recorded capabilities of an editor, and inline completion, which no record has yet."""
    found = client_capabilities(editor)
    found.text_document.inline_completion = lsp.InlineCompletionClientCapabilities()
    return found


@asynccontextmanager
async def connected(
    editor: str | lsp.ClientCapabilities,
    command: Sequence[str] = WORDS,
    *,
    configuration: dict | None = None,
    registers: bool = True,
    **params: object,
) -> AsyncIterator[LanguageClient]:
    """Start a server, greet it as an editor does; at the end shut it down and see that it leaves in peace."""
    client = make_test_lsp_client()
    client.set_configuration(configuration or {})
    if registers:
        client.registered = []
        client.feature(lsp.CLIENT_REGISTER_CAPABILITY)(lambda asked: client.registered.extend(asked.registrations))
    given = capabilities(editor) if isinstance(editor, str) else editor
    await client.start_io(*command)
    try:
        client.greeting = await client.initialize_session(lsp.InitializeParams(capabilities=given, **params))
        yield client
        if client._server.returncode is None:
            await asyncio.wait_for(client.shutdown_session(), 20)
            assert client._server.returncode == 0
    finally:
        if client._server.returncode is None:
            client._server.kill()
        await client.stop()


def open_text(
    client: LanguageClient, text: str, *, uri: str = URI, language: str = "javascript", version: int = 1
) -> None:
    item = lsp.TextDocumentItem(uri=uri, language_id=language, version=version, text=text)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))


def edit(client: LanguageClient, version: int, *changes: tuple, uri: str = URI) -> None:
    """Send edits: (start line, character, end line, character, new), or (new,) for the whole text."""
    made = [
        lsp.TextDocumentContentChangeWholeDocument(change[0])
        if len(change) == 1
        else lsp.TextDocumentContentChangePartial(
            lsp.Range(lsp.Position(*change[:2]), lsp.Position(*change[2:4])), change[4]
        )
        for change in changes
    ]
    identifier = lsp.VersionedTextDocumentIdentifier(uri=uri, version=version)
    client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, made))


def at(line: int, character: int, *, uri: str = URI) -> lsp.CompletionParams:
    return lsp.CompletionParams(lsp.TextDocumentIdentifier(uri), lsp.Position(line, character))


async def labels(client: LanguageClient, line: int, character: int, *, uri: str = URI) -> list[str] | None:
    """Ask for completions and return their labels, None if the server has none to give."""
    found = await client.text_document_completion_async(at(line, character, uri=uri))
    return None if found is None else [item.label for item in found.items]


async def until(
    client: LanguageClient, expected: list[str] | None, line: int, character: int, *, uri: str = URI
) -> None:
    """Ask for completions until they are the expected ones: what an editor sends takes its time."""
    for _ in range(200):
        if (found := await labels(client, line, character, uri=uri)) == expected:
            return
        await asyncio.sleep(0.05)
    assert found == expected
