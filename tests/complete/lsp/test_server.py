"""The protocol end to end, with a project of words in the place of the models."""

import asyncio
import signal

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified, JsonRpcException, JsonRpcRequestCancelled
from tests.complete.lsp.editors import EDITORS, URI, at, capabilities, connected, edit, labels, open_text, until

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("editor", EDITORS)
async def test_an_editor_opens_types_and_completes(editor):
    async with connected(editor) as client:
        open_text(client, "let total = 1;\nlet tower = total;\n")
        edit(client, 2, (2, 0, 2, 0, "to"))
        found = await client.text_document_completion_async(at(2, 2))
        assert [(i.label, i.filter_text, i.detail) for i in found.items] == [
            ("total", "total", "copy, line 1, p = 0.33"),
            ("tower", "tower", "copy, line 2, p = 0.17"),
        ]
        assert [i.sort_text for i in found.items] == sorted(i.sort_text for i in found.items)
        assert {(i.text_edit.range.start.character, i.text_edit.range.end.character) for i in found.items} == {(0, 2)}
        assert not found.is_incomplete


@pytest.mark.parametrize("editor", EDITORS)
async def test_what_the_server_says_it_can(editor):
    async with connected(editor) as client:
        told = client.greeting.capabilities
        assert told.inline_completion_provider is not None
        assert told.completion_provider.trigger_characters
        assert told.text_document_sync.change == lsp.TextDocumentSyncKind.Incremental
        assert told.text_document_sync.save == lsp.SaveOptions(include_text=True)
        offered = capabilities(editor).general
        offered = offered and offered.position_encodings
        assert told.position_encoding == (offered[0] if offered else "utf-16")


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 17), ("utf-16", 15), ("utf-32", 14), (None, 15)])
async def test_positions_are_counted_as_was_agreed(encoding, column):
    asked = lsp.ClientCapabilities(
        general=lsp.GeneralClientCapabilities(position_encodings=[encoding]) if encoding else None
    )
    async with connected(asked) as client:
        open_text(client, "face = '\U0001f600'; fa")
        found = await client.text_document_completion_async(at(0, column))
        assert [i.label for i in found.items] == ["face"]
        assert found.items[0].text_edit.range == lsp.Range(lsp.Position(0, column - 2), lsp.Position(0, column))
        edit(client, 2, (0, column - 2, 0, column, ""), (0, 0, 0, 4, "mouth"), (0, column - 1, 0, column - 1, "m"))
        assert await labels(client, 0, column) == ["mouth"]


async def test_several_tokens_at_once():
    async with connected("visual_studio_code") as client:
        open_text(client, "dra\nzzz")
        document = lsp.TextDocumentIdentifier(URI)

        async def shown(line, selected=None):
            context = lsp.InlineCompletionContext(lsp.InlineCompletionTriggerKind.Automatic, selected)
            asked = lsp.InlineCompletionParams(context, document, lsp.Position(line, 3))
            return list((await client.text_document_inline_completion_async(asked)).items)

        [item] = await shown(0)
        assert (item.insert_text, item.range) == ("w(x, y);", lsp.Range(lsp.Position(0, 3), lsp.Position(0, 3)))
        assert await shown(1) == []
        word = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 3))
        [item] = await shown(0, lsp.SelectedCompletionInfo(word, "draw"))
        assert (item.insert_text, item.range) == ("draw(x, y);", word)
        assert await shown(0, lsp.SelectedCompletionInfo(word, "drain")) == []


async def test_a_request_can_be_cancelled_while_another_runs():
    async with connected("neovim@v0.11.0") as client:
        open_text(client, "// slow\nalpha al")
        first = asyncio.ensure_future(labels(client, 1, 8))
        second = client.protocol.send_request_async(lsp.TEXT_DOCUMENT_COMPLETION, at(1, 8), msg_id="mine")
        second = asyncio.ensure_future(second)
        await asyncio.sleep(0)
        client.cancel_request(lsp.CancelParams("mine"))
        done, _ = await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
        assert done == {second}
        with pytest.raises(JsonRpcRequestCancelled):
            await second
        assert await first == ["alpha"]


async def test_a_running_request_is_answered_at_once_when_cancelled():
    async with connected("visual_studio_code") as client:
        open_text(client, "// slow\nalpha al")
        asked = client.protocol.send_request_async(lsp.TEXT_DOCUMENT_COMPLETION, at(1, 8), msg_id="mine")
        asked = asyncio.ensure_future(asked)
        await asyncio.sleep(0.1)
        client.cancel_request(lsp.CancelParams("mine"))
        with pytest.raises(JsonRpcRequestCancelled):
            await asked
        edit(client, 2, (0, 0, 0, 7, ""))
        assert await labels(client, 1, 8) == ["alpha"]


async def test_a_stale_answer_is_dropped():
    async with connected("neovim@v0.11.0") as client:
        open_text(client, "// slow\nalpha al")
        asked = asyncio.ensure_future(labels(client, 1, 8))
        await asyncio.sleep(0.1)
        edit(client, 2, (0, 0, 0, 7, ""))
        with pytest.raises(JsonRpcException) as refused:
            await asked
        assert refused.value.code == JsonRpcContentModified.CODE
        assert await labels(client, 1, 8) == ["alpha"]


async def test_edits_out_of_order_silence_a_text_until_it_comes_whole():
    async with connected("neovim@v0.7.0") as client:
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


async def test_documents_nobody_opened_and_places_that_are_not():
    async with connected("neovim@v0.11.0") as client:
        other = "file:///work/other.py"
        edit(client, 3, (0, 0, 0, 0, "x"), uri=other)
        assert await labels(client, 0, 0, uri=other) is None
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(other)))
        client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(other)))
        edit(client, 4, ("alpha = 1\nal",), uri=other)
        assert await labels(client, 1, 2, uri=other) == ["alpha"]
        assert await labels(client, 99, 0, uri=other) is None
        assert await labels(client, 1, 99, uri=other) == ["alpha"]


async def test_an_unknown_language_is_told_once():
    async with connected("visual_studio_code") as client:
        for name in ("a.rs", "b.rs"):
            open_text(client, "fn main() {}", uri=f"file:///work/{name}", language="rust")
            assert await labels(client, 0, 3, uri=f"file:///work/{name}") is None
        [message] = client.messages
        assert "a.rs: the models know JavaScript, Python, C++" in message.message


async def test_a_text_that_has_no_file_yet():
    async with connected("visual_studio_code") as client:
        open_text(client, "alpha = 1\nal", uri="untitled:Untitled-1", language="python")
        assert await labels(client, 1, 2, uri="untitled:Untitled-1") == ["alpha"]


async def test_models_that_refuse_or_fail_are_told_once_and_asked_again():
    async with connected("visual_studio_code") as client:
        open_text(client, "// refuse\nalpha al")
        assert await labels(client, 1, 8) is None
        assert await labels(client, 1, 8) is None
        edit(client, 2, (0, 0, 0, 9, "// fail"))
        assert await labels(client, 1, 8) is None
        assert [m.message for m in client.messages] == [
            "learnsys: this text is refused; write another",
            "learnsys: ZeroDivisionError: the model fell over; see the log",
        ]
        edit(client, 3, (0, 0, 0, 7, ""))
        assert await labels(client, 1, 8) == ["alpha"]


async def test_the_settings_are_those_of_the_editor():
    async with connected("visual_studio_code", configuration={"learnsys": {"items": 1, "colour": 2}}) as client:
        open_text(client, "alpha alps al")
        await until(client, ["alpha"], 0, 13)
        assert (await client.text_document_completion_async(at(0, 13))).is_incomplete
        assert "learnsys.colour is no setting" in client.messages[0].message
        client.set_configuration({"learnsys": {"completion": False}})
        client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
        await until(client, None, 0, 13)


async def test_an_editor_that_cannot_register_what_it_said_it_could():
    async with connected("visual_studio_code", configuration={"learnsys": {"items": 1}}, registers=False) as client:
        open_text(client, "alpha alps al")
        await until(client, ["alpha"], 0, 13)
        assert client.messages == []


async def test_settings_of_an_editor_that_only_pushes_them():
    async with connected(lsp.ClientCapabilities(), initialization_options={"items": 1}) as client:
        open_text(client, "alpha alps al")
        assert await labels(client, 0, 13) == ["alpha"]
        client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams({"learnsys": {"items": 2}}))
        assert await labels(client, 0, 13) == ["alpha", "alps"]


async def test_a_file_of_100_kb_is_edited_and_completed():
    lines = [f"const value{i} = other{i % 7};" for i in range(3300)]
    async with connected("visual_studio_code") as client:
        open_text(client, "\n".join(lines) + "\n")
        for version, character in enumerate("value329", start=2):
            edit(client, version, (3300, version - 2, 3300, version - 2, character))
        assert await labels(client, 3300, 8) == ["value329", *(f"value329{i}" for i in range(9))]


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
