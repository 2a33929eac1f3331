"""What an editor asks, end to end: lists, inline text, code actions."""

import asyncio

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams
from tests.complete.lsp.clients import EDITORS, URI, at, capabilities, connected, edit, labels, open_text

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("editor", EDITORS)
async def test_an_editor_opens_types_and_completes(editor):
    async with connected(editor) as client:
        told = client.greeting.capabilities
        assert told.inline_completion_provider is not None
        assert told.completion_provider.trigger_characters
        assert told.text_document_sync.change == lsp.TextDocumentSyncKind.Incremental
        assert told.text_document_sync.save == lsp.SaveOptions(include_text=True)
        offered = getattr(capabilities(editor).general, "position_encodings", None)
        assert told.position_encoding == (offered[0] if offered else "utf-16")
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


async def test_several_tokens_at_once(client):
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


async def test_models_that_refuse_or_fail_are_told_once_and_asked_again(client):
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


async def actions(client, line, character, only=None):
    place = lsp.Position(line, character)
    context = lsp.CodeActionContext(diagnostics=[], only=only)
    asked = lsp.CodeActionParams(lsp.TextDocumentIdentifier(URI), lsp.Range(place, place), context)
    found = await client.text_document_code_action_async(asked)
    return None if found is None else list(found)


@pytest.mark.parametrize("editor", ["neovim@v0.11.0", "visual_studio_code"])
async def test_names_are_offered_as_renames_of_all_occurrences(editor):
    async with connected(editor) as client:
        open_text(client, "let x = 1; // x: total\nuse(x);", version=3)
        [action] = await actions(client, 1, 4, only=["refactor"])
        assert (action.title, action.kind) == ("Rename x to total (p = 0.50, js)", lsp.CodeActionKind.RefactorRewrite)
        if editor == "visual_studio_code":  # it said that it knows versioned edits
            [changed] = action.edit.document_changes
            assert (changed.text_document.uri, changed.text_document.version) == (URI, 3)
            edits = changed.edits
        else:
            edits = action.edit.changes[URI]
        assert [(str(e.range), e.new_text) for e in edits] == [("0:4-0:5", "total"), ("1:4-1:5", "total")]
        assert await actions(client, 1, 0) == []
        assert await actions(client, 1, 4, only=["quickfix"]) == []
        client.set_configuration({"learnsys": {"naming": False}})
        client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
        for _ in range(100):
            if not (found := await actions(client, 1, 4)):
                break
            await asyncio.sleep(0.05)
        assert found == []


async def test_an_editor_that_knows_no_literal_actions_gets_none():
    async with connected(lsp.ClientCapabilities()) as client:
        open_text(client, "let x = 1; // x: total")
        assert await actions(client, 0, 4) is None


async def test_unusual_code_is_marked_when_wanted_and_mended():
    async with connected("visual_studio_code") as client:
        open_text(client, "is(odd)")
        client.set_configuration({"learnsys": {"unusual": True}})
        client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
        await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        [mark] = client.diagnostics[URI]
        assert (str(mark.range), mark.message) == ("0:3-0:6", "odd is unusual here: even is 40 times likelier")
        [action] = await actions(client, 0, 4, only=["quickfix"])
        assert action.title == "Replace odd by even"
        assert [e.new_text for e in action.edit.document_changes[0].edits] == ["even"]
        edit(client, 2, (0, 3, 0, 6, "even"))
        assert await actions(client, 0, 4, only=["quickfix"]) == []
        await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        assert client.diagnostics[URI] == ()
        edit(client, 3, (0, 3, 0, 7, "odd"))
        await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(URI)))
        await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        assert client.diagnostics[URI] == ()


async def test_the_list_of_another_server_is_put_in_order(client):
    open_text(client, "use(join, join, zip); a.")
    asked = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 24}}
    labels = ["at(index)", "zip", "join(sep)"]
    found = await client.protocol.send_request_async("learnsys/rerank", {**asked, "candidates": labels})
    assert [(item.text, item.detail) for item in found.items] == [
        ("join(sep)", "copy, line 1"),
        ("zip", "copy, line 1"),
        ("at(index)", ""),
    ]
    for bad in ({}, asked, {**asked, "candidates": 3}, {**asked, "position": {"line": "x"}, "candidates": []}):
        with pytest.raises(JsonRpcInvalidParams):
            await client.protocol.send_request_async("learnsys/rerank", bad)
