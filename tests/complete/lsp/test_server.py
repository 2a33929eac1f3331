"""The protocol end to end, with a project of words in the place of the models."""

import asyncio
import signal

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified, JsonRpcException, JsonRpcRequestCancelled
from tests.complete.lsp.clients import URI, at, connected, edit, labels, open_text

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_request_can_be_cancelled_while_another_runs(client):
    open_text(client, "// forever\nalpha al")
    first, second = (
        asyncio.ensure_future(client.protocol.send_request_async(lsp.TEXT_DOCUMENT_COMPLETION, at(1, 8), msg_id=name))
        for name in ("first", "second")
    )
    for name, asked in {"second": second, "first": first}.items():
        await asyncio.sleep(0)
        assert not asked.done()
        client.cancel_request(lsp.CancelParams(name))
        with pytest.raises(JsonRpcRequestCancelled):
            await asked


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("cancel", JsonRpcRequestCancelled.CODE),
        ("edit", JsonRpcContentModified.CODE),
        ("close", JsonRpcContentModified.CODE),
    ],
)
async def test_what_nobody_waits_for_makes_room(client, end, code):
    open_text(client, "// forever\nalpha al")
    asked = client.protocol.send_request_async(lsp.TEXT_DOCUMENT_COMPLETION, at(1, 8), msg_id="mine")
    asked = asyncio.ensure_future(asked)
    await asyncio.sleep(0.1)
    if end == "cancel":
        client.cancel_request(lsp.CancelParams("mine"))
    elif end == "edit":
        edit(client, 2, (0, 0, 0, 10, ""))
    else:
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(URI)))
    with pytest.raises(JsonRpcException) as refused:
        await asked
    assert refused.value.code == code
    open_text(client, "alpha al", uri="file:///work/other.js")
    assert await labels(client, 0, 8, uri="file:///work/other.js") == ["alpha"]


@pytest.mark.parametrize("text", ["// forever\nalpha al", "// thorough"])
async def test_the_server_leaves_though_a_text_is_being_read(text):
    async with connected(lsp.ClientCapabilities(), initialization_options={"unusual": True}) as client:
        open_text(client, text)
        await asyncio.sleep(0.7)
        await asyncio.wait_for(client.shutdown_session(), 10)


async def test_a_killed_server_is_started_again():
    async with connected("neovim@v0.11.0") as client:
        open_text(client, "alpha al")
        assert await labels(client, 0, 8) == ["alpha"]
        client._server.send_signal(signal.SIGKILL)
        await client._server.wait()
    async with connected("neovim@v0.11.0") as client:
        open_text(client, "alpha al")
        assert await labels(client, 0, 8) == ["alpha"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_server_though_the_editor_holds_on(number):
    async with connected("neovim@v0.11.0") as client:
        client._server.send_signal(number)
        assert await asyncio.wait_for(client._server.wait(), 10) == 128 + number


async def test_an_editor_that_goes_without_a_word_leaves_no_server():
    async with connected("neovim@v0.11.0") as client:
        client._server.stdin.close()
        assert await asyncio.wait_for(client._server.wait(), 10) == 1


async def test_junk_between_messages_is_passed_over(client):
    open_text(client, "alpha al")
    for junk in (
        b"what is this\r\n\r\n",
        b"Content-Length: 4\r\n\r\n{{{{",
        b'Content-Length: 36\r\n\r\n{"jsonrpc": "2.0", "method": "none"}',
        b'Content-Length: 17\r\n\r\n{"jsonrpc":"2.0"}',
        b'Content-Length: 62\r\n\r\n{"jsonrpc":"2.0","method":"textDocument/didOpen","params":[1]}',
    ):
        client._server.stdin.write(junk)
        assert await labels(client, 0, 8) == ["alpha"]
