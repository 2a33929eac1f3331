"""Texts of the editor, end to end: opened, edited, lost and found, closed."""

import pytest
from lsprotocol import types as lsp
from tests.complete.lsp.clients import URI, edit, labels, open_text

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_edits_out_of_order_silence_a_text_until_it_comes_whole(client):
    open_text(client, "alpha\nal", version=7)
    edit(client, 6, (0, 0, 0, 5, "never"))
    assert await labels(client, 1, 2) is None
    edit(client, 8, (1, 0, 1, 2, "al"))
    assert await labels(client, 1, 2) is None
    edit(client, 9, ("alarm\nal",), (1, 2, 1, 2, "a"))
    assert await labels(client, 1, 3) == ["alarm"]
    edit(client, 10, (70, 0, 70, 1, "x"))
    assert await labels(client, 1, 3) is None
    saved = lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(URI), text="alpine\nal")
    client.text_document_did_save(saved)
    assert await labels(client, 1, 2) == ["alpine"]


async def test_documents_nobody_opened_and_places_that_are_not(client):
    other = "file:///work/other.py"
    edit(client, 3, (0, 0, 0, 0, "x"), uri=other)
    assert await labels(client, 0, 0, uri=other) is None
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(other)))
    client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(other)))
    edit(client, 4, ("alpha = 1\nal",), uri=other)
    assert await labels(client, 1, 2, uri=other) == ["alpha"]
    assert await labels(client, 99, 0, uri=other) is None
    assert await labels(client, 1, 99, uri=other) == ["alpha"]


async def test_an_unknown_language_is_told_once(client):
    for name in ("a.rs", "b.rs"):
        open_text(client, "fn main() {}", uri=f"file:///work/{name}", language="rust")
        assert await labels(client, 0, 3, uri=f"file:///work/{name}") is None
    [message] = client.messages
    assert "a.rs: the models know JavaScript, Python, C++" in message.message


async def test_a_text_that_has_no_file_yet(client):
    open_text(client, "alpha = 1\nal", uri="untitled:Untitled-1", language="python")
    assert await labels(client, 1, 2, uri="untitled:Untitled-1") == ["alpha"]


async def test_a_file_of_100_kb_is_edited_and_completed(client):
    lines = [f"const value{i} = other{i % 7};" for i in range(3300)]
    open_text(client, "\n".join(lines) + "\n")
    for version, character in enumerate("value329", start=2):
        edit(client, version, (3300, version - 2, 3300, version - 2, character))
    assert await labels(client, 3300, 8) == ["value329", *(f"value329{i}" for i in range(9))]


async def test_a_text_that_is_too_long_is_told_and_left_alone(client):
    open_text(client, "alpha\n" * 200_000)
    assert await labels(client, 0, 2) is None
    [message] = client.messages
    assert "app.js: it is longer than 1,000,000 characters" in message.message
    edit(client, 2, (0, 0, 199_990, 0, ""), (0, 0, 0, 0, "al\n"))
    assert await labels(client, 0, 2) == ["alpha"]
